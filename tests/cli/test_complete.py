"""`replay --complete`: what a whole export does not name is withdrawn, unless anything of the export went amiss."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from worker.sandbox.control_client import ItemOnRecord


def _job(number: int, sequence: int = 1, **data: Any) -> events.Event:
    job = events.affiliation(person_id(1), f"APPT-{number}", start_date=f"{2000 + number}-09-01", **data)
    return job | {"sequence": str(sequence), "id": f"{number}-{sequence}"}


def _items(institution: Institution, section: str) -> tuple[ItemOnRecord, ...]:
    return institution.control.record(institution.orcid(1)).section(section)


def _standing(institution: Institution) -> set[int]:
    return {item.put_code for item in institution.control.record(institution.orcid(1)).items}


@pytest.fixture
def employer(institution: Institution) -> Institution:
    """Four jobs and three facts about a person of /hr, and a work of /repository, on one record."""
    institution.permit(1)
    facts = events.person(person_id(1), "P-1", other_names=[], websites=[], identifiers=[], country=None)
    work = events.publication(person_id(1), "W-1", "10.5555/w.1")
    told = institution.json("replay", institution.log("first.jsonl", *(_job(one) for one in range(4)), facts, work))
    assert told["items"]["in_sync"] == 7
    return institution


def test_what_a_complete_export_does_not_name_is_withdrawn(employer: Institution) -> None:
    """Of that source: two jobs and the keywords go; another source's work stays; the same export again does nothing."""
    export = employer.log("export.jsonl", _job(0), _job(1, 2, role_title="Reader"))

    told = employer.json("replay", "--complete", "/hr", export)
    again = employer.json("replay", "--complete", "/hr", export)

    assert (told["calls"]["PUT"], told["calls"]["DELETE"], told["items"]["in_sync"]) == (1, 4, 3)
    assert sum(again["calls"].values()) == 0
    story = employer.run("explain", "/hr", "APPT-3").stdout.decode()
    assert "--complete /hr" in story


def test_one_entity_of_a_source_may_be_complete(employer: Institution) -> None:
    """Its jobs; what is known of people stays."""
    told = employer.json("replay", "--complete", "/hr/hr.affiliation", employer.log("export.jsonl", _job(0)))

    assert (told["calls"]["DELETE"], sum(told["calls"].values()), told["items"]["in_sync"]) == (3, 3, 4)


def test_a_record_that_comes_back_later_is_wanted_again(employer: Institution) -> None:
    """Its withdrawal took the version that it had: the same event does not revive it, a newer one does."""
    employer.json("replay", "--complete", "/hr/hr.affiliation", employer.log("export.jsonl", *map(_job, range(3))))

    same = employer.json("replay", employer.log("same.jsonl", _job(3)))
    newer = employer.json("replay", employer.log("newer.jsonl", _job(3, 2)))

    assert (sum(same["calls"].values()), newer["calls"]["POST"]) == (0, 1)


def test_that_nobody_says_any_more_who_left_brings_nobody_back(employer: Institution) -> None:
    """A departure is no record that an export lists: only `returned` ends it."""
    mapping = employer.folder / "mapping.toml"
    mapping.write_text('[leavers]\naction = "withdraw"\nsections = ["employment"]\n')
    employer.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    left = events.event("hr.person.left", "L-1", {"person": {"id": person_id(1)}}, source="/hr")
    assert employer.json("replay", employer.log("left.jsonl", left))["calls"]["DELETE"] == 4

    told = employer.json("replay", "--complete", "/hr", employer.log("export.jsonl", *(_job(one) for one in range(4))))

    assert (told["calls"]["POST"], _items(employer, "employment")) == (0, ())


def _empty(folder: Path) -> str:
    (folder / "export.jsonl").write_bytes(b"")
    return str(folder / "export.jsonl")


def _blank(folder: Path) -> str:
    (folder / "export.jsonl").write_bytes(b"\n \r\n")
    return str(folder / "export.jsonl")


def _cut_gzip(folder: Path) -> str:
    path = folder / "export.jsonl.gz"
    whole = gzip.compress(b"".join(_line(_job(one, 2, role_title="Reader")) for one in range(4)))
    path.write_bytes(whole[:-9])
    return str(path)


def _cut_line(folder: Path) -> str:
    path = folder / "export.jsonl"
    path.write_bytes(_line(_job(0, 2)) + _line(_job(1, 2))[:-40])
    return str(path)


def _bad_line(folder: Path) -> str:
    path = folder / "export.jsonl"
    bad = _job(1, 2) | {"type": "hr.affiliation.renamed"}
    path.write_bytes(_line(_job(0, 2, role_title="Reader")) + _line(bad))
    return str(path)


def _of_another_source(folder: Path) -> str:
    path = folder / "export.jsonl"
    path.write_bytes(_line(events.publication(person_id(1), "W-1", "10.5555/w.1")))
    return str(path)


def _line(event: events.Event) -> bytes:
    return json.dumps(event).encode() + b"\n"


@pytest.mark.parametrize(
    ("write", "why"),
    [
        pytest.param(_empty, "no event of it came", id="empty"),
        pytest.param(_blank, "no event of it came", id="blank lines"),
        pytest.param(_of_another_source, "no event of it came", id="nothing of that source"),
        pytest.param(_cut_gzip, "cannot be read on after line", id="cut in the middle of a compressed file"),
        pytest.param(_cut_line, "1 of the lines are dead letters", id="cut in the middle of a line"),
        pytest.param(_bad_line, "1 of the lines are dead letters", id="a line that is refused"),
    ],
)
def test_an_export_that_went_amiss_withdraws_nothing(employer: Institution, write: Any, why: str) -> None:
    """One clear line, and exit code 1; what was read of it is kept, and the next run sends it."""
    stood = _standing(employer)

    ran = employer.run("replay", "--complete", "/hr", write(employer.folder))

    assert ran.returncode == 1
    assert why in ran.stderr.decode().splitlines()[-1]
    employer.run("sync")
    assert _standing(employer) == stood
    assert employer.json("status")["items"]["in_sync"] == 7


@pytest.mark.parametrize(
    ("write", "first"),
    [
        pytest.param(_empty, True, id="empty, the first"),
        pytest.param(_empty, False, id="empty, the second"),
        pytest.param(_blank, False, id="blank lines"),
    ],
)
def test_a_part_of_an_export_that_is_empty_withdraws_nothing(employer: Institution, write: Any, *, first: bool) -> None:
    """Its export failed, whatever the other parts say; without --complete it is passed over."""
    stood = _standing(employer)
    good = employer.log("good.jsonl", _job(0, 2), _job(1, 2))
    bad = write(employer.folder)
    logs = (bad, good) if first else (good, bad)

    ran = employer.run("replay", "--complete", "/hr", *logs)

    assert ran.returncode == 1
    assert f"{bad}: no event of it came" in ran.stderr.decode().splitlines()[-1]
    employer.json("replay", *logs)
    assert _standing(employer) == stood


def test_what_was_read_of_a_refused_export_is_sent_by_the_next_run(employer: Institution) -> None:
    """The good lines say what they say."""
    employer.run("replay", "--complete", "/hr", _bad_line(employer.folder))

    assert employer.json("sync", code=3)["calls"]["PUT"] == 1
    roles = [item.document["role-title"] for item in _items(employer, "employment")]
    assert sorted(roles) == ["Lecturer", "Lecturer", "Lecturer", "Reader"]


def test_a_topic_is_never_all_that_a_source_has(institution: Institution) -> None:
    """It may have lost what it once had: wrong usage."""
    ran = institution.run("replay", "--from-kafka", "--complete", "/hr")

    assert ran.returncode == 2
    assert "--complete goes with event logs" in ran.stderr.decode()
