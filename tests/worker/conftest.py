"""The store under test, and the clock it goes by."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.state import stores
from tests.worker.builders import NOW
from tests.worker.journeys import Journey


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    time: float = NOW

    def __call__(self) -> float:
        return self.time

    def advance(self, seconds: float) -> float:
        """Moves it; returns what it shows."""
        self.time += seconds
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """An empty store in a new file."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock)
    yield made
    made.close()


@pytest.fixture(params=list(stores.STORES))
def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind in turn; their clock is that of tests/state."""
    made = stores.STORES[request.param](request, tmp_path, stores.Clock())
    yield made
    made.close()


@pytest.fixture
def journey(store: Store) -> Journey:
    """A person with a grant, and a lease on the record."""
    return Journey(store)
