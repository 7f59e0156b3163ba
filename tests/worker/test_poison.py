"""Poison: documents that ORCID fails on are told from bad days (ARCHITECTURE.md 7)."""

from dataclasses import replace

import pytest

from state.facts import Method, Outcome
from tests.worker.builders import NOW, PERSON, a_key, a_work, intent, reasons_of, states_of, steps_of, withdrawn
from tests.worker.conftest import Clock
from tests.worker.journeys import SETTLE, Journey
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Replan, Rest
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.poison import TIMES, WHY
from worker.recording.sent import DAY

FAILS = replies.InDoubt("500 9008: a class", late=False, fails=True)
PROXY = replies.InDoubt("a proxy answered 502", late=True)
CUT = replies.InDoubt("cut", late=False)


def fail(journey: Journey, step: steps.RecordStep, verdict: replies.Verdict = FAILS) -> Aftermath:
    """Makes a call that ORCID, or a proxy, fails on."""
    sent = journey.open(step)
    own = verdict is FAILS
    reply = Outcome("indoubt", journey.store.now(), 500 if own else 502, 9008 if own else None, detail="a class")
    with journey.store.transaction():
        return journey.outcomes.record(sent, verdict, reply, journey.store.now())


def planned(journey: Journey) -> steps.Plan:
    """What would be done now."""
    return plan(journey.store.items.facts(PERSON), Policy(settle_seconds=SETTLE), journey.store.now())


def go_on(journey: Journey, clock: Clock, verdict: replies.Verdict = FAILS) -> Aftermath:
    """After the settle time, or a late reply's, the first call of the plan is made, and fails."""
    clock.advance(70.0)
    return fail(journey, planned(journey).calls[0], verdict)  # type: ignore[arg-type]


def let_others_succeed(journey: Journey) -> None:
    """Somebody else's call is carried out now."""
    (opened,) = journey.store.intents.open([replace(intent(), person="E9", item=a_key("x", person="E9"))])
    journey.store.intents.close(opened, Outcome("created", journey.store.now(), 201))


def test_a_bulk_that_orcid_fails_on_is_repeated_in_halves_down_to_the_single_one(
    journey: Journey, clock: Clock
) -> None:
    """After the settle time each; what it takes stands, the others are not held up for good."""
    assert isinstance(fail(journey, journey.add("1", "2", "3", "4")), Rest)
    assert {one.ripe_at for one in journey.open_intents} == {NOW + SETTLE}
    assert planned(journey).calls == ()
    clock.advance(SETTLE)
    assert steps_of(planned(journey)) == ["repeat 1 2", "repeat 3 4"]

    journey.send(planned(journey).calls[1], replies.Slots((replies.Created(8), replies.Created(9))))  # type: ignore[arg-type]
    go_on(journey, clock)
    clock.advance(SETTLE)
    assert steps_of(planned(journey)) == ["repeat 1", "repeat 2"]
    assert sorted(journey.stands) == [8, 9]


@pytest.mark.parametrize("size", [2, 3, 5, 100])
def test_a_bulk_with_one_poison_comes_through_but_for_that(journey: Journey, clock: Clock, size: int) -> None:
    """However large it is: the others stand, after few calls; the one is refused, and says why."""
    poison = a_key(str(size // 2))
    step: steps.RecordStep = journey.add(*(str(number) for number in range(size)))
    put_codes = iter(range(1, 1000))
    calls = 0
    while True:
        sent = journey.open(step)
        if any(one.item == poison for one in sent.intents):
            journey.outcomes.record(sent, FAILS, Outcome("indoubt", clock(), 500, 9008), clock())
        else:
            created = tuple(replies.Created(next(put_codes)) for _ in sent.intents)
            verdict = replies.Slots(created) if len(created) > 1 else created[0]
            journey.outcomes.record(sent, verdict, Outcome("slots", clock(), 200), clock())
        calls += 1
        let_others_succeed(journey)
        clock.advance(SETTLE)
        made = planned(journey)
        if states_of(made)[str(size // 2)] == "refused" or not made.calls:
            break
        step = made.calls[0]  # type: ignore[assignment]
        if isinstance(step, steps.ListSection):
            journey.store.items.know_section(journey.sender.orcid, step.section, listed_at=clock())
            break

    assert len(journey.stands) == size - 1
    assert calls <= 2 * size.bit_length() + TIMES + 1
    assert journey.item(str(size // 2)).refused_reason == WHY


def test_a_document_that_orcid_fails_on_five_times_in_a_row_is_given_up(journey: Journey, clock: Clock) -> None:
    """While others' calls succeed; whether one was carried out after all is found out by lists."""
    fail(journey, journey.add("1"))
    for _ in range(TIMES - 2):
        let_others_succeed(journey)
        assert isinstance(go_on(journey, clock), Rest)

    assert go_on(journey, clock) == Replan()
    clock.advance(SETTLE)
    assert steps_of(planned(journey)) == ["list work"]
    journey.store.intents.close(journey.open_intents[0], Outcome("not_found", clock()))
    assert (states_of(planned(journey)), reasons_of(planned(journey))) == ({"1": "refused"}, {"1": WHY})


def test_nothing_is_given_up_while_nobody_else_succeeds(journey: Journey, clock: Clock) -> None:
    """Then it is ORCID's bad day, not the document."""
    fail(journey, journey.add("1"))
    for _ in range(2 * TIMES):
        assert isinstance(go_on(journey, clock), Rest)

    assert journey.item().refused_reason == ""


@pytest.mark.parametrize("verdict", [PROXY, CUT])
def test_failures_of_others_do_not_count(journey: Journey, clock: Clock, verdict: replies.Verdict) -> None:
    """A proxy's 502 or a cut says nothing about the document, nor that it is well."""
    fail(journey, journey.add("1"))
    for _ in range(TIMES):
        let_others_succeed(journey)
        go_on(journey, clock, verdict)
    for _ in range(TIMES - 2):
        assert isinstance(go_on(journey, clock), Rest)

    assert journey.item().refused_reason == ""
    assert go_on(journey, clock) == Replan()


def test_an_update_that_orcid_fails_on_is_given_up_and_what_stands_is_unknown(journey: Journey, clock: Clock) -> None:
    """An earlier one may have been carried out; the steps after it go on."""
    journey.want()
    journey.stand(document=a_work("10.1/1", "Kiwi"))
    go_on(journey, clock)
    for _ in range(TIMES - 2):
        let_others_succeed(journey)
        assert isinstance(go_on(journey, clock), Rest)

    assert go_on(journey, clock) == GoOn(failed=7)
    assert (journey.stands[7].digest, journey.open_intents) == ("", ())
    assert reasons_of(planned(journey)) == {"1": WHY}
    journey.want(document=a_work("10.1/1", "Moa, second edition"))
    assert steps_of(planned(journey)) == ["update 7 with 1"]


def test_a_removal_that_orcid_fails_on_is_tried_daily(journey: Journey, clock: Clock) -> None:
    """It may have been carried out, and is never given up; nothing else of the person waits for it."""
    journey.store.items.want(withdrawn("1"), None)
    journey.stand()
    go_on(journey, clock)
    for _ in range(TIMES - 2):
        let_others_succeed(journey)
        assert isinstance(go_on(journey, clock), Rest)

    assert go_on(journey, clock) == GoOn(failed=7)
    assert (states_of(planned(journey)), planned(journey).calls) == ({"1": "in_doubt"}, ())
    assert planned(journey).wake_at == clock() + DAY
    clock.advance(DAY)
    assert steps_of(planned(journey)) == ["remove 7"]


def test_another_document_is_another_matter(journey: Journey, clock: Clock) -> None:
    """Failures are counted of one document and one method."""
    journey.want()
    journey.stand(document=a_work("10.1/1", "Kiwi"))
    for number in range(2 * TIMES):
        journey.want(document=a_work("10.1/1", f"Moa {number}"))
        let_others_succeed(journey)
        assert isinstance(go_on(journey, clock), Rest)

    assert [one.method for one in journey.open_intents] == [Method.PUT]
    assert journey.item().refused_reason == ""


def test_a_refusal_of_what_was_in_doubt_is_found_out_by_lists(journey: Journey) -> None:
    """400 to the same POST once more: the first may have been carried out before the rule was."""
    (doubt,) = journey.doubt("1")
    refused = replies.Refused(400, 9022, "no title")

    assert journey.send(steps.Repeat((doubt,)), refused, "no title") == Replan()
    assert (steps_of(planned(journey)), states_of(planned(journey))) == (["list work"], {"1": "in_doubt"})
    journey.store.intents.close(journey.open_intents[0], Outcome("not_found", NOW))
    assert reasons_of(planned(journey)) == {"1": "ORCID refused it: no title"}


def test_a_bulk_of_which_one_work_is_refused_as_a_whole_is_halved_at_once(journey: Journey) -> None:
    """4xx: surely not carried out."""
    aftermath = journey.send(journey.add("1", "2", "3"), replies.Refused(400, 9047, "invalid JSON"))

    assert isinstance(aftermath, Follow)
    assert [type(call) for call in aftermath.calls] == [steps.Add, steps.AddWorks]
    assert journey.open_intents == ()
