"""A store, a window on it and a clock, as the web server of a running process has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.sqlite_store import SqliteStore
from state.vault import Vault, new_key
from tests.web.hand_clock import HandClock
from worker.watching.tally import Tally
from worker.web.heartbeat import Heartbeat
from worker.web.store_window import StoreWindow


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands until it is moved."""
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqliteStore]:
    """The process's store."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock)
    yield made
    made.close()


@pytest.fixture
def window(store: SqliteStore) -> Iterator[StoreWindow]:
    """A window on it."""
    made = StoreWindow(store.twin)
    yield made
    made.close()


@pytest.fixture
def heartbeat(clock: HandClock) -> Heartbeat:
    """The loop's heartbeat."""
    return Heartbeat(clock)


@pytest.fixture
def tally() -> Tally:
    """What the process counted."""
    return Tally()
