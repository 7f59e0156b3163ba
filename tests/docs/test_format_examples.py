"""deploy/examples with formats: each log, run as its README says, becomes exactly these items."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mappers.documents import Affiliation, Work
from mappers.documents import load as load_document
from mappers.events import expressions
from mappers.events.messages import Message, Place
from mappers.events.record_event import RecordEvent
from mappers.mapping import map_record
from mappers.mapping_file import parse_mapping
from mappers.parsing import parse
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.docs import readme
from worker.intake.intake import Intake, Tempo
from worker.sources.logs import LogSource

NAMES = ("debezium", "crossref", "csl-json")
NOW = 1_780_000_000.0
COMMAND = Path(sys.executable).parent / "orcid-sync"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: NOW)
    yield made
    made.close()


def told(store: Store, name: str) -> list[str]:
    """What the example's log becomes: each item that is wanted, in one line."""
    folder = readme.EXAMPLES / name
    mapping = parse_mapping((folder / "mapping.toml").read_text("utf-8"))
    source = LogSource([str(folder / "log.jsonl")])
    taken = Intake(store, mapping, Tempo(0.0, 0.0)).take(source.poll(100, 0.0), NOW)
    source.close()
    assert taken.letters == []
    keys = [one.key for person in store.items.persons() for one in store.items.facts(person).wanted if one.digest]
    assert all(not one.refusal for person in store.items.persons() for one in store.items.facts(person).wanted)
    documents = store.items.documents(keys)
    return sorted(f"{key.person} {key.section} {_content(documents[key][1])}" for key in keys)


def _content(text: str) -> str:
    document = load_document(text)
    if isinstance(document, Affiliation):
        name, department = document.organization.name, document.department_name
        return f"{document.role_title}, {department}, {name}: {document.start_date} to {document.end_date}"
    assert isinstance(document, Work)
    ids = " ".join(f"{one.identity}={one.relationship}" for one in document.external_ids)
    names = "; ".join(f"{one.name}{' ' if one.orcid else ''}{one.orcid or ''}" for one in document.contributors)
    said = (
        document.subtitle,
        document.short_description,
        document.journal_title,
        document.publication_date,
        document.language_code,
    )
    return " | ".join((document.title, document.type, *(str(one) for one in said if one), ids, names))


def test_debezium_rows_become_affiliations(store: Store) -> None:
    """Days since 1970 become dates, padded ids people, a deleted row nothing; the newest row of each counts."""
    assert told(store, "debezium") == [
        "E1024 employment Research Fellow, Oceanography, Coastal Research Institute: 2016-01-01 to 2019-08-31",
        "E1024 employment Senior Lecturer, Department of Physics, Example University: 2019-09-01 to None",
        "E2048 invited-position Visiting Professor, None, Example University: 2026-01-01 to None",
    ]


def test_crossref_works_become_works_of_our_people(store: Store) -> None:
    """On the records of those that the institution named; only iDs that their owners confirmed are kept."""
    article = (
        "Tidal mixing at the edge of a shelf sea | journal-article | Abstract Microstructure profiles from ten winters"
        " & summers. | Journal of Marine Examples | 2025-04-17 | en"
        " | doi:10.5555/shelf.2025.014=self issn:2049-3630=part-of issn:2049-3649=part-of"
        " | Garcia, Sofia 0000-0002-1825-0097; O'Neill, Aoife; Shelf Sea Consortium"
    )
    chapter = (
        "Examples from the Wadden Sea | book-chapter | A field guide | Coasts of the North Sea | 2024-11"
        " | doi:10.5555/coast.2024.003=self isbn:9783161484100=part-of | Garcia, Sofia"
    )
    assert told(store, "crossref") == [f"E1024 work {chapter}", f"E1024 work {article}", f"E2048 work {article}"]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param({"editor": [{"family": "Garcia", "given": "S.", "person": "E1024"}]}, ["editor"], id="edited"),
        pytest.param({}, [], id="of-nobody"),
    ],
)
def test_a_crossref_work_without_authors_is_one_too(people: dict[str, object], expected: list[str]) -> None:
    """Edited books name their editors, journal issues nobody: neither is a dead letter."""
    mapping = parse_mapping((readme.EXAMPLES / "crossref" / "mapping.toml").read_text("utf-8"))
    work = {"DOI": "10.5555/book", "type": "book", "title": ["A book"], "indexed": {"timestamp": 1}} | people
    event = parse(Message(Place("log.jsonl", 1), json.dumps(work).encode()), NOW, mapping.source_formats)

    assert isinstance(event, RecordEvent), event
    documents = [one.document for one in map_record(event.record, event.data or {}, mapping)]
    assert [one.role for work in documents if isinstance(work, Work) for one in work.contributors] == expected


def test_csl_references_become_works_of_our_people(store: Store) -> None:
    """Authors as printed, our people by the list beside them; what was withdrawn is not wanted."""
    article = (
        "Tidal mixing at the edge of a shelf sea | journal-article | Journal of Marine Examples | 2025-04-17 | en"
        " | doi:10.5555/shelf.2025.014=self issn:2049-3630=part-of issn:2049-3649=part-of"
        " | Garcia, Sofia; O'Neill, Aoife"
    )
    assert told(store, "csl-json") == [
        "E1024 work Mixing in stratified shelf seas | dissertation-thesis | 2013 |  | Garcia, Sofia",
        f"E1024 work {article}",
        f"E2048 work {article}",
    ]


def test_the_functions_are_listed() -> None:
    """In the order of the code, each with what it is given."""
    text = (readme.EXAMPLES / "debezium" / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+\(.*?\))` \|", text, re.MULTILINE)

    assert listed == re.findall(r"^`(\w+\(.*?\))`", expressions.__doc__ or "", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs_as_its_readme_says(name: str, tmp_path: Path) -> None:
    """Its lines, typed one after the other; and the number of items that it promises waits."""
    (tmp_path / "deploy").symlink_to(readme.ROOT / "deploy")
    text = (readme.EXAMPLES / name / "README.md").read_text("utf-8")
    (script,) = readme.blocks("sh", text)
    script = "\n".join(line for line in script.splitlines() if "VAULT_KEYS" not in line)

    ran = subprocess.run(
        ["bash", "-eu", "-c", script + "\norcid-sync status --json"],
        env={"PATH": f"{COMMAND.parent}:{os.environ['PATH']}", "ORCID_SYNC_VAULT_KEYS": new_key()},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr.decode()
    status = json.loads(ran.stdout.decode().splitlines()[-1])
    assert status["dead_letters"] == 0
    assert {state: number for state, number in status["items"].items() if number} == {"waiting": 3}
    assert "become three items" in text
