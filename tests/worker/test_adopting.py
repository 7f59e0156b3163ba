"""Adopting: which of the items of ours on a record, after the store was lost, stands for what is wanted."""

import pytest

from mappers.sections import Section
from tests.worker.builders import a_key, a_work
from tests.worker.documents import a_document
from tests.worker.journeys import Journey
from tests.worker.rounds import OURS, Record
from worker.calling import replies
from worker.calling.aftermath import Follow
from worker.planning import steps
from worker.planning.policy import Policy
from worker.recording.discoveries import Discoveries

POLICY = Policy()
MOA = a_work("10.1/1", "Moa")
BARE = a_work("", "Kiwi")


def adopted(journey: Journey, record: Record, section: Section) -> list[int]:
    """Lists a section, reads what is to be read; returns the put-codes that the store knows then."""
    discoveries, now = Discoveries(journey.store, POLICY, OURS), journey.store.now()
    found = replies.Found(record.listing(section))
    aftermath = discoveries.listed(steps.ListSection(section, ""), journey.sender, found, now)
    for step in aftermath.calls if isinstance(aftermath, Follow) else ():
        assert isinstance(step, steps.ReadItems)
        body = record.read(section, [one.put_code for one in step.found])
        discoveries.read(step, journey.sender, replies.Found(body), now)
    return sorted(journey.stands)


@pytest.mark.parametrize("section", Section)
def test_an_item_of_any_section_is_found_again(journey: Journey, section: Section) -> None:
    """By its identifier, by our own id, or by what it says."""
    document = a_document(section)
    wanted, record = journey.want("1", document), Record()
    record.keep(document, None if section.is_of_person else POLICY.own_id(wanted.key), 7)

    assert adopted(journey, record, section) == [7]


@pytest.mark.parametrize(
    ("left_over", "same"), [pytest.param(7, 8, id="the older"), pytest.param(8, 7, id="the newer")]
)
def test_an_identifier_counts_for_more_than_our_own_id(journey: Journey, left_over: int, same: int) -> None:
    """Else the item could never be written: ORCID would count it as one with the other, which nobody knows."""
    journey.want("1", MOA)
    record = Record()
    record.keep(BARE, POLICY.own_id(a_key("1")), left_over)
    record.keep(MOA, None, same)

    assert adopted(journey, record, Section.WORK) == [same]
