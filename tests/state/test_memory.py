"""What only the store in memory does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from state.memory import state as memory_state
from state.memory.state import MemoryState
from state.memory.store import MemoryStore
from state.store import StoreError
from tests.state.dying import rolled_back
from tests.state.stores import Clock
from tests.state.whole import change_everything, take_everything_away, whole


def test_the_state_outlives_a_process_that_died(clock: Clock) -> None:
    """Its transaction is rolled back; a new store on the same state goes on from there."""
    first = MemoryStore(clock)
    change_everything(first)
    before = whole(first)
    with rolled_back(first), first.transaction():
        take_everything_away(first)

    second = MemoryStore(clock, first.state)
    assert whole(second) == before
    change_everything(second)
    assert whole(second) != before


def test_a_process_that_vanished_is_cleared_away_by_closing_it(clock: Clock) -> None:
    """Without having left its transactions."""
    state = MemoryState()
    vanished = MemoryStore(clock, state)
    vanished.transaction().__enter__()
    vanished.transaction().__enter__()
    change_everything(vanished)
    vanished.close()

    second = MemoryStore(clock, state)
    assert whole(second) == whole(MemoryStore(clock))
    with second.transaction():
        change_everything(second)


def test_a_thread_does_not_wait_for_itself(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation in one thread learns of its mistake at once."""
    monkeypatch.setattr(memory_state, "BUSY_SECONDS", 1e6)
    store = MemoryStore(clock)
    with store.transaction(), pytest.raises(StoreError, match="another handle is writing"):
        store.twin().notes.put("note", "text")


def test_a_reader_and_a_writer_at_full_speed(clock: Clock) -> None:
    """A reader in another thread sees whole transactions only."""
    store = MemoryStore(clock)

    def read() -> set[int]:
        twin = store.twin()
        return {len(set(twin.logs.positions().values())) for _ in range(2000)}

    def write() -> None:
        twin = store.twin()
        for _ in range(200):
            with twin.transaction():
                change_everything(twin)

    write()
    with ThreadPoolExecutor(2) as threads:
        reading, writing = threads.submit(read), threads.submit(write)
        writing.result(60)
        assert reading.result(60) == {1}


def test_rolling_back_costs_what_was_changed(clock: Clock) -> None:
    """The journal holds the changes of the open transaction and nothing else."""
    store = MemoryStore(clock)
    for number in range(1000):
        store.notes.put(str(number), "text")
    assert store.state._journal.changes == []

    with rolled_back(store):
        store.notes.put("1", "another")
        store.notes.put("unknown", None)
        assert len(store.state._journal.changes) == 1

    assert store.state._journal.changes == []
    assert store.notes.get("1") == "text"
