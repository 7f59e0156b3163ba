"""`verify --drift-only`: an exit code for who watches records, whatever waits for a permission."""

from contextlib import closing
from typing import Any

import pytest

from state.job_facts import JobState
from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from tests.cli.test_verify import noted_drift
from tests.jobs.test_foreman import until
from worker.jobs.foreman import Foreman
from worker.settings.settings import load_settings
from worker.verifying.verifying import MANY
from worker.watching.tally import Tally
from worker.wiring import open_store

PEOPLE = (1, 2, 3)


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


@pytest.fixture
def three(institution: Institution) -> Institution:
    """Something of each of PEOPLE stands, and somebody changed one of them behind our back: it is noted."""
    institution.permit(*PEOPLE)
    said = [events.affiliation(person_id(number), f"A-{number}") for number in PEOPLE]
    institution.json("replay", institution.log("all.jsonl", *said))
    (item,) = institution.control.record(institution.orcid(1)).items
    institution.control.edit_as_researcher(institution.orcid(1), item.put_code, document={"role-title": "Else"})
    assert institution.json("verify", "--drift-only", code=3)["people"] == len(PEOPLE)
    assert noted_drift(institution) == "1"
    return institution


def test_orcid_that_refuses_everybody_at_once_is_no_word_on_anybody(three: Institution) -> None:
    """Other credentials, or a fault of ORCID's: told in a line, also to machines; what was noted stays."""
    for person in PEOPLE:
        three.control.revoke_as_researcher(three.orcid(person))

    ran = three.run("verify", "--drift-only")
    told = three.json("verify", "--drift-only", code=3)

    assert (told["people"], len(told["skipped"])) == (0, len(PEOPLE))
    assert "ORCID refuses to show the records of 3 of 3 people" in told["refused"]
    assert (ran.returncode, told["refused"] in ran.stdout.decode()) == (3, True)
    assert noted_drift(three) == "1"


def test_more_than_a_few_more_at_once_are_no_word_on_them_either(institution: Institution) -> None:
    """Others were let through. As many who revoke one after the other, with no call that finds it out, are believed."""
    people = range(1, 2 * MANY + 5)
    institution.permit(*people)

    def look(*revoking: int, code: int = 0) -> dict[str, Any]:
        for person in revoking:
            institution.control.revoke_as_researcher(institution.orcid(person))
        return institution.json("verify", "--drift-only", code=code)

    told = [look(*people[:MANY]), look(people[MANY])]
    after = look(*people[MANY + 1 : 2 * MANY + 2], code=3)

    assert [(one["people"], one["refused"]) for one in told] == [(MANY + 4, ""), (MANY + 3, "")]
    assert (after["people"], f"{2 * MANY + 2} of {2 * MANY + 4} people" in after["refused"]) == (2, True)
    assert f"of {MANY + 1} at the last look" in after["refused"]
    assert look(code=3)["refused"] == after["refused"]


def test_where_all_revoke_one_after_the_other_nothing_drifts(three: Institution) -> None:
    """The last difference has gone with the permission to see it."""
    looks: list[tuple[int, int]] = []
    for person in PEOPLE:
        three.control.revoke_as_researcher(three.orcid(person))
        told = three.json("verify", "--drift-only")
        looks.append((told["people"], len(told["skipped"])))

    assert (looks, noted_drift(three)) == ([(2, 1), (1, 2), (0, 3)], "0")


def test_a_check_of_the_daemons_own_fails_by_it(three: Institution) -> None:
    """So that whoever is told of failed jobs hears of it, though nothing is known to have drifted."""
    three.json("job", "add", "verify")
    for person in PEOPLE:
        three.control.revoke_as_researcher(three.orcid(person))
    settings = load_settings(three.environ())
    with closing(open_store(settings)) as store, Foreman(settings, store, Tally()) as foreman:
        until(lambda: store.jobs.counts(0.0).get(JobState.FAILED) == 1, foreman.tend)

    job = three.json("job", "show", "1")
    assert (job["state"], job["exit_code"]) == ("failed", 3)
    assert job["failure"] == job["result"]["refused"]
    assert "3 of 3 people" in job["failure"]


def test_who_was_known_to_be_without_permission_is_not_counted_among_them(three: Institution) -> None:
    """They would fail each check from then on. The one that is left is looked at."""
    for person in PEOPLE[1:]:
        three.run("permission", "revoke", person_id(person))

    told = three.json("verify", "--repair", "--drift-only")

    assert [(row["person"], row["closed"], row["known"]) for row in told["skipped"]] == [
        (person_id(person), True, True) for person in PEOPLE[1:]
    ]
    assert (told["people"], told["refused"], noted_drift(three)) == (1, "", "0")


def test_a_look_at_everybody_that_could_read_nobody_notes_nothing(three: Institution) -> None:
    """Whatever ORCID answers instead."""
    three.control.fault("error:code=9008,method=GET")

    assert three.json("verify", "--drift-only", code=3)["people"] == 0
    assert noted_drift(three) == "1"
