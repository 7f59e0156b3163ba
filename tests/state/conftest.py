"""The stores under test, and the clock they go by."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.store import Store
from tests.state.stores import STORES, Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """An empty store of each kind in turn."""
    made = STORES[request.param](request, tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def twin(store: Store) -> Iterator[Store]:
    """Another handle on the state of `store`."""
    made = store.twin()
    yield made
    made.close()
