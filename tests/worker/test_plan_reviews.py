"""Peer reviews need the group-id record that they belong to (API_FACTS.md 4.2)."""

from dataclasses import replace

import pytest

from mappers.groups import GroupIdRecord
from mappers.sections import Section
from state.facts import Group, GroupState, PersonFacts
from tests.worker.builders import NOW, facts, grant, published, reasons_of, states_of, steps_of, wanted
from tests.worker.documents import a_document
from worker.planning.plan import plan
from worker.planning.policy import Policy

KELP = GroupIdRecord("orcid-generated:kelp", "Kelp", "journal")
JOURNAL = GroupIdRecord("issn:2049-3630")
REVIEW, OLD = a_document(Section.PEER_REVIEW, "a"), a_document(Section.PEER_REVIEW, "a", title="Kiwi")
FIRST = "its group-id record is looked for first"


def reviews(group: Group | None, *stand: str, key: str = KELP.key) -> PersonFacts:
    """Two peer reviews of a group; those of `stand` are published, otherwise than they are wanted."""
    items = [wanted(one, a_document(Section.PEER_REVIEW, one), group=key) for one in "12"]
    old = [published(int(one), one, a_document(Section.PEER_REVIEW, one, title="Kiwi")) for one in stand]
    return replace(facts(*items, *old), groups={key: group} if group else {})


@pytest.mark.parametrize(
    ("group", "expected", "state", "reason"),
    [
        pytest.param(Group(KELP), ["ensure orcid-generated:kelp"], "pending", FIRST, id="wanted: found or created"),
        pytest.param(
            Group(KELP, GroupState.ASKED, ripe_at=NOW),
            ["ensure orcid-generated:kelp"],
            "pending",
            FIRST,
            id="asked, and the call must be over: asked again",
        ),
        pytest.param(
            Group(KELP, GroupState.ASKED, ripe_at=NOW + 9.0), [], "pending", FIRST, id="asked just now: wait for it"
        ),
        pytest.param(
            Group(KELP, GroupState.REFUSED, "no such type"), [], "refused", "no such type", id="refused: they are too"
        ),
        pytest.param(
            Group(KELP, GroupState.REFUSED, "no scope", NOW),
            ["ensure orcid-generated:kelp"],
            "refused",
            "no scope",
            id="refused a day ago: asked again",
        ),
        pytest.param(
            Group(KELP, GroupState.REFUSED, "no scope", NOW + 9.0), [], "refused", "no scope", id="refused today"
        ),
        pytest.param(
            None, [], "waiting", "nothing is known of the group-id record orcid-generated:kelp", id="not in the state"
        ),
    ],
)
@pytest.mark.parametrize("stand", [pytest.param("", id="to be added"), pytest.param("12", id="to be changed")])
def test_a_group_comes_first(group: Group | None, expected: list[str], state: str, reason: str, stand: str) -> None:
    """Once for all its reviews; they go out in a later plan."""
    made = plan(reviews(group, *stand), Policy(), NOW)

    assert steps_of(made) == expected
    assert states_of(made) == {"1": state, "2": state}
    assert set(reasons_of(made).values()) == {reason}


def test_a_known_group_needs_nothing() -> None:
    """The reviews go out."""
    assert steps_of(plan(reviews(Group(KELP, GroupState.KNOWN), "1"), Policy(), NOW)) == ["update 1 with 1", "add 2"]


def test_while_another_process_asks_the_plan_sleeps() -> None:
    """It wakes when that call must be over."""
    assert plan(reviews(Group(KELP, GroupState.ASKED, ripe_at=NOW + 9.0)), Policy(), NOW).wake_at == NOW + 9.0


def test_a_refusal_that_may_pass_is_looked_at_again() -> None:
    """At its time, and never when there is none."""
    for ripe_at, wake_at in ((NOW + 9.0, NOW + 9.0), (0.0, None)):
        assert plan(reviews(Group(KELP, GroupState.REFUSED, "", ripe_at)), Policy(), NOW).wake_at == wake_at


def test_orcid_creates_the_groups_of_journals_itself() -> None:
    """For what is added; for an update to a new one it has to be looked for."""
    made = plan(reviews(Group(JOURNAL), "1", key=JOURNAL.key), Policy(), NOW)

    assert steps_of(made) == ["add 2", "ensure issn:2049-3630"]
    assert states_of(made) == {"1": "pending", "2": "pending"}


def test_no_group_is_created_for_who_gave_no_permission() -> None:
    """It is looked for when there is something to be sent."""
    for given in (None, grant("/read-limited")):
        made = plan(replace(reviews(Group(KELP)), grant=given), Policy(), NOW)

        assert (steps_of(made), states_of(made)) == ([], {"1": "waiting", "2": "waiting"})


def test_what_stands_as_wanted_needs_no_group() -> None:
    """Nothing is to be sent."""
    of = replace(facts(wanted("1", REVIEW, group=KELP.key), published(7, "1", REVIEW)), groups={KELP.key: Group(KELP)})

    assert states_of(plan(of, Policy(), NOW)) == {"1": "in_sync"}


def test_a_review_without_a_group_of_ours_goes_out() -> None:
    """What names none needs none."""
    assert steps_of(plan(facts(wanted("1", REVIEW), published(7, "1", OLD)), Policy(), NOW)) == ["update 7 with 1"]
