"""What the mapping file keeps off records: sections that are off, exclusions, people who left."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mappers.sections import Section
from state.facts import Departure, Method, Origin, PersonFacts, Standing
from tests.worker.builders import (
    NOW,
    PERSON,
    a_record,
    a_work,
    an_employment,
    facts,
    intent,
    published,
    reasons_of,
    refused,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Exclusion, Leaving, Policy

OTHER = a_work("10.1/1", "Kiwi")
OFF = Policy(switched_off=frozenset({Section.WORK}))
FREEZE, WITHDRAW = Policy(exclusions=(Exclusion(),)), Policy(exclusions=(Exclusion(withdraw=True),))
EXCLUDED = "excluded by the mapping file"


@pytest.mark.parametrize(
    ("of", "state"),
    [
        pytest.param(facts(wanted()), "waiting", id="to be added"),
        pytest.param(facts(wanted(), published(document=OTHER)), "waiting", id="to be changed"),
        pytest.param(facts(withdrawn(), published()), "waiting", id="to be removed"),
        pytest.param(facts(wanted(), intent()), "waiting", id="a POST in doubt"),
        pytest.param(facts(wanted(), published(standing=Standing.MISSING)), "waiting", id="to be looked for"),
        pytest.param(facts(wanted(), published()), "in_sync", id="in sync"),
    ],
)
def test_nothing_is_written_in_a_section_that_is_off(of: PersonFacts, state: str) -> None:
    """What is needed there waits; what stands as it is wanted is in sync."""
    made = plan(of, OFF, NOW)

    assert (made.calls, states_of(made)) == ((), {"1": state})
    assert reasons_of(made)["1"] == ("section work is off in the mapping file" if state == "waiting" else "")


def test_the_other_sections_go_on() -> None:
    """A section that is off holds up no other."""
    assert steps_of(plan(facts(wanted("1"), wanted("2", an_employment())), OFF, NOW)) == ["add 2"]


@pytest.mark.parametrize(
    ("of", "state"),
    [
        pytest.param(facts(wanted()), "waiting", id="to be added"),
        pytest.param(facts(wanted(), published(document=OTHER)), "waiting", id="to be changed"),
        pytest.param(facts(withdrawn(), published()), "waiting", id="to be removed"),
        pytest.param(facts(refused(), published()), "waiting", id="refused"),
        pytest.param(facts(wanted(), published()), "in_sync", id="in sync"),
    ],
)
def test_what_is_frozen_is_left_as_it_stands(of: PersonFacts, state: str) -> None:
    """No call, whatever its source says."""
    made = plan(of, FREEZE, NOW)

    assert (made.calls, states_of(made), reasons_of(made)) == ((), {"1": state}, {"1": EXCLUDED})


def test_what_became_of_a_post_is_found_out_first() -> None:
    """It is not sent again: lists tell."""
    made = plan(facts(wanted(), intent()), FREEZE, NOW)

    assert (steps_of(made), states_of(made)) == (["list work"], {"1": "in_doubt"})


def test_what_is_frozen_keeps_its_put_code_and_its_identifiers() -> None:
    """Another source's item with the same identifier neither takes it over nor is added beside it."""
    of = facts(wanted("1"), published(7, "1"), wanted("2", a_work("10.1/1", "Kiwi"), source="/library"))
    made = plan(of, Policy(exclusions=(Exclusion(sources=frozenset({"/repository"})),)), NOW)

    assert (made.calls, states_of(made)) == ((), {"1": "in_sync", "2": "waiting"})
    assert reasons_of(made)["2"] == "put-code 7 still carries doi:10.1/1 on the record"


def test_what_is_frozen_and_withdrawn_and_stands_nowhere_is_forgotten() -> None:
    """There is nothing left to be frozen."""
    assert steps_of(plan(facts(withdrawn()), FREEZE, NOW)) == ["forget 1"]


@pytest.mark.parametrize(
    ("of", "expected", "state"),
    [
        pytest.param(facts(wanted()), [], "in_sync", id="nothing stands: that is as it should be"),
        pytest.param(facts(wanted(), published()), ["remove 7"], "pending", id="it stands: removed"),
        pytest.param(facts(refused(), published()), ["remove 7"], "pending", id="refused, it stands: removed"),
        pytest.param(facts(wanted(), published(origin=Origin.ADOPTED)), [], "held", id="adopted: held"),
        pytest.param(facts(wanted(), intent()), ["list work"], "in_doubt", id="a POST in doubt: found out first"),
        pytest.param(facts(withdrawn()), ["forget 1"], None, id="withdrawn by its source too: forgotten"),
    ],
)
def test_what_is_excluded_may_be_taken_off(of: PersonFacts, expected: list[str], state: str | None) -> None:
    """As if its source wanted it no more; but it is not forgotten, for it may come back without an event."""
    made = plan(of, WITHDRAW, NOW)

    assert (steps_of(made), states_of(made).get("1")) == (expected, state)


def test_a_runner_up_takes_over_from_what_is_taken_off() -> None:
    """Under the same put-code."""
    of = facts(wanted("1"), published(7, "1"), wanted("2", OTHER, source="/library"))
    made = plan(of, Policy(exclusions=(Exclusion(sources=frozenset({"/repository"}), withdraw=True),)), NOW)

    assert steps_of(made) == ["update 7 with 2", "give 7 to 2"]
    assert states_of(made) == {"1": "in_sync", "2": "pending"}


@pytest.mark.parametrize(
    ("exclusion", "excluded"),
    [
        pytest.param(Exclusion(), "123", id="everything"),
        pytest.param(Exclusion(people=frozenset({PERSON})), "123", id="the person"),
        pytest.param(Exclusion(people=frozenset({"E1"})), "", id="another person"),
        pytest.param(Exclusion(sources=frozenset({"/library"})), "2", id="a source"),
        pytest.param(Exclusion(sections=frozenset({Section.EMPLOYMENT})), "3", id="a section"),
        pytest.param(
            Exclusion(sources=frozenset({"/library"}), sections=frozenset({Section.EMPLOYMENT})),
            "",
            id="a source and a section: what is of both",
        ),
    ],
)
def test_what_an_exclusion_fits(exclusion: Exclusion, excluded: str) -> None:
    """People, sources and sections, an empty set meaning all."""
    of = facts(wanted("1"), wanted("2", source="/library"), wanted("3", an_employment()))
    made = plan(of, Policy(exclusions=(exclusion,)), NOW)

    assert "".join(sorted(key for key, reason in reasons_of(made).items() if reason == EXCLUDED)) == excluded


def test_of_several_exclusions_the_first_counts() -> None:
    """As the mapping file has them."""
    policy = Policy(exclusions=(Exclusion(), Exclusion(withdraw=True)), leaving=Leaving(frozenset(Section)))

    assert steps_of(plan(left(facts(withdrawn(), published()), None), policy, NOW)) == []


DAY = 86_400.0
LEFT = datetime(2025, 6, 30, tzinfo=UTC).timestamp()
LEAVING = Leaving(frozenset({Section.EMPLOYMENT}), after_seconds=30 * DAY, withdraw=True)


def left(of: PersonFacts, *dates: str | None) -> PersonFacts:
    """The facts of somebody who left then, as so many sources say."""
    said = tuple(Departure(a_record(f"L{number}", "/hr"), PERSON, date) for number, date in enumerate(dates))
    return replace(of, departures=said)


JOB = facts(wanted("1", an_employment()), published(7, "1", an_employment()), wanted("2"), published(8, "2"))


@pytest.mark.parametrize(
    ("date", "gone_at"),
    [
        pytest.param("2025-06-30", LEFT + DAY, id="a day: when it is over"),
        pytest.param("2025-06", LEFT + DAY, id="a month: when it is over"),
        pytest.param("2025-12", datetime(2026, 1, 1, tzinfo=UTC).timestamp(), id="a December"),
        pytest.param("2025", datetime(2026, 1, 1, tzinfo=UTC).timestamp(), id="a year: when it is over"),
    ],
)
def test_who_left_is_gone_some_time_after_the_day(date: str, gone_at: float) -> None:
    """Until then nothing changes, and the plan wakes when it does; only in the sections given."""
    policy, of = Policy(leaving=LEAVING), left(JOB, date)
    takes_effect = gone_at + 30 * DAY
    before, after = plan(of, policy, takes_effect - 1.0), plan(of, policy, takes_effect)

    assert (steps_of(before), before.wake_at) == ([], takes_effect)
    assert (steps_of(after), after.wake_at) == (["remove 7"], None)
    assert states_of(after) == {"1": "pending", "2": "in_sync"}


def test_who_left_without_a_date_is_gone_at_once() -> None:
    """Nobody knows since when."""
    assert steps_of(plan(left(JOB, None), Policy(leaving=LEAVING), NOW)) == ["remove 7"]


def test_the_first_of_several_departures_counts() -> None:
    """As long as one source says that the person left."""
    assert steps_of(plan(left(JOB, "2099", "2025-06-30"), Policy(leaving=LEAVING), NOW)) == ["remove 7"]


def test_the_items_of_who_left_may_be_left_as_they_stand() -> None:
    """Changes of them wait, and say why."""
    of = facts(wanted("1", an_employment()), published(7, "1", an_employment("Professor")))
    made = plan(left(of, "2025-06-30"), Policy(leaving=replace(LEAVING, withdraw=False)), NOW)

    assert (made.calls, states_of(made)) == ((), {"1": "waiting"})
    assert reasons_of(made) == {"1": "the person left on 2025-06-30"}


def test_without_a_policy_nothing_becomes_of_who_left() -> None:
    """The same of somebody who did not leave, with a policy."""
    assert steps_of(plan(left(JOB, "2025-06-30"), Policy(), NOW)) == []
    assert steps_of(plan(JOB, Policy(leaving=LEAVING), NOW)) == []


def test_who_comes_back_gets_everything_back() -> None:
    """What was taken off is still wanted."""
    of = left(facts(wanted("1", an_employment())), None)
    policy = Policy(leaving=LEAVING)

    assert states_of(plan(of, policy, NOW)) == {"1": "in_sync"}
    assert steps_of(plan(replace(of, departures=()), policy, NOW)) == ["add 1"]


def test_a_delete_in_doubt_of_what_is_frozen_is_left_alone() -> None:
    """Frozen is frozen: no call at all."""
    of = facts(withdrawn(), published(), intent(Method.DELETE, put_code=7))

    assert plan(of, FREEZE, NOW).calls == ()


def test_a_removal_names_the_exclusion_as_its_cause() -> None:
    """`plan` shows it; what its source withdrew is not the file's doing."""
    of = facts(wanted("1"), published(7, "1"), withdrawn("2"), published(8, "2"))
    calls = plan(of, WITHDRAW, NOW).calls

    assert [one.reason for one in calls if isinstance(one, steps.Remove)] == [
        "excluded by the mapping file",
        "not wanted any more",
    ]
