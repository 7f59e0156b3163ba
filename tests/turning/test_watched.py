"""What whoever watches is told by the loop: when a call last changed a record, and whether events can be read."""

from tests.turning.worlds import World, employment
from worker.note_names import LAST_SUCCESS
from worker.sandbox.records import RecordState
from worker.turning.desk import SUCCESS_SECONDS


def noted(world: World) -> float | None:
    """When a call last changed a record, as all processes see it."""
    said = world.store.notes.get(LAST_SUCCESS)
    return None if said is None else float(said)


def test_a_success_is_noted_now_and_then(world: World) -> None:
    """In the store, so that it outlives the process; not at every call, for each would cost a write."""
    world.connect(1)
    office = world.office()
    world.settle(office)
    assert noted(world) is None

    world.tell(employment(1, 0))
    world.settle(office)
    first = noted(world)
    assert first == office.tally.last_change_at

    world.tell(employment(1, 1))
    world.settle(office)
    assert len(world.titles(1)) == 2
    assert noted(world) == first

    world.clock.advance(SUCCESS_SECONDS)
    world.tell(employment(1, 2))
    world.settle(office)
    assert noted(world) == office.tally.last_change_at


def test_a_call_that_changes_nothing_is_no_success(world: World) -> None:
    """A record that is locked answers, and stays as it is."""
    world.connect(1)
    world.sandbox.records[world.orcid(1)].state = RecordState.LOCKED
    office = world.office()

    world.tell(employment(1))
    world.settle(office)

    assert sum(office.tally.calls.values()) > 0
    assert noted(world) is None


def test_a_source_that_cannot_be_read_is_told(world: World) -> None:
    """And that it can be again; a process that reads none says nothing."""
    reads, sends = world.office(), world.office("two")
    source = reads.loop._source

    told = []
    for trouble in (None, "no broker answers", None):
        source.trouble = trouble  # type: ignore[misc]
        reads.turn()
        told.append(reads.tally.source_down)
    sends.turn()

    assert told == [False, True, False]
    assert sends.tally.source_down is None
