"""What becomes of the call that finds or creates a group-id record, and who hears of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from mappers.documents import dump
from mappers.groups import GroupIdRecord
from mappers.sections import Section
from state.facts import GroupState
from state.permission_facts import GrantState, SuspensionKind
from tests.worker.builders import NOW, PERSON, a_key, wanted
from tests.worker.documents import a_document
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Halt, Replan, Rest
from worker.planning import steps
from worker.recording.groups import NO_SCOPE

WHOLE = GroupIdRecord("orcid-generated:kelp", "Kelp", "journal")
BARE = GroupIdRecord("orcid-generated:kelp")
THERE: Mapping[str, Any] = {"put-code": 9, "group-id": "orcid-generated:kelp", "name": "Kelp", "type": "journal"}
EMPTY: Mapping[str, Any] = {"put-code": None, "group-id": None, "name": None}
ABSENT = "the group-id record orcid-generated:kelp does not exist, and the event gives no name and type to create it"


def ask(journey: Journey, verdict: replies.Verdict, group: GroupIdRecord = WHOLE) -> Aftermath:
    """The group is asked for, and this comes back."""
    journey.store.groups.want(group)
    assert journey.store.groups.ask(group.key, NOW + 60.0)
    return journey.send(steps.EnsureGroup(group, ""), verdict, "400 9020: no")


@pytest.mark.parametrize(
    ("group", "verdict", "state", "reason"),
    [
        pytest.param(WHOLE, replies.Created(9), GroupState.KNOWN, "", id="created"),
        pytest.param(WHOLE, replies.Duplicate(None), GroupState.KNOWN, "", id="409/9025: it is there"),
        pytest.param(BARE, replies.Found(THERE), GroupState.KNOWN, "", id="found"),
        pytest.param(BARE, replies.Found(EMPTY), GroupState.REFUSED, ABSENT, id="an empty record: not there"),
        pytest.param(BARE, replies.Found({"group-id": []}), GroupState.REFUSED, ABSENT, id="an odd record: not there"),
        pytest.param(BARE, replies.Refused(400, 9026, ""), GroupState.REFUSED, ABSENT, id="400/9026: not there"),
        pytest.param(
            BARE, replies.Suspended(SuspensionKind.UNKNOWN, ""), GroupState.REFUSED, ABSENT, id="404/9016: not there"
        ),
        pytest.param(
            WHOLE,
            replies.Refused(400, 9020, "no"),
            GroupState.REFUSED,
            "ORCID refused the group-id record orcid-generated:kelp: 400 9020: no",
            id="refused",
        ),
        pytest.param(
            WHOLE,
            replies.Unpermitted("the permission lacks a scope (9038)", broken=False),
            GroupState.REFUSED,
            NO_SCOPE,
            id="403/9038: what to ask ORCID for",
        ),
    ],
)
def test_a_group_is_settled(
    journey: Journey, group: GroupIdRecord, verdict: replies.Verdict, state: GroupState, reason: str
) -> None:
    """Known, or refused with the reason that its peer reviews show."""
    assert ask(journey, verdict, group) == Replan()

    found = journey.store.groups.group(group.key)
    assert found is not None
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("verdict", "aftermath"),
    [
        pytest.param(replies.Throttled(120.0), Rest(NOW + 120.0, "ORCID asks to slow down"), id="throttled, with time"),
        pytest.param(replies.Throttled(None), Rest(None, "ORCID asks to slow down"), id="throttled"),
        pytest.param(
            replies.Unsent("refused"), Rest(None, "its group-id record was not found yet: refused"), id="unsent"
        ),
        pytest.param(
            replies.InDoubt("reset", late=False), Rest(None, "its group-id record was not found yet: reset"), id="reset"
        ),
        pytest.param(
            replies.Unpermitted("expired", broken=True),
            Rest(None, "its group-id record was not found yet: expired"),
            id="401: with a new token next time",
        ),
        pytest.param(replies.Stop("no token"), Halt("no token"), id="stop"),
    ],
)
def test_a_call_that_tells_nothing_leaves_the_group_wanted(
    journey: Journey, verdict: replies.Verdict, aftermath: Aftermath
) -> None:
    """It is asked for again, by whoever comes first."""
    assert ask(journey, verdict) == aftermath

    found = journey.store.groups.group(WHOLE.key)
    assert found is not None
    assert found.state is GroupState.WANTED


def test_a_group_that_may_still_be_created_is_waited_for(journey: Journey) -> None:
    """After a timeout nobody asks before it is ripe."""
    assert isinstance(ask(journey, replies.InDoubt("no reply in time", late=True)), Rest)

    assert not journey.store.groups.ask(WHOLE.key, NOW + 120.0)


def test_everybody_who_needs_the_group_hears_of_it(journey: Journey) -> None:
    """Their peer reviews were waiting; who made the call plans again anyway."""
    review = a_document(Section.PEER_REVIEW, ["a"])
    for person in ("E2000", PERSON):
        item = wanted("1", review, group=WHOLE.key)
        key = a_key("1", Section.PEER_REVIEW, person=person)
        journey.store.items.want(type(item)(key, item.digest, item.self_ids, group=WHOLE.key), dump(review))
    ask(journey, replies.Created(9))

    assert [one.person for one in journey.store.agenda.due(NOW, 10)] == ["E2000"]


def test_nothing_of_it_is_about_the_person(journey: Journey) -> None:
    """Neither grant nor record is blamed, whatever the group's call tells."""
    ask(journey, replies.Unpermitted("401", broken=True))
    ask(journey, replies.Suspended(SuspensionKind.UNKNOWN, ""))
    facts = journey.store.items.facts(PERSON)

    assert facts.suspension is None
    assert facts.grant is not None
    assert facts.grant.state is GrantState.ACTIVE


def test_a_group_is_settled_under_a_lost_lease_too(journey: Journey) -> None:
    """The lease is for the person's record; the group has its own."""
    journey.store.groups.want(WHOLE)
    journey.store.groups.ask(WHOLE.key, NOW + 60.0)
    sent = journey.open(steps.EnsureGroup(WHOLE, ""))
    journey.take_lease("another process")
    journey.reply(sent, replies.Created(9))
    found = journey.store.groups.group(WHOLE.key)

    assert found is not None
    assert found.state is GroupState.KNOWN


def test_the_reply_is_noted_nowhere_else(journey: Journey) -> None:
    """No intent is open, and nothing is published."""
    ask(journey, replies.Created(9))

    assert journey.open_intents == ()
    assert journey.stands == {}
    assert journey.store.intents.story(a_key().record) == []
