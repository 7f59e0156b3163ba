"""The world, over each store."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from state.memory.store import MemoryStore
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.fakes.set_clock import SetClock
from tests.turning.worlds import NOW, World


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What the loop logs is tested elsewhere."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An empty world."""
    clock = SetClock(NOW)
    store: Store = (
        MemoryStore(clock.now)
        if request.param == "memory"
        else SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock.now)
    )
    made = World(store, clock)
    yield made
    made.close()
    store.close()
