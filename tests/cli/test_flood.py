"""The flood stop: a log of somebody else's messages is not emptied into dead letters."""

from typing import Any

from tests.benchmarks.institution import affiliation_event
from tests.cli.conftest import Institution


def _foreign(number: int) -> dict[str, Any]:
    return affiliation_event(number) | {"id": f"w{number}", "type": "weather.changed", "subject": f"W{number}"}


def test_a_log_of_foreign_messages_is_refused_in_one_line(institution: Institution) -> None:
    """The batch that shows it is not applied; what came before it stays, and the line says what to do."""
    institution.permit(1)
    log = institution.log("weather.jsonl", *map(_foreign, range(500)), affiliation_event(1))

    ran = institution.run("replay", log)

    (line,) = [one for one in ran.stderr.decode().splitlines() if one.startswith("orcid-sync:")]
    assert ran.returncode == 1
    assert "the rule unknown-type" in line
    assert "from weather.jsonl:1 on" in line
    assert "orcid-sync approve flood" in line
    assert institution.json("status")["dead_letters"] == 0
    assert institution.titles(1) == []


def test_an_approved_flood_is_taken_once(institution: Institution) -> None:
    """Everything of that log; the same log again is known, and another one stops again."""
    institution.permit(1)
    log = institution.log("weather.jsonl", *map(_foreign, range(500)), affiliation_event(1))
    assert institution.run("approve", "flood").returncode == 0

    first = institution.json("replay", log, code=3)
    again = institution.json("replay", log, code=3)
    other = institution.run("replay", institution.log("more.jsonl", *map(_foreign, range(1000, 1500))))

    assert (first["dead_letters"], institution.titles(1)) == (500, ["Lecturer"])
    assert (again["dead_letters"], sum(again["calls"].values())) == (500, 0)
    assert other.returncode == 1


def test_half_of_the_events_may_be_bad(institution: Institution) -> None:
    """That is no flood: they are dead letters, and the others are taken."""
    pairs = [event for number in range(150) for event in (affiliation_event(number), _foreign(number))]

    ran = institution.json("replay", institution.log("a.jsonl", *pairs), code=3)

    assert (ran["dead_letters"], ran["items"]["waiting"]) == (150, 150)
