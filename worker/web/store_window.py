"""The store window: a look at the store for threads that must not wait for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

import structlog

from state.store import Store, StoreError

T = TypeVar("T")

PATIENCE_SECONDS = 2.0
"""How long a look waits at most: probes give up after some seconds, and none may pile up behind a store that hangs."""

log = structlog.get_logger()


class StoreWindow:
    """Holds a store of its own (a twin), in a thread of its own, opened at the first look and again after a failure."""

    def __init__(self, open_store: Callable[[], Store], patience: float = PATIENCE_SECONDS) -> None:
        self._open = open_store
        self._patience = patience
        self._looks: SimpleQueue[tuple[Callable[[Store], Any], Future[Any]] | None] = SimpleQueue()
        self._store: Store | None = None
        self._well = True
        self._thread = threading.Thread(target=self._serve, name="orcid-sync-store-window", daemon=True)
        self._thread.start()

    def look(self, read: Callable[[Store], T]) -> T:
        """What `read` finds in the store; raises StoreError when it can't be used or does not answer in time."""
        answer = self.begin(read)
        try:
            return answer.result(self._patience)
        except TimeoutError:
            answer.cancel()
            raise StoreError(f"the state did not answer within {self._patience:g} s") from None

    def begin(self, read: Callable[[Store], T]) -> Future[T]:
        """What `read` will find in the store, or the StoreError; who asks does not wait."""
        answer: Future[T] = Future()
        self._looks.put((read, answer))
        return answer

    def close(self) -> None:
        """Closes its store; waits no longer than for one look."""
        self._looks.put(None)
        self._thread.join(self._patience)

    def _serve(self) -> None:
        while (wanted := self._looks.get()) is not None:
            read, answer = wanted
            if answer.set_running_or_notify_cancel():
                self._answer(read, answer)
        self._drop()

    def _answer(self, read: Callable[[Store], Any], answer: Future[Any]) -> None:
        try:
            if self._store is None:
                self._store = self._open()
            found = read(self._store)
            self._note(None)
            answer.set_result(found)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next look begins with a store opened anew
            self._drop()
            fault = error if isinstance(error, StoreError) else StoreError(f"a look at the state failed: {error!r}")
            self._note(fault)
            answer.set_exception(fault)

    def _note(self, error: StoreError | None) -> None:
        if error is not None and self._well:
            log.warning("store_lost_from_sight", why=str(error))
        if error is None and not self._well:
            log.info("store_seen_again")
        self._well = error is None

    def _drop(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            with suppress(StoreError):
                store.close()
