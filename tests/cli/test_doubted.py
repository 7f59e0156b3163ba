"""The verdict breaker as operators see it: sending stops, says why, and goes on by itself or by their word."""

import pytest

from tests.benchmarks.institution import work_event
from tests.cli.conftest import Institution

PEOPLE = range(1, 15)


@pytest.fixture
def doubted(institution: Institution) -> Institution:
    """ORCID said of all our people, one after the other, that they deactivated their records."""
    institution.permit(*PEOPLE)
    for person in PEOPLE:
        institution.control.set_state(institution.orcid(person), "deactivated")
    log = institution.log("a.jsonl", *[work_event(person, 0) for person in PEOPLE])
    ran = institution.run("replay", log, "--wait", "1")
    assert ran.returncode == 3
    assert "sending stopped: " in ran.stdout.decode() + ran.stderr.decode()
    return institution


def test_it_is_told_wherever_an_operator_looks(doubted: Institution) -> None:
    """Status, what is held; in the same words, which name what to do."""
    status = doubted.json("status")["sending_stopped"]
    told = doubted.run("status").stdout.decode()
    (row,) = doubted.json("held", "list")["held"]

    assert status["cause"] == "verdicts"
    assert "have a record that takes no writes: perhaps it is not about them" in status["why"]
    assert row["id"] == "verdicts-suspended"
    assert row["reason"] == status["why"]
    assert "orcid-sync reject verdicts-suspended" in row["reason"]
    assert f"sending is stopped: {status['why']}" in told


def test_it_goes_on_by_itself_when_it_was_a_mistake(doubted: Institution) -> None:
    """The next run tries one of them again, and then sends everything."""
    for person in PEOPLE:
        doubted.control.set_state(doubted.orcid(person), "normal")
    told = doubted.json("sync")

    assert told["items"]["in_sync"] == len(PEOPLE)
    assert doubted.json("held", "list")["held"] == []
    assert doubted.json("status")["sending_stopped"] is None


def test_an_operator_may_believe_it(doubted: Institution) -> None:
    """Then sending goes on for whoever else there is, and those people wait."""
    ran = doubted.run("approve", "verdicts-suspended")
    doubted.permit(20)
    told = doubted.json("replay", doubted.log("b.jsonl", work_event(20, 0)), "--wait", "1", code=3)

    assert ran.stdout.decode() == "approved: verdicts-suspended\n"
    assert told["items"]["in_sync"] == 1
    assert told["items"]["waiting"] == len(PEOPLE)


def test_a_wrong_approval_is_taken_back(doubted: Institution) -> None:
    """Within ten minutes; how many people it was about is told."""
    doubted.run("approve", "verdicts-suspended")
    for person in PEOPLE:
        doubted.control.set_state(doubted.orcid(person), "normal")
    believed = doubted.json("sync", code=3)["items"]["waiting"]
    ran = doubted.run("reject", "verdicts-suspended")
    told = doubted.json("sync")

    assert believed == len(PEOPLE)
    assert ran.stdout.decode().startswith("rejected: verdicts-suspended: taken back for 1")
    assert told["items"]["in_sync"] == len(PEOPLE)
    again = doubted.run("reject", "verdicts-suspended")
    assert again.returncode == 1
    assert b"nothing is held as verdicts-suspended" in again.stderr
