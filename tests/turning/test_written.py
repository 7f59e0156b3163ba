"""What the form that is sent cannot carry, although rules and planner let it through, stops nobody else."""

from mappers.documents import Document, Work, dump
from mappers.forms import Form, Format, Version
from mappers.groups import GroupIdRecord
from mappers.sections import Section
from state.facts import GroupState
from state.memory.store import MemoryStore
from tests.worker.builders import NOW, a_work, published, wanted
from tests.worker.documents import a_document
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.planning import steps
from worker.recording.sent import DAY
from worker.turning.preparing import carried, is_known_still, written

ON_V2_1 = Form(Version.V2_1)
PREPRINT = Work(title="Moa", type="preprint", external_ids=a_work("10.1/1").external_ids)
WHY = "it cannot be written: v2.1 has no work type preprint"


def a_journey(form: Form = ON_V2_1) -> Journey:
    """A person whose record is written in this form."""
    return Journey(MemoryStore(lambda: NOW), form)


def want(journey: Journey, subject: str, document: Document) -> steps.Add:
    """Puts an item into the store as wanted; returns the step that adds it."""
    item = wanted(subject, document)
    journey.store.items.want(item, dump(document))
    return steps.Add(item, None, "")


def is_written(journey: Journey, step: steps.RecordStep) -> bool:
    """Whether a step has a request."""
    carrying = carried(journey.store, step)
    assert carrying is not None
    return written(journey.store, step, carrying, journey.sender) is not None


def test_an_item_that_cannot_be_written_is_refused_until_it_changes() -> None:
    """Added or updated."""
    for updates in (False, True):
        journey = a_journey()
        add = want(journey, "1", PREPRINT)
        step = steps.Update(add.item, published(7), None, "") if updates else add

        assert not is_written(journey, step)
        assert (journey.item().refused_digest, journey.item().refused_reason) == (add.item.digest, WHY)


def test_of_a_bulk_only_the_works_at_fault_are_refused() -> None:
    """The others go out with the next plan."""
    journey = a_journey()
    adds = (want(journey, "1", PREPRINT), want(journey, "2", a_work("10.1/2")))

    assert not is_written(journey, steps.AddWorks(adds))
    assert [journey.item(subject).refused_reason for subject in "12"] == [WHY, ""]


def test_a_post_in_doubt_is_kept_for_another_form() -> None:
    """It was sent on v3.0, before the switch: what became of it is not forgotten."""
    journey = a_journey(Form())
    journey.send(want(journey, "1", PREPRINT), replies.InDoubt("reset", late=False))
    after = Journey(journey.store, ON_V2_1)

    assert not is_written(after, steps.Repeat(after.open_intents))
    assert [one.ripe_at for one in after.open_intents] == [NOW + DAY]
    assert journey.verdicts() == ["open"]


def test_a_group_that_cannot_be_written_is_refused() -> None:
    """XML has no place for a control character."""
    journey = a_journey(Form(Version.V3_0, Format.XML))
    group = GroupIdRecord("orcid-generated:kelp", "Kelp\x00", "journal")
    journey.store.groups.want(group)

    assert not is_written(journey, steps.EnsureGroup(group, ""))
    found = journey.store.groups.group(group.key)
    assert found is not None
    assert found.state is GroupState.REFUSED


def test_what_can_be_written_is() -> None:
    """And what carries nothing can always be."""
    journey = a_journey()
    stands = published(7, "1", a_document(Section.KEYWORDS))
    steps_: list[steps.RecordStep] = [
        want(journey, "1", a_work()),
        steps.Remove(stands, ""),
        steps.ListSection(Section.WORK, ""),
    ]

    assert all(is_written(journey, step) for step in steps_)


def test_what_is_gone_by_now_is_neither_written_over_nor_removed() -> None:
    """A late reply may tell that between plan and call: a call then would leave a doubt that nobody ends."""
    journey = a_journey(Form())
    add = want(journey, "1", a_work("10.1/1"))
    stands = published(7)
    journey.store.items.publish(stands)
    removal, update = steps.Remove(stands, ""), steps.Update(add.item, stands, None, "")
    moved = steps.MoveAside(add.item, stands, "own", "")

    assert all(is_known_still(journey.store, step) for step in (add, removal, update, moved))
    journey.store.items.unpublish(stands.orcid, stands.section, stands.put_code)
    assert [is_known_still(journey.store, step) for step in (add, removal, update, moved)] == [
        True,
        False,
        False,
        False,
    ]
