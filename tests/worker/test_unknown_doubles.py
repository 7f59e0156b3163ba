"""Doubles that we did not know: what 9021 means when a PUT, or a POST of what was removed, is answered by it."""

from dataclasses import replace

import pytest

from mappers.sections import Section
from state.facts import Origin, Standing
from tests.worker.builders import a_key, a_work
from tests.worker.journeys import Journey
from tests.worker.rounds import OURS
from tests.worker.test_discoveries import a_record, read
from worker.calling import replies
from worker.calling.aftermath import Follow, Replan
from worker.planning import steps
from worker.planning.policy import Policy
from worker.recording.discoveries import NOT_SHOWN, Discoveries

MOA = a_work("10.1/1", "Moa")
KIWI = a_work("10.1/1", "Kiwi")


def test_a_duplicate_of_an_update_that_we_do_not_know_is_looked_up(journey: Journey) -> None:
    """As for a POST: the section is listed once; what is found stands beside the item's own put-code."""
    step = steps.Update(journey.want(), journey.stand(document=KIWI), None, "")
    aftermath = journey.send(step, replies.Duplicate(8))
    expected = steps.Expected(a_key("1"), step.item.digest or "", 8, Origin.ADOPTED, beside=True)

    assert isinstance(aftermath, Follow)
    assert [call.expected for call in aftermath.calls if isinstance(call, steps.ListSection)] == [(expected,)]
    assert (journey.open_intents, journey.item().refused_reason) == ((), "")


@pytest.mark.parametrize("name", ["add", "update"])
def test_a_duplicate_of_what_was_taken_for_removed_stands_after_all(journey: Journey, name: str) -> None:
    """Lists lag, and 9021 comes from the master: it was not removed, and what it says is unknown."""
    journey.store.items.publish(replace(journey.stand(8, "2"), standing=Standing.REMOVED))
    step = journey.add("1") if name == "add" else steps.Update(journey.want(), journey.stand(7), None, "")

    assert journey.send(step, replies.Duplicate(8)) == Replan()
    assert (journey.stands[8].standing, journey.stands[8].digest) == (Standing.LIVE, "")
    assert journey.item().refused_reason == ""


def test_what_a_repeated_post_meets_where_unknown_items_stand_is_read(journey: Journey) -> None:
    """After a loss something of ours may stand there that nothing wanted then: it says what it said at that time."""
    journey.want("2", a_work("10.1/2"))
    read(journey, a_record((8, MOA)))
    aftermath = journey.send(steps.Repeat(journey.doubt("1")), replies.Duplicate(8))

    assert isinstance(aftermath, Follow)
    assert [type(call) for call in aftermath.calls] == [steps.ListSection]
    assert 8 not in journey.stands


@pytest.mark.parametrize("named", [8, None])
def test_an_unknown_item_that_a_put_met_is_adopted_beside_the_items_own(journey: Journey, named: int | None) -> None:
    """By the put-code that 9021 named, else by what it carries."""
    item = journey.want("1", MOA)
    journey.stand(7, "1", KIWI)
    expected = steps.Expected(item.key, item.digest or "", named, Origin.ADOPTED, beside=True)

    assert read(journey, a_record((7, KIWI), (8, MOA)), expected) == [8]
    assert {one.put_code: (one.item, one.origin) for one in journey.stands.values()} == {
        7: (item.key, Origin.CREATED),
        8: (item.key, Origin.ADOPTED),
    }


@pytest.mark.parametrize("named", [8, None])
def test_what_a_put_met_and_nothing_of_ours_shows_is_refused(journey: Journey, named: int | None) -> None:
    """As for a POST: until the document changes."""
    item = journey.want("1", MOA)
    journey.stand(7, "1", KIWI)
    read(
        journey,
        a_record((8, MOA), client="APP-OTHER"),
        steps.Expected(item.key, item.digest or "", named, Origin.ADOPTED, beside=True),
    )

    assert list(journey.stands) == [7]
    assert journey.item().refused_reason == f"409/9021: {NOT_SHOWN}"


def test_a_duplicate_of_what_is_added_again_is_found_though_its_tombstone_covers_it(journey: Journey) -> None:
    """`readd`: what stands under another put-code takes the tombstone's place."""
    item = journey.want("1", MOA)
    journey.store.items.publish(replace(journey.stand(7, "1", MOA), standing=Standing.REMOVED))
    step = steps.ListSection(Section.WORK, "", (steps.Expected(item.key, item.digest or "", 8, Origin.ADOPTED),))
    discoveries = Discoveries(journey.store, Policy(readd=True), OURS)
    record = a_record((8, MOA))
    aftermath = discoveries.listed(
        step, journey.sender, replies.Found(record.listing(Section.WORK)), journey.store.now()
    )
    assert isinstance(aftermath, Follow)
    for call in aftermath.calls:
        assert isinstance(call, steps.ReadItems)
        discoveries.read(call, journey.sender, replies.Found(record.read(Section.WORK, [8])), journey.store.now())

    assert {one.put_code: one.origin for one in journey.stands.values()} == {8: Origin.READDED}


def test_of_two_that_stand_for_a_slot_the_one_that_9021_named_serves_it(journey: Journey) -> None:
    """Two POSTs of what is one slot by now were carried out: the other is found by its own doubt, and left over."""
    together = a_work("10.1/1", "Moa", ids=["10.1/2"])
    first, second = journey.want("1", MOA), journey.want("2", a_work("10.1/2", "Kiwi"))
    doubt = journey.doubt("1")
    journey.want("1", together)
    record = a_record((7, a_work("10.1/2", "Kiwi")), (8, MOA))
    aftermath = journey.send(steps.Repeat(doubt), replies.Duplicate(8))
    assert isinstance(aftermath, Follow)
    (step,) = (call for call in aftermath.calls if isinstance(call, steps.ListSection))

    assert read(journey, record, *step.expected) == [8]
    assert {one.put_code: one.item for one in journey.stands.values()} == {8: first.key}
    assert second.key not in {one.item for one in journey.stands.values()}
