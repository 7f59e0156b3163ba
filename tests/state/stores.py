"""Every store that the contract suite runs over, by name.

To add one: write a function that makes an empty store of its kind, and give it a name in STORES. Each test in this
folder that asks for the fixture `store` then runs over it too. A store whose server is not there should be skipped
by its function (`pytest.skip` with what to start); whatever it made for one test it may take away when the next asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from state.memory.store import MemoryStore
from state.postgres.store import PostgresStore
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.postgres.emptied import emptied


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    time: float = 1_764_000_000.0

    def __call__(self) -> float:
        return self.time

    def advance(self, seconds: float) -> float:
        """Moves it; returns what it shows."""
        self.time += seconds
        return self.time


def memory(request: pytest.FixtureRequest, folder: Path, clock: Clock) -> Store:
    """An empty store in memory."""
    return MemoryStore(clock)


def sqlite(request: pytest.FixtureRequest, folder: Path, clock: Clock) -> Store:
    """An empty store in a new file."""
    return SqliteStore(folder / "state.db", Vault([new_key()]), clock)


def postgresql(request: pytest.FixtureRequest, folder: Path, clock: Clock) -> Store:
    """An empty store in a database of the session's server."""
    return PostgresStore(emptied(request.getfixturevalue("postgres")), Vault([new_key()]), clock)


STORES: Mapping[str, Callable[[pytest.FixtureRequest, Path, Clock], Store]] = {
    "memory": memory,
    "sqlite": sqlite,
    "postgresql": postgresql,
}
