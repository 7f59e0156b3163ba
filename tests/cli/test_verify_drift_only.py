"""`verify --drift-only`: an exit code for who watches records, whatever waits for a permission."""

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution


@pytest.fixture
def half(institution: Institution) -> Institution:
    """One person's employment stands; another has given no permission."""
    institution.permit(1)
    said = [events.affiliation(person_id(number), f"A-{number}") for number in (1, 2)]
    institution.json("replay", institution.log("one.jsonl", *said), code=3)
    return institution


def test_what_waits_is_no_drift(half: Institution) -> None:
    """What is told is the same; the exit code is 3 without the option."""
    told = half.json("verify", "--drift-only", code=0)

    assert told == half.json("verify", code=3)
    assert (told["people"], told["differences"], told["skipped"]) == (1, [], [])


def test_what_differs_is_drift(half: Institution) -> None:
    """Until it is set right."""
    (item,) = half.control.record(half.orcid(1)).items
    half.control.remove_as_researcher(half.orcid(1), item.put_code)

    found = half.json("verify", "--drift-only", code=3)
    half.json("verify", "--drift-only", "--repair", code=0)

    assert [row["kind"] for row in found["differences"]] == ["gone"]
    assert half.json("verify", "--drift-only", code=0)["differences"] == []


def test_a_record_that_cannot_be_read_may_have_drifted(half: Institution) -> None:
    """It is told who, and the exit code is 3."""
    half.control.set_state(half.orcid(1), "locked")

    told = half.json("verify", "--drift-only", code=3)

    assert len(told["skipped"]) + told["unread"] == 1


def test_whom_we_may_not_look_at_any_more_has_not_drifted(half: Institution) -> None:
    """A permission that was revoked is told, and would fail each check from then on."""
    half.control.revoke_as_researcher(half.orcid(1))

    told = half.json("verify", "--drift-only", code=0)  # that is how we find out
    half.run("permission", "revoke", person_id(1))

    assert [(row["person"], row["closed"]) for row in told["skipped"]] == [(person_id(1), True)]
    assert [row["person"] for row in half.json("verify", "--drift-only", code=0)["skipped"]] == [person_id(1)]
    assert [row["person"] for row in half.json("verify", code=3)["skipped"]] == [person_id(1)]
