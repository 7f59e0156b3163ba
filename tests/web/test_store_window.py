"""The store window: a look at the store that waits for nothing."""

import threading
import time
from collections.abc import Iterator

import pytest

from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from worker.web.store_window import StoreWindow


class FailingDoor:
    """Opens a store's twin once it is let."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.shut = True
        self.opened = 0

    def __call__(self) -> Store:
        if self.shut:
            raise StoreError("the state is away")
        self.opened += 1
        return self._store.twin()


@pytest.fixture
def door(store: SqliteStore) -> FailingDoor:
    """A way to the store that is shut at first."""
    return FailingDoor(store)


@pytest.fixture
def behind_the_door(door: FailingDoor) -> Iterator[StoreWindow]:
    """A window that is opened through the door."""
    made = StoreWindow(door, patience=0.2)
    yield made
    made.close()


def test_it_sees_what_is_committed(store: SqliteStore, window: StoreWindow) -> None:
    """What another thread wrote is seen, also while that thread is writing something else."""
    store.notes.put("a", "1")

    with store.transaction():
        store.notes.put("a", "2")
        during = window.look(lambda twin: twin.notes.get("a"))

    assert (during, window.look(lambda twin: twin.notes.get("a"))) == ("1", "2")


def test_a_store_that_returns_is_seen_again(door: FailingDoor, behind_the_door: StoreWindow) -> None:
    """While the store is away looks fail; afterwards one store serves all of them."""
    with pytest.raises(StoreError, match="the state is away"):
        behind_the_door.look(lambda twin: twin.notes.get("a"))
    door.shut = False

    for _ in range(3):
        assert behind_the_door.look(lambda twin: twin.notes.get("a")) is None

    assert door.opened == 1


def test_a_store_that_hangs_keeps_nobody(door: FailingDoor, behind_the_door: StoreWindow) -> None:
    """Looks give up in time, those that waited behind a hanging one are not made later, and then all is well."""
    door.shut = False
    hangs, made = threading.Event(), []
    began = time.monotonic()

    with pytest.raises(StoreError, match=r"did not answer within 0\.2 s"):
        behind_the_door.look(lambda _: hangs.wait(10))
    with pytest.raises(StoreError, match="did not answer"):
        behind_the_door.look(lambda _: made.append("late"))
    took = time.monotonic() - began
    hangs.set()

    assert took < 2
    assert behind_the_door.look(lambda _: "well") == "well"
    assert not made


def test_a_look_that_fails_is_a_store_error(store: SqliteStore, window: StoreWindow) -> None:
    """Whatever goes wrong while looking, who looks has one error to expect."""
    with pytest.raises(StoreError, match="ZeroDivisionError"):
        window.look(lambda _: 1 / 0)

    assert window.look(lambda twin: twin.letters.count()) == 0
