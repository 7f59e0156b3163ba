"""The planner's brakes and suppressions: what an operator paused or suppressed is not written."""

from dataclasses import replace

import pytest

from state.brake_facts import Brake
from state.facts import PersonFacts, Standing
from tests.worker.builders import (
    NOW,
    POLICY,
    a_work,
    an_employment,
    facts,
    intent,
    published,
    reasons_of,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning.plan import plan

OTHER = a_work("10.1/1", "Kiwi")
EVERYTHING, WORKS, REPOSITORY = Brake(), Brake(section="work"), Brake(source="/repository")
KEPT_BACK = [
    pytest.param(facts(wanted()), id="to be added"),
    pytest.param(facts(wanted("1"), wanted("2", a_work("10.1/2"))), id="to be added together"),
    pytest.param(facts(wanted(), published(document=OTHER)), id="to be changed"),
    pytest.param(facts(withdrawn(), published()), id="to be removed"),
    pytest.param(facts(wanted(), intent()), id="a POST in doubt"),
]


@pytest.mark.parametrize("of", KEPT_BACK)
@pytest.mark.parametrize(
    ("brake", "why"),
    [
        pytest.param(EVERYTHING, "paused by an operator: everything (orcid-sync resume)", id="everything"),
        pytest.param(WORKS, "paused by an operator: section work (orcid-sync resume --section work)", id="section"),
        pytest.param(
            REPOSITORY,
            "paused by an operator: source /repository (orcid-sync resume --source /repository)",
            id="source",
        ),
    ],
)
def test_what_is_paused_waits_and_says_how_to_go_on(of: PersonFacts, brake: Brake, why: str) -> None:
    """Whatever call it needs."""
    made = plan(replace(of, brakes=(brake,)), POLICY, NOW)

    assert made.calls == ()
    assert set(states_of(made).values()) == {"waiting"}
    assert set(reasons_of(made).values()) == {why}


def test_looking_goes_on_while_only_a_source_is_paused() -> None:
    """A list writes nothing, and it may serve others."""
    of = facts(wanted(), published(standing=Standing.MISSING))

    assert steps_of(plan(replace(of, brakes=(REPOSITORY,)), POLICY, NOW)) == ["list work"]
    assert steps_of(plan(replace(of, brakes=(WORKS,)), POLICY, NOW)) == []


def test_what_is_in_sync_stays_so() -> None:
    """A brake changes nothing about what needs no call."""
    made = plan(replace(facts(wanted(), published()), brakes=(EVERYTHING,)), POLICY, NOW)

    assert (made.calls, states_of(made)) == ((), {"1": "in_sync"})


def test_what_a_brake_does_not_name_goes_on() -> None:
    """Of other sources and sections."""
    of = facts(wanted("1"), wanted("2", an_employment(), source="/hr"))

    assert steps_of(plan(replace(of, brakes=(REPOSITORY,)), POLICY, NOW)) == ["add 2"]
    assert steps_of(plan(replace(of, brakes=(Brake(section="employment"),)), POLICY, NOW)) == ["add 1"]


SUPPRESSED = [
    pytest.param(facts(wanted()), [], ["remove 7"][:0], id="nothing stands"),
    pytest.param(facts(wanted(), published()), [], ["remove 7"], id="it stands"),
    pytest.param(facts(wanted(), published(document=OTHER)), [], ["remove 7"], id="it stands otherwise"),
]


@pytest.mark.parametrize(("of", "frozen", "taken_off"), SUPPRESSED)
def test_what_is_suppressed_is_never_written(of: PersonFacts, frozen: list[str], taken_off: list[str]) -> None:
    """What stands stays as it is, and the item is settled; or it is taken off."""
    record = of.wanted[0].key.record
    kept = plan(replace(of, suppressed={record: False}), POLICY, NOW)

    assert (steps_of(kept), states_of(kept)) == (frozen, {"1": "in_sync"})
    assert reasons_of(kept)["1"] == "suppressed by an operator (orcid-sync unsuppress takes it back)"
    assert steps_of(plan(replace(of, suppressed={record: True}), POLICY, NOW)) == taken_off


def test_a_suppression_is_of_one_record() -> None:
    """Another one of the person's goes out."""
    of = facts(wanted("1"), wanted("2", a_work("10.1/2")))

    assert steps_of(plan(replace(of, suppressed={of.wanted[0].key.record: False}), POLICY, NOW)) == ["add 2"]
