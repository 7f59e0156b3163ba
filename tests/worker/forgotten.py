"""People to be forgotten, and where anything is still held of them."""

from typing import Any

from mappers.mapping_file import parse_mapping
from mappers.wanted import SourceKey
from state.sqlite.store import SqliteStore
from state.store import Store
from tests.worker.builders import NOW
from tests.worker.messages import a_publication, an_event, of_file
from worker.intake.intake import Intake, Tempo
from worker.people.forgetting import begin_forgetting, erase_if_done, hindrances
from worker.ports import Batch

SOFIA, TUI, ANN = "E-sofia-1024", "E-tui-2048", "E-ann-4096"
PEOPLE = (SOFIA, TUI, ANN)
PAPER = SourceKey("/repository", "publication", "1")


def take(store: Store, *events: bytes) -> list[str]:
    """Takes events of a log; returns what became of each kind."""
    messages = [of_file(event, line) for line, event in enumerate(events, start=1)]
    taken = Intake(store, parse_mapping(""), Tempo(0.0, 0.0)).take(Batch(messages), NOW)
    return sorted(result for (_, result), number in taken.events.items() for _ in range(number))


def about(person: str, subject: str = "P-1", kind: str = "hr.person.changed", **data: Any) -> bytes:
    """An event about one person."""
    said = {"person": {"id": person}, "name": "Sofia Garcia", "keywords": ["turbulence"], **data}
    return an_event(said, type=kind, source="/hr", subject=subject)


def a_paper(*people: str, **data: Any) -> dict[str, Any]:
    """The data of a publication; what it prints of its authors is no id of ours."""
    printed = {SOFIA: "Garcia, S.", TUI: "Kea, T.", ANN: "Guest, A."}
    return a_publication(contributors=[{"person": {"id": one}, "name": printed[one]} for one in people], **data)


def rows(store: Store) -> dict[str, list[Any]]:
    """Everything in every table, what is sealed aside."""
    assert isinstance(store, SqliteStore)
    engine = store._engine
    tables = [row["name"] for row in engine.run("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: [dict(row) for row in engine.run(f"SELECT * FROM {table}")] for table in tables}  # noqa: S608


def held(store: Store, *words: str) -> list[str]:
    """Where in the state any of these words stands, dead letters' bytes included."""
    found = [
        f"{table}.{column}"
        for table, lines in rows(store).items()
        for line in lines
        for column, value in line.items()
        if any(word in str(value) for word in words)
    ]
    return found + [
        f"letter {one.id}" for one in store.letters.all() if any(word.encode() in one.envelope for word in words)
    ]


def forget(store: Store, person: str) -> None:
    """To the end, as far as it needs no call."""
    kept_under = begin_forgetting(store, person, remove_items=False, now=NOW)
    for token in store.tokens.of_person(kept_under):
        store.tokens.drop(token.mark)  # as it is when ORCID has revoked it
    assert hindrances(store, kept_under) == ()
    assert erase_if_done(store, kept_under)
