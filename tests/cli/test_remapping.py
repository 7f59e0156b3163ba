"""A mapping file that was corrected: what it concerns changes, from the store, and nothing else."""

import os
import pty
import subprocess
from pathlib import Path

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import COMMAND, Institution

BEFORE = """
[organization]
name = "Example University"
city = "Boston"
country = "US"
ror = "https://ror.org/05gvnxz63"

[units.PHYS]
department = "Phisics"

[units.CHEM]
department = "Chemistry"
"""


def test_a_mapping_fix_and_remap_change_what_they_should_and_nothing_else(institution: Institution) -> None:
    """A department's name was wrong, a work type unknown: one PUT, one POST, the rest stays untouched."""
    mapping = Path(institution.folder) / "mapping.toml"
    mapping.write_text(BEFORE)
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    institution.permit(1, 2)
    lacking = {"organization": None, "department": None}
    log = institution.log(
        "all.jsonl",
        events.affiliation(person_id(1), "A-1", unit="PHYS", **lacking),
        events.affiliation(person_id(2), "A-2", unit="CHEM", **lacking),
        events.affiliation(person_id(2), "A-3"),
        events.publication(person_id(1), "W-1", "10.5555/one"),
        events.publication(person_id(2), "W-2", "10.5555/two", type="Zeitungsartikel"),
    )
    first = institution.json("replay", log, code=3)
    assert (first["items"]["in_sync"], first["items"]["refused"]) == (4, 1)
    untouched = {item.put_code: item for item in institution.control.record(institution.orcid(2)).items}

    mapping.write_text(BEFORE.replace("Phisics", "Physics") + '\n[work_types]\nZeitungsartikel = "newspaper-article"\n')
    institution.control.reset_statistics()
    remapped = institution.run("remap")
    assert remapped.returncode == 0, remapped.stderr
    assert institution.control.statistics().requests == {}
    summary = institution.json("sync")

    assert summary["calls"] == {"POST": 1, "POST_BULK": 0, "PUT": 1, "DELETE": 0, "GET": 0}
    assert summary["items"]["in_sync"] == 5
    there = {item.put_code: item for item in institution.control.record(institution.orcid(2)).items}
    assert {code: there[code] for code in untouched} == untouched
    fixed = institution.control.record(institution.orcid(1)).section("employment")[0].document
    assert fixed["department-name"] == "Physics"


def test_a_changed_mapping_file_maps_again_at_the_start_of_any_run(institution: Institution) -> None:
    """Without `remap`, the next `sync` sees that the file changed."""
    mapping = Path(institution.folder) / "mapping.toml"
    mapping.write_text(BEFORE)
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    institution.permit(1)
    work = events.affiliation(person_id(1), "A-1", unit="PHYS", organization=None, department=None)
    institution.json("replay", institution.log("a.jsonl", work))
    mapping.write_text(BEFORE.replace("Phisics", "Physics"))

    summary = institution.json("sync")

    assert summary["calls"]["PUT"] == sum(summary["calls"].values()) == 1


def test_a_section_that_is_off_is_left_as_it_stands(institution: Institution) -> None:
    """What is there stays, what is new waits and says so; switched on again, it goes out."""
    mapping = Path(institution.folder) / "mapping.toml"
    mapping.write_text("")
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", events.person(person_id(1), "P-1", keywords=["kelp"])))
    mapping.write_text("[sections.keywords]\nenabled = false\n")

    fewer = events.changed(events.person(person_id(1), "P-1"), sequence=2, keywords=["tides"])
    off = institution.json("replay", institution.log("b.jsonl", fewer), code=3)
    assert sum(off["calls"].values()) == 0
    assert off["items"]["waiting"] >= 1
    mapping.write_text("")
    on = institution.json("sync")

    assert on["calls"] == {"POST": 1, "POST_BULK": 0, "PUT": 0, "DELETE": 1, "GET": 0}


def test_on_a_terminal_it_tells_how_far_the_mapping_is(institution: Institution) -> None:
    """In a line that is there only while it lasts."""
    mapping = Path(institution.folder) / "mapping.toml"
    mapping.write_text(BEFORE)
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    institution.permit(1)
    log = institution.log("all.jsonl", *(events.affiliation(person_id(1), f"A-{n}", unit="PHYS") for n in range(3)))
    institution.run("replay", "--no-send", log)
    mapping.write_text(BEFORE.replace("Phisics", "Physics"))
    ours, theirs = pty.openpty()

    with os.fdopen(ours, "rb", buffering=0) as terminal:
        command = (COMMAND, "remap")
        ended = subprocess.run(
            command, env=institution.environ(), stdout=theirs, stderr=theirs, check=False, timeout=60
        )
        os.close(theirs)
        told = terminal.read(65536).decode()

    assert ended.returncode == 0, told
    assert "mapping anew: 3 source records" in told
    assert "3 source records mapped again" in told
