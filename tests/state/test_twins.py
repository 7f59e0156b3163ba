"""Several handles on one state, over every store."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from state.memory import state as memory_state
from state.postgres import engine as postgres_engine
from state.sqlite import engine as sqlite_engine
from state.store import Store, StoreError
from tests.state.dying import rolled_back
from tests.state.whole import change_everything, take_everything_away, whole


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    """Another thread."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


def test_a_twin_sees_what_is_committed(store: Store, twin: Store, thread: ThreadPoolExecutor) -> None:
    """At once, and both ways."""
    change_everything(store)
    assert thread.submit(whole, twin).result(10) == whole(store)

    thread.submit(take_everything_away, twin).result(10)
    assert whole(store) == whole(twin)


@pytest.mark.parametrize(
    "change", [pytest.param(change_everything, id="changed"), pytest.param(take_everything_away, id="gone")]
)
def test_a_twin_does_not_see_what_is_not_committed(
    store: Store, twin: Store, thread: ThreadPoolExecutor, change: Callable[[Store], None]
) -> None:
    """It sees the state as it was, without waiting; and its looking disturbs nothing."""
    change_everything(store)
    before = whole(store)
    with store.transaction():
        change(store)
        within = whole(store)
        assert thread.submit(whole, twin).result(10) == before
        assert whole(twin) == before
        assert whole(store) == within

    assert thread.submit(whole, twin).result(10) == within


def test_a_look_in_between_changes_nothing(store: Store, twin: Store) -> None:
    """What was written several times in a transaction stands as written last, however often others looked."""
    store.notes.put("gone", "text")
    with store.transaction():
        for text in ("first", "second", "third"):
            store.notes.put("note", text)
        store.notes.put("gone", "another")
        store.notes.put("gone", None)
        for _ in range(2):
            assert twin.notes.get("note") is None
            assert (store.notes.get("note"), store.notes.get("gone")) == ("third", None)
            assert twin.notes.get("gone") == "text"
    assert (twin.notes.get("note"), twin.notes.get("gone")) == ("third", None)


def test_a_twin_never_sees_what_was_rolled_back(store: Store, twin: Store) -> None:
    """Neither within the transaction nor after it."""
    change_everything(store)
    before = whole(store)
    with rolled_back(store):
        take_everything_away(store)
        assert whole(twin) == before

    assert whole(twin) == whole(store) == before


def test_a_writer_waits_for_the_other(store: Store, twin: Store, thread: ThreadPoolExecutor) -> None:
    """Its write comes after the transaction, and counts."""
    begun = Event()

    def write() -> None:
        begun.set()
        twin.notes.put("note", "second")

    with store.transaction():
        store.notes.put("note", "first")
        writing: Future[None] = thread.submit(write)
        begun.wait(10)
        with pytest.raises(TimeoutError):
            writing.result(0.05)
        assert store.notes.get("note") == "first"
    writing.result(10)

    assert store.notes.get("note") == "second"


def test_transactions_are_serial(store: Store) -> None:
    """What was read in a transaction still holds when it is written: no count is lost."""

    def count(handle: Store) -> None:
        for _ in range(50):
            with handle.transaction():
                handle.notes.put("count", str(int(handle.notes.get("count") or 0) + 1))

    twins = [store.twin() for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(count, handle) for handle in twins]:
            done.result(60)
    for handle in twins:
        handle.close()

    assert store.notes.get("count") == "150"


def test_a_twin_outlives_the_store_it_came_from(store: Store) -> None:
    """Handles do not depend on each other."""
    second = store.twin()
    third = second.twin()
    second.notes.put("note", "text")
    second.close()

    assert third.notes.get("note") == "text"
    third.close()


def test_twins_go_by_the_same_clock(store: Store, twin: Store) -> None:
    """Leases would mean nothing otherwise."""
    assert twin.now() == store.now()


def test_waiting_for_ever_is_an_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that never ends stops the others with a line that says so; it goes on itself."""
    monkeypatch.setattr(sqlite_engine, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(postgres_engine, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(memory_state, "BUSY_SECONDS", 0.1)
    twin = store.twin()
    with store.transaction():
        store.notes.put("note", "first")
        with pytest.raises(StoreError, match=r"^[^\n]+$"):
            twin.notes.put("note", "second")
        with pytest.raises(StoreError), twin.transaction():
            pass
    assert twin.notes.get("note") == "first"
    twin.notes.put("note", "second")
    twin.close()

    assert store.notes.get("note") == "second"
