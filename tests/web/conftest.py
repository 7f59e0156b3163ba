"""A store, a window on it and a clock, as the web server of a running process has them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.web.hand_clock import HandClock
from worker.reports.overview import count_overview
from worker.settings.values import BindAddress
from worker.watching.tally import Tally
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.heartbeat import Heartbeat
from worker.web.operators.routes import operator_routes
from worker.web.server import WebServer
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
def back_window(store: SqliteStore) -> Iterator[StoreWindow]:
    """Another, for what takes long."""
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


@pytest.fixture
def operators(window: StoreWindow, back_window: StoreWindow) -> Iterator[httpx.Client]:
    """A client of a running server that has the operators' pages, and no token."""
    app = web_app(operator_routes(window, Counting(back_window, count_overview), None, 30.0, lambda _: ""))
    with WebServer(app, BindAddress("127.0.0.1", 0)) as server, httpx.Client(base_url=server.url) as client:
        yield client
