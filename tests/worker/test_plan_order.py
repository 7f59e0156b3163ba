"""Bulk calls, the order of calls, recovery (ARCHITECTURE.md 6 and 8)."""

import pytest

from mappers.sections import Section
from state.facts import SectionKnowledge, Standing
from tests.worker.builders import (
    NOW,
    POLICY,
    a_work,
    an_employment,
    facts,
    intent,
    listed,
    published,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy

RECOVERY = Policy(list_since=NOW - 100.0)
OWN = frozenset({"source-work-id:abcdefghijklmnopqrstuvwxyz"})


def sizes(plan_: steps.Plan) -> list[int]:
    """How many items each call carries."""
    return [
        len(call.adds)
        if isinstance(call, steps.AddWorks)
        else len(call.intents)
        if isinstance(call, steps.Repeat)
        else 1
        for call in plan_.calls
    ]


@pytest.mark.parametrize(
    ("works", "expected"),
    [
        pytest.param(1, [1], id="one work goes alone"),
        pytest.param(2, [2], id="two go together"),
        pytest.param(100, [100], id="a hundred go together"),
        pytest.param(101, [100, 1], id="one more goes alone"),
        pytest.param(250, [100, 100, 50], id="250 go in three calls"),
    ],
)
def test_works_go_together_up_to_a_hundred(works: int, expected: list[int]) -> None:
    """Works are added in bulk, at most a hundred in a call."""
    made = plan(facts(*(wanted(f"{number:03}") for number in range(works))), POLICY, NOW)

    assert sizes(made) == expected


def test_a_last_work_alone_is_no_bulk() -> None:
    """A bulk of one would be a call of another kind for nothing."""
    made = plan(facts(*(wanted(f"{number:03}") for number in range(101))), POLICY, NOW)

    assert isinstance(made.calls[-1], steps.Add)


def test_other_sections_have_no_bulk() -> None:
    """Employments are added one by one."""
    made = plan(facts(*(wanted(f"{number}", an_employment(f"Role {number}")) for number in range(3))), POLICY, NOW)

    assert steps_of(made) == ["add 0", "add 1", "add 2"]


def test_works_in_doubt_are_repeated_together_up_to_a_hundred() -> None:
    """What was sent in bulk is asked for in bulk."""
    items = [
        one for number in range(120) for one in (wanted(f"{number:03}"), intent(subject=f"{number:03}", id=number + 1))
    ]

    assert sizes(plan(facts(*items), POLICY, NOW)) == [100, 20]


def test_employments_in_doubt_are_repeated_one_by_one() -> None:
    """A POST of an employment carries one."""
    items = [
        one
        for number in (1, 2)
        for one in (
            wanted(f"{number}", an_employment(f"Role {number}")),
            intent(subject=f"{number}", document=an_employment(f"Role {number}"), id=number, self_ids=OWN),
        )
    ]

    assert steps_of(plan(facts(*items), POLICY, NOW)) == ["repeat 1", "repeat 2"]


def test_a_section_is_listed_once_however_many_ask() -> None:
    """Two put-codes that went missing and a POST in doubt of a withdrawn item need one list."""
    missing = [one for n in (1, 2) for one in (wanted(f"{n}"), published(n, f"{n}", standing=Standing.MISSING))]

    assert steps_of(plan(facts(*missing, withdrawn("3"), intent(subject="3")), POLICY, NOW)) == ["list work"]


def test_finding_out_comes_first_then_what_frees_identifiers_then_what_takes_them() -> None:
    """Lists, repeats, removals, updates, additions; whatever the section."""
    made = plan(
        facts(
            wanted("1", an_employment()),
            wanted("2"),
            wanted("3"),
            published(3, "3", a_work("10.1/3", "Kiwi")),
            withdrawn("4"),
            published(4, "4"),
            wanted("5"),
            intent(subject="5"),
            wanted("6"),
            published(6, "6", standing=Standing.MISSING),
            wanted("7"),
        ),
        POLICY,
        NOW,
    )

    assert steps_of(made) == [
        "list work",
        "repeat 5",
        "remove 4",
        "update 3 with 3",
        "add 1",
        "add together 2 7",
    ]


def test_in_recovery_a_section_is_listed_before_anything_is_added() -> None:
    """A store that was lost does not know what stands there."""
    made = plan(facts(wanted("1"), wanted("2")), RECOVERY, NOW)

    assert steps_of(made) == ["list work"]
    assert states_of(made) == {"1": "pending", "2": "pending"}


def test_in_recovery_a_list_from_before_does_not_count() -> None:
    """What was listed before the store was lost says nothing of what was added since."""
    assert steps_of(plan(facts(wanted(), sections=listed(NOW - 101.0)), RECOVERY, NOW)) == ["list work"]


def test_in_recovery_a_section_once_listed_is_added_to() -> None:
    """One list is enough."""
    assert steps_of(plan(facts(wanted(), sections=listed(NOW - 50.0)), RECOVERY, NOW)) == ["add 1"]


def test_in_recovery_a_section_filled_but_not_listed_is_listed() -> None:
    """That we wrote there once does not mean that we know all we wrote."""
    sections = {Section.WORK: SectionKnowledge(filled_at=NOW - 1.0)}

    assert steps_of(plan(facts(wanted(), sections=sections), RECOVERY, NOW)) == ["list work"]


def test_in_recovery_each_section_is_listed_for_itself() -> None:
    """Works that were listed don't hold up, and don't vouch for, employments."""
    of = facts(wanted("1"), wanted("2", an_employment()), sections=listed(NOW - 50.0))

    assert steps_of(plan(of, RECOVERY, NOW)) == ["list employment", "add 1"]


def test_in_recovery_what_is_known_is_looked_at_before_it_is_updated_or_removed() -> None:
    """A put-code that a restored state knows may be another one by now: the plan after the list counts."""
    of = (wanted("1"), published(7, "1", a_work("10.1/1", "Kiwi")), withdrawn("2"), published(8, "2"))

    assert steps_of(plan(facts(*of), RECOVERY, NOW)) == ["list work", "remove 8", "update 7 with 1"]
    listed_since = facts(*of, sections=listed(NOW - 50.0))
    assert steps_of(plan(listed_since, RECOVERY, NOW)) == ["remove 8", "update 7 with 1"]


def test_in_recovery_a_section_in_sync_is_listed_too() -> None:
    """Nothing is due there, and still what is known of it may be stale."""
    of = facts(wanted("1"), published(7, "1"))

    assert steps_of(plan(of, RECOVERY, NOW)) == ["list work"]
    assert steps_of(plan(of, Policy(), NOW)) == []


def test_in_recovery_nothing_is_listed_where_nothing_is_wanted() -> None:
    """What is withdrawn is removed under the put-code that is known, if it is there."""
    assert steps_of(plan(facts(withdrawn("2"), published(8, "2")), RECOVERY, NOW)) == ["remove 8"]
