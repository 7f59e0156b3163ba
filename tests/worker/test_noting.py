"""What a plan notes without a call, in the store."""

from tests.worker.builders import PERSON, a_key, a_work
from tests.worker.journeys import Journey
from worker.planning import steps
from worker.recording.parking import parked_on
from worker.turning.noting import note


def test_what_waited_for_a_put_code_that_is_its_own_now_is_tried_again(journey: Journey) -> None:
    """ORCID counted it as one with another item of ours, which has left it the put-code since: it is written there."""
    standing = journey.stand(document=a_work("10.1/1", "Kiwi"))
    waiting = journey.want("2")
    journey.store.items.refuse(waiting.key, waiting.digest or "", parked_on(standing.put_code))
    before = journey.store.agenda.revision(PERSON)

    made = steps.Plan(notes=(steps.Reassign(standing, a_key("2"), standing.digest),))
    note(journey.store, journey.store.items.facts(PERSON), made)

    assert journey.stands[standing.put_code].item == a_key("2")
    assert journey.item("2").refused_digest == ""
    assert journey.store.agenda.revision(PERSON) > before
