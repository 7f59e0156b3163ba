"""Replies that came after the lease was taken over, in the store (ARCHITECTURE.md 7)."""

from collections.abc import Callable

import pytest

from mappers.sections import Section
from state.facts import Outcome, Standing
from state.permission_facts import SuspensionKind
from tests.worker.builders import JOSIAH, PERSON, a_key, a_work
from tests.worker.conftest import Clock
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.calling.aftermath import Replan
from worker.planning import steps
from worker.recording.parking import parked_on

KIWI = a_work("10.1/1", "Kiwi")
RESET = replies.InDoubt("reset", late=False)


def late(journey: Journey, step: steps.RecordStep, verdict: replies.Verdict) -> object:
    """The reply comes after another process took the lease."""
    sent = journey.open(step)
    journey.take_lease("another process")
    return journey.reply(sent, verdict)


def test_a_late_creation_is_not_dropped(journey: Journey) -> None:
    """The put-code stands, and what it says counts as unknown."""
    assert late(journey, journey.add("1"), replies.Created(7)) == Replan()
    assert (journey.stands[7].item, journey.stands[7].digest) == (a_key("1"), "")
    assert journey.verdicts() == ["late_created"]


def test_a_late_bulk_is_not_dropped(journey: Journey) -> None:
    """Each slot for itself."""
    late(journey, journey.add("1", "2"), replies.Slots((replies.Created(7), replies.Refused(400, 9022, ""))))

    assert {code: one.digest for code, one in journey.stands.items()} == {7: ""}
    assert journey.item("2").refused_digest == ""


def test_a_late_update_makes_what_stands_unknown(journey: Journey) -> None:
    """It may have been carried out before or after what the other process wrote."""
    late(journey, steps.Update(journey.want(), journey.stand(document=KIWI), None, ""), replies.Accepted())

    assert journey.stands[7].digest == ""


def test_a_late_removal_is_not_published_any_more(journey: Journey) -> None:
    """What is gone is gone, whoever removed it."""
    late(journey, steps.Remove(journey.stand(), ""), replies.Deleted())

    assert journey.stands == {}


def test_a_late_removal_ends_the_doubt_of_all_writes_of_that_put_code(journey: Journey) -> None:
    """Whoever has the lease now was left in doubt about a removal of the same: nobody has to find out any more."""
    step = steps.Remove(journey.stand(), "")
    sent = journey.open(step)
    journey.take_lease("another process")
    journey.send(step, RESET)

    assert journey.reply(sent, replies.Deleted()) == Replan()
    assert (journey.open_intents, journey.stands) == ((), {})


@pytest.mark.parametrize("verdict", [replies.Accepted(), replies.Deleted()])
def test_what_waited_for_a_put_code_may_be_tried_again_after_a_late_reply(
    journey: Journey, verdict: replies.Verdict
) -> None:
    """It has changed, or is gone."""
    other = journey.want("2")
    journey.store.items.refuse(other.key, other.digest or "", parked_on(7))
    stands = journey.stand(document=KIWI)
    is_update = isinstance(verdict, replies.Accepted)
    late(journey, steps.Update(journey.want(), stands, None, "") if is_update else steps.Remove(stands, ""), verdict)

    assert journey.item("2").refused_reason == ""


def test_a_late_put_code_that_is_known_by_now_is_unknown_in_content(journey: Journey) -> None:
    """The other process adopted it: it is compared again, not doubled."""
    sent = journey.open(journey.add("1"))
    journey.take_lease("another process")
    journey.stand(7, "1")
    journey.reply(sent, replies.Created(7))

    assert {code: one.digest for code, one in journey.stands.items()} == {7: ""}


def not_found(journey: Journey) -> None:
    """Two lists did not show it."""
    (posted,) = journey.open_intents
    journey.store.intents.close(posted, Outcome("not_found", journey.store.now()))


def removed_since(journey: Journey) -> None:
    """Found by a list, and removed by us when nobody wanted it any more."""
    (posted,) = journey.open_intents
    journey.store.intents.close(posted, Outcome("found", journey.store.now(), put_code=7))
    journey.send(steps.Remove(journey.stand(7, "1"), ""), replies.Deleted())


def removed_under_another_key(journey: Journey) -> None:
    """Adopted for another item of its slot, whose source record the removal is told of."""
    journey.want("2")
    not_found(journey)
    journey.send(steps.Remove(journey.stand(7, "2"), ""), replies.Deleted())


def removed_and_resent(journey: Journey) -> None:
    """Found, removed by the researcher, and their tombstone dropped by an operator."""
    (posted,) = journey.open_intents
    journey.store.intents.close(posted, Outcome("found", journey.store.now(), put_code=7))


def found_by_its_repetition(journey: Journey) -> None:
    """ORCID named it when the POST was sent again; it stood, and does not any more."""
    journey.store.items.know_section(JOSIAH, Section.WORK, listed_at=journey.store.now())
    journey.send(steps.Repeat(journey.open_intents), replies.Duplicate(7))
    journey.store.items.unpublish(JOSIAH, Section.WORK, 7)


def taken_a_second_time(journey: Journey) -> None:
    """Two lists did not show it; later ORCID took the same once more, so the first was gone by then."""
    not_found(journey)
    journey.send(journey.add("1"), replies.Created(8))


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        pytest.param(removed_since, set(), id="removed by us"),
        pytest.param(removed_under_another_key, set(), id="removed by us, as another item"),
        pytest.param(removed_and_resent, set(), id="found, and forgotten since"),
        pytest.param(found_by_its_repetition, set(), id="named by ORCID, and forgotten since"),
    ],
)
def test_a_late_creation_does_not_bring_back_what_came_and_went(
    journey: Journey, clock: Clock, meanwhile: Callable[[Journey], None], expected: set[int]
) -> None:
    """The put-code was known since, and is not any more: there is nothing to be told of it."""
    sent = journey.open(journey.add("1"))
    clock.advance(120.0)
    journey.take_lease("another process")
    meanwhile(journey)

    assert journey.reply(sent, replies.Created(7)) == Replan()
    assert set(journey.stands) == expected
    assert journey.open_intents == ()


def test_a_late_creation_that_orcid_took_once_more_serves_nothing(journey: Journey, clock: Clock) -> None:
    """It was gone by then, or the other says something else by now: it is looked for, and the other serves the item."""
    sent = journey.open(journey.add("1"))
    clock.advance(120.0)
    journey.take_lease("another process")
    taken_a_second_time(journey)

    journey.reply(sent, replies.Created(7))

    assert {code: one.standing for code, one in journey.stands.items()} == {7: Standing.MISSING, 8: Standing.LIVE}


def in_doubt_again(journey: Journey) -> None:
    """It was sent once more, and nobody knows what became of that either."""
    journey.send(steps.Repeat(journey.open_intents), RESET)


def named_to_a_first_attempt(journey: Journey) -> None:
    """ORCID refused a second POST, as it has it under this put-code: what that is, is still to be found out."""
    not_found(journey)
    journey.send(journey.add("1"), replies.Duplicate(7))


def changed_and_taken(journey: Journey) -> None:
    """Another document, with another identifier, was taken since: both may stand."""
    not_found(journey)
    journey.send(steps.Add(journey.want("1", a_work("10.1/other")), None, ""), replies.Created(8))


@pytest.mark.parametrize("meanwhile", [not_found, in_doubt_again, named_to_a_first_attempt, changed_and_taken])
def test_a_late_creation_that_nobody_explained_is_news(
    journey: Journey, clock: Clock, meanwhile: Callable[[Journey], None]
) -> None:
    """Though its own intent is closed: it stands, and what it says is unknown."""
    sent = journey.open(journey.add("1"))
    clock.advance(120.0)
    journey.take_lease("another process")
    meanwhile(journey)
    journey.reply(sent, replies.Created(7))

    assert (journey.stands[7].item, journey.stands[7].digest) == (a_key("1"), "")


@pytest.mark.parametrize("verdict", [RESET, replies.Duplicate(7)])
def test_a_late_reply_that_tells_nothing_leaves_the_doubt(journey: Journey, verdict: replies.Verdict) -> None:
    """Whoever holds the lease now finds out."""
    late(journey, journey.add("1"), verdict)

    assert len(journey.open_intents) == 1


@pytest.mark.parametrize("verdict", [replies.Throttled(None), replies.Unsent(""), replies.Refused(400, 9022, "")])
def test_a_late_repeat_that_was_not_carried_out_leaves_the_doubt(journey: Journey, verdict: replies.Verdict) -> None:
    """The earlier attempt may still be on the record."""
    late(journey, steps.Repeat(journey.doubt("1")), verdict)

    assert [one.attempt for one in journey.open_intents] == [2]


def test_a_late_throttling_closes_a_first_attempt(journey: Journey) -> None:
    """It surely was not carried out."""
    late(journey, journey.add("1"), replies.Throttled(None))

    assert journey.open_intents == ()


def test_a_late_reply_breaks_no_grant_and_suspends_nobody(journey: Journey) -> None:
    """Verdicts about the record are for who holds the lease."""
    late(journey, journey.add("1"), replies.Unpermitted("revoked", broken=True))
    late(journey, journey.add("2"), replies.Suspended(SuspensionKind.LOCKED, ""))
    facts = journey.store.items.facts(PERSON)

    assert facts.suspension is None
    assert facts.grant is not None
    assert facts.grant.state == "active"
