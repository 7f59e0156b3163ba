"""Counting: what takes long is counted beside those who ask for it, who get what was found last."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from time import monotonic
from typing import Generic, TypeVar

from state.store import Store
from worker.watching.counts import COUNT_SHARE, SHORT_COUNT
from worker.web.store_window import StoreWindow

T = TypeVar("T")


class Counting(Generic[T]):
    """Counts behind a window of its own, one count at a time, begun by whoever asks when it is due.

    Nobody waits for a count longer than SHORT_COUNT from its beginning. After it, whether it went well or not, it rests
    COUNT_SHARE times as long as it took, unless it went well and was short.
    """

    def __init__(self, window: StoreWindow, count: Callable[[Store], Iterable[T]]) -> None:
        """`count` gives what is known already, if anything, and what it finds; it may raise StoreError."""
        self._window = window
        self._count = count
        self._found: T | None = None
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self._began = self._rests_until = 0.0

    def latest(self) -> T | None:
        """What was found last; None before anything was."""
        with self._lock:
            if self._idle.is_set() and monotonic() >= self._rests_until:
                self._idle.clear()
                self._began = monotonic()
                self._window.begin(self._make).add_done_callback(self._rest)
            until = self._began + SHORT_COUNT
        self._idle.wait(max(0.0, until - monotonic()))
        return self._found

    def _make(self, store: Store) -> None:
        for found in self._count(store):
            self._found = found

    def _rest(self, made: Future[None]) -> None:
        took = monotonic() - self._began
        is_well = made.exception() is None
        self._rests_until = monotonic() + (0.0 if is_well and took <= SHORT_COUNT else COUNT_SHARE * took)
        self._idle.set()
