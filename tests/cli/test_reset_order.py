"""`source reset-order`: a source whose order began anew is taken again, and no old log revives what was removed."""

from typing import Any

from tests.benchmarks.institution import affiliation_event
from tests.cli.conftest import Institution

BEFORE, AFTER = "2026-03-01T09:00:00Z", "2999-01-01T00:00:00Z"


def _event(person: int, sequence: int, title: str, time: str = BEFORE) -> dict[str, Any]:
    return affiliation_event(person, sequence=sequence, title=title) | {"time": time}


def _removed(person: int, sequence: int) -> dict[str, Any]:
    return _event(person, sequence, "") | {"type": "hr.affiliation.removed", "data": {}}


def test_the_next_event_of_each_record_counts_whatever_its_version(institution: Institution) -> None:
    """Before, a lower sequence is superseded; from then on the new order counts."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", _event(1, 900, "Lecturer")))
    late = institution.json("replay", institution.log("b.jsonl", _event(1, 2, "Reader")))
    reset = institution.json("source", "reset-order", "/hr")

    taken = institution.json("replay", institution.log("c.jsonl", _event(1, 3, "Professor")))
    older = institution.json("replay", institution.log("d.jsonl", _event(1, 1, "Student")))

    assert (sum(late["calls"].values()), reset) == (0, {"source": "/hr", "records": 1})
    assert (taken["calls"]["PUT"], institution.titles(1)) == (1, ["Professor"])
    assert sum(older["calls"].values()) == 0


def test_a_removed_record_stays_removed_until_a_newer_word(institution: Institution) -> None:
    """A log from before the migration revives nobody; what the source says since does."""
    institution.permit(1)
    old = institution.log("a.jsonl", _event(1, 900, "Lecturer"))
    institution.json("replay", old, institution.log("b.jsonl", _removed(1, 901)))
    told = institution.run("source", "reset-order", "/hr").stdout.decode()

    institution.json("replay", old)
    found = institution.titles(1)
    institution.json("replay", institution.log("c.jsonl", _event(1, 1, "Reader", AFTER)))

    assert "but one that was removed stays removed until a newer word" in told
    assert "newer word" in institution.run("source", "reset-order", "--help").stdout.decode()
    assert found == []
    assert institution.titles(1) == ["Reader"]


def test_a_source_may_be_ordered_otherwise_from_then_on(institution: Institution) -> None:
    """By time, when it sends no sequence any more."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", _event(1, 900, "Lecturer")))
    by_time = {name: value for name, value in _event(1, 1, "Reader").items() if name != "sequence"}
    institution.json("replay", institution.log("b.jsonl", by_time), code=3)
    institution.json("source", "reset-order", "/hr")

    synced = institution.json("dead-letters", "retry")
    institution.json("sync")

    assert (synced["taken"], institution.titles(1)) == (1, ["Reader"])
    assert "version" in institution.run("explain", "/hr", "APPT-1").stdout.decode()


def test_an_unknown_source_is_an_error(institution: Institution) -> None:
    """A mistyped name resets nothing."""
    ran = institution.run("source", "reset-order", "/nowhere")

    assert (ran.returncode, b"/nowhere" in ran.stderr) == (1, True)
