"""The store under test, of both kinds, and a site for consent over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.memory.store import MemoryStore
from state.permission_facts import KnownPerson
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.fakes.set_clock import SetClock
from tests.permission.site import PERSON, Site
from tests.worker.builders import NOW


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands until it is moved."""
    return SetClock(NOW)


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Store]:
    """An empty store."""
    made: Store
    if request.param == "sqlite":
        made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock.now)
    else:
        made = MemoryStore(clock.now)
    yield made
    made.close()


@pytest.fixture
def site(store: Store, clock: SetClock) -> Site:
    """A site over each kind of store."""
    store.people.put(KnownPerson(PERSON, name="Josiah S. Carberry"))
    return Site(store, clock)
