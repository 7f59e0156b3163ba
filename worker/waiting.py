"""Waiting: a state whose server is away when a daemon starts is waited for, as one that goes away later is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from state.store import AwayError, Store
from worker.interrupts import ended_by_signals
from worker.settings.settings import Settings
from worker.watching.metrics import Figures, Metrics
from worker.watching.tally import Tally
from worker.web.app import web_app
from worker.web.exposition import metrics_routes
from worker.web.health import health_routes
from worker.web.heartbeat import Heartbeat
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow
from worker.wiring import open_store

if TYPE_CHECKING:
    from state.postgres.store import PostgresStore
    from state.sqlite.store import SqliteStore

REST_SECONDS = 5.0
"""How often it is tried."""

log = structlog.get_logger()


def awaited_store(settings: Settings) -> "SqliteStore | PostgresStore":
    """As `open_store`, but waits for a server that is away, until SIGTERM or Ctrl-C end the process, with 0.

    Raises what `open_store` raises for what does not pass by itself, and BindError.
    """
    try:
        return open_store(settings)
    except AwayError as error:
        with ended_by_signals(0):
            return _waited_for(settings, error)


def _waited_for(settings: Settings, error: AwayError) -> "SqliteStore | PostgresStore":
    heartbeat = Heartbeat(time.monotonic)
    with _told(settings, heartbeat) as web:
        while True:
            log.warning("store_waits", why=str(error), web=web.url, seconds=REST_SECONDS)
            time.sleep(REST_SECONDS)
            heartbeat.beat()
            try:
                return open_store(settings)
            except AwayError as again:
                error = again


@contextmanager
def _told(settings: Settings, heartbeat: Heartbeat) -> Iterator[WebServer]:
    """Probes and metrics meanwhile: alive, not ready, and the store is not up."""

    def away() -> Store:
        raise AwayError("it is waited for")

    def figures() -> Figures:
        raise AwayError("it is waited for")

    window = StoreWindow(away)
    rooms = health_routes(heartbeat, window), metrics_routes(Metrics(Tally(), figures))
    try:
        with WebServer(web_app(*rooms), settings.web_bind) as web:
            yield web
    finally:
        window.close()
