"""Repeated POSTs, duplicates, halving and late replies, in the store (ARCHITECTURE.md 7)."""

import pytest

from state.facts import Origin, Standing
from state.permission_facts import SuspensionKind
from tests.worker.builders import NOW, PERSON, a_key, a_work, steps_of
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.calling.aftermath import Follow, GoOn, Halt, Replan
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.parking import parked_on

KIWI = a_work("10.1/1", "Kiwi")
RESET = replies.InDoubt("reset", late=False)


def fill(journey: Journey) -> None:
    """Fills the section of works with something of ours, so that this store knows it."""
    journey.send(journey.add("9"), replies.Created(99))


def test_a_repeated_post_that_ends_well_stands(journey: Journey) -> None:
    """The earlier attempt was not carried out."""
    doubt = journey.doubt("1")

    assert journey.send(steps.Repeat(doubt), replies.Created(7)) == GoOn()
    assert journey.stands[7].item == a_key("1")
    assert journey.verdicts() == ["repeated", "created"]


def test_a_duplicate_of_a_repeated_post_is_adopted_without_a_get(journey: Journey) -> None:
    """9021 to a repeated attempt in a section we filled: the earlier attempt put it there, with its digest."""
    fill(journey)
    doubt = journey.doubt("1")

    assert journey.send(steps.Repeat(doubt), replies.Duplicate(7)) == GoOn()
    assert (journey.stands[7].item, journey.stands[7].digest) == (a_key("1"), doubt[0].digest)
    assert journey.stands[7].origin is Origin.CREATED


def test_the_digest_adopted_is_that_of_the_intent(journey: Journey) -> None:
    """What is wanted by now is another document: an Update has to follow."""
    fill(journey)
    doubt = journey.doubt("1")
    journey.want("1", KIWI)
    journey.send(steps.Repeat(doubt), replies.Duplicate(7))

    assert journey.stands[7].digest == doubt[0].digest != journey.item().digest


@pytest.mark.parametrize(
    ("known", "repeated", "named"),
    [
        pytest.param(True, False, 7, id="a first attempt"),
        pytest.param(False, True, 7, id="a repeated one, in a section never listed nor filled"),
        pytest.param(True, True, None, id="a repeated one, no put-code named"),
    ],
)
def test_any_other_duplicate_is_looked_up(journey: Journey, *, known: bool, repeated: bool, named: int | None) -> None:
    """9021 that nothing of ours explains: the section is listed once."""
    if known:
        fill(journey)
    step = steps.Repeat(journey.doubt("1")) if repeated else journey.add("1")
    aftermath = journey.send(step, replies.Duplicate(named))
    origin = Origin.CREATED if repeated else Origin.ADOPTED
    expected = steps.Expected(a_key("1"), journey.item().digest or "", named, origin)

    assert isinstance(aftermath, Follow)
    assert [call.expected for call in aftermath.calls if isinstance(call, steps.ListSection)] == [(expected,)]
    assert 7 not in journey.stands
    assert len(journey.open_intents) == repeated  # that it may be ours is remembered until it is found out


@pytest.mark.parametrize("serves", [None, "9"], ids=["unknown to us", "serves another item"])
def test_duplicates_of_a_bulk_are_sent_again_alone(journey: Journey, serves: str | None) -> None:
    """A bulk counts `version-of` as well (API_FACTS.md 1.4): only the answer to a single POST is believed."""
    if serves is not None:
        journey.stand(7, serves)
    verdicts = (replies.Duplicate(7), replies.Created(8), replies.Duplicate(9))
    aftermath = journey.send(journey.add("1", "2", "3"), replies.Slots(verdicts))

    assert isinstance(aftermath, Follow)
    assert [one.item.key for one in aftermath.calls if isinstance(one, steps.Add)] == [a_key("1"), a_key("3")]
    assert journey.open_intents == ()
    assert [journey.verdicts(subject) for subject in "123"] == [["sent_alone"], ["created"], ["sent_alone"]]


def test_a_repeat_in_bulk_that_names_another_of_ours_is_repeated_alone(journey: Journey) -> None:
    """The doubt about the earlier attempt stays until then."""
    journey.stand(7, "9")
    doubt = journey.doubt("1", "2")
    aftermath = journey.send(steps.Repeat(doubt), replies.Slots((replies.Duplicate(7), replies.Created(8))))

    assert isinstance(aftermath, Follow)
    (call,) = aftermath.calls
    assert isinstance(call, steps.Repeat)
    assert [one.item for one in call.intents] == [a_key("1")]
    assert [one.id for one in call.intents] == [one.id for one in journey.open_intents]


def test_duplicates_of_a_repeated_bulk_are_looked_up_together(journey: Journey) -> None:
    """One list answers for all, in a section that this store did not know."""
    doubt = journey.doubt("1", "2", "3")
    verdicts = (replies.Duplicate(7), replies.Created(8), replies.Duplicate(9))
    aftermath = journey.send(steps.Repeat(doubt), replies.Slots(verdicts))

    assert isinstance(aftermath, Follow)
    (listing,) = aftermath.calls
    assert isinstance(listing, steps.ListSection)
    assert [one.item for one in listing.expected] == [a_key("1"), a_key("3")]


def test_a_slot_of_the_same_bulk_does_not_vouch_for_the_section(journey: Journey) -> None:
    """What was filled by this very call says nothing of what stood there before."""
    doubt = journey.doubt("1", "2")
    aftermath = journey.send(steps.Repeat(doubt), replies.Slots((replies.Created(7), replies.Duplicate(8))))

    assert isinstance(aftermath, Follow)
    assert list(journey.stands) == [7]


def test_a_put_code_that_serves_the_item_already_is_unknown_now(journey: Journey) -> None:
    """9021 names what we have for this very item: it stands, and what it says has to be written again."""
    journey.stand(7, "1")

    assert journey.send(journey.add("1"), replies.Duplicate(7)) == Replan()
    assert (journey.stands[7].digest, journey.stands[7].standing) == ("", Standing.LIVE)


def test_a_put_code_that_serves_another_item_is_never_adopted(journey: Journey) -> None:
    """The item is parked, and says on which put-code."""
    other = journey.stand(7, "2")

    assert journey.send(journey.add("1"), replies.Duplicate(7)) == GoOn()
    assert (journey.stands, journey.open_intents) == ({7: other}, ())
    assert (journey.item().refused_reason, journey.item().refused_digest) == (parked_on(7), journey.item().digest)


def test_a_put_code_that_serves_another_item_says_nothing_of_an_earlier_attempt(journey: Journey) -> None:
    """The other may have taken the identifier after that: lists tell what became of it."""
    other = journey.stand(7, journey.want("2").key.record.subject)
    assert journey.send(steps.Repeat(journey.doubt("1")), replies.Duplicate(7)) == Replan()
    assert journey.stands == {7: other}
    assert journey.item().refused_reason == parked_on(7)
    assert steps_of(plan(journey.store.items.facts(PERSON), Policy(), NOW)) == ["list work"]


def test_an_update_that_would_double_another_item_is_parked(journey: Journey) -> None:
    """9021 to a PUT."""
    other = journey.stand(8, "2")
    step = steps.Update(journey.want("1"), journey.stand(7, "1", KIWI), None, "")

    assert journey.send(step, replies.Duplicate(8)) == GoOn(failed=7)
    assert journey.stands[8] == other
    assert journey.item().refused_reason == parked_on(8)


@pytest.mark.parametrize("how", ["updated", "deleted"])
def test_a_park_ends_when_the_other_item_changes(journey: Journey, how: str) -> None:
    """What waited for a put-code may be tried again once that was written or removed."""
    other = journey.stand(7, "2", KIWI)
    journey.send(journey.add("1"), replies.Duplicate(7))
    match how:
        case "updated":
            journey.send(steps.Update(journey.want("2"), other, None, ""), replies.Accepted())
        case _:
            journey.send(steps.Remove(other, ""), replies.Deleted())

    assert (journey.item().refused_digest, journey.item().refused_reason) == ("", "")


def test_a_park_does_not_end_when_a_third_item_changes(journey: Journey) -> None:
    """Only the blocking one counts."""
    journey.stand(7, "2")
    third = journey.stand(8, "3")
    journey.send(journey.add("1"), replies.Duplicate(7))
    journey.send(steps.Remove(third, ""), replies.Deleted())

    assert journey.item().refused_reason == parked_on(7)


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(replies.Throttled(5.0), id="throttled"),
        pytest.param(replies.Unsent("refused"), id="unsent"),
        pytest.param(replies.Suspended(SuspensionKind.LOCKED, ""), id="suspended"),
        pytest.param(replies.Unpermitted("revoked", broken=True), id="unpermitted"),
        pytest.param(replies.Stop("locked"), id="stop"),
    ],
)
def test_a_repeat_that_was_not_carried_out_leaves_the_first_attempt_in_doubt(
    journey: Journey, verdict: replies.Verdict
) -> None:
    """It says nothing about the earlier attempt, which may be on the record."""
    journey.send(steps.Repeat(journey.doubt("1")), verdict)

    assert [(one.attempt, one.ripe_at) for one in journey.open_intents] == [(2, NOW)]


def test_attempts_are_counted_over_doubts(journey: Journey) -> None:
    """In doubt again: the third attempt is next."""
    journey.send(steps.Repeat(journey.doubt("1")), RESET)
    journey.send(steps.Repeat(journey.open_intents), RESET)

    assert [one.attempt for one in journey.open_intents] == [3]


@pytest.mark.parametrize(
    "verdict", [pytest.param(replies.Refused(400, 9047, ""), id="400"), pytest.param(replies.TooLarge(), id="413")]
)
def test_a_bulk_refused_as_a_whole_is_halved_down_to_the_single_work(
    journey: Journey, verdict: replies.Verdict
) -> None:
    """One bad work fails a bulk: the others must not suffer from it."""
    aftermath = journey.send(journey.add("1", "2", "3", "4", "5"), verdict)
    sizes = []
    while isinstance(aftermath, Follow):
        first, *_ = aftermath.calls
        sizes.append([len(one.adds) if isinstance(one, steps.AddWorks) else 1 for one in aftermath.calls])
        aftermath = journey.send(first, verdict, "bad")

    assert sizes == [[2, 3], [1, 1]]
    assert aftermath == GoOn()
    assert journey.item("1").refused_reason == "ORCID refused it: bad"
    assert {journey.item(subject).refused_reason for subject in "2345"} == {""}
    assert journey.open_intents == ()


def test_a_repeated_bulk_is_halved_without_losing_its_doubt(journey: Journey) -> None:
    """Each half repeats its own intents, which stay open until then."""
    aftermath = journey.send(steps.Repeat(journey.doubt("1", "2", "3")), replies.TooLarge())

    assert isinstance(aftermath, Follow)
    assert [len(one.intents) for one in aftermath.calls if isinstance(one, steps.Repeat)] == [1, 2]
    assert len(journey.open_intents) == 3


def test_an_unheard_of_verdict_to_a_post_stops_everything(journey: Journey) -> None:
    """Better nothing than something wrong for everybody."""
    assert isinstance(journey.send(journey.add("1"), replies.Accepted()), Halt)
