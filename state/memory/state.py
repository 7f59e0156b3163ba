"""The state that memory stores share: the tables, under one writer at a time. It outlives the stores that use it."""

import threading
from contextlib import AbstractContextManager
from types import TracebackType

from state.memory.journal import Change, Journal
from state.memory.tables import Tables
from state.store import StoreError

BUSY_SECONDS = 30.0
"""How long a writer waits while another handle writes, as on SQLite."""


class MemoryState:
    """The tables, and the one handle that may be writing them. Kept by whoever wants to reopen a store on it."""

    def __init__(self) -> None:
        self._journal = Journal()
        self.tables = Tables(self._journal)
        self.mutex = threading.RLock()
        self._freed = threading.Condition(self.mutex)
        self._writer: Handle | None = None
        self._thread = 0
        self._depth = 0
        self._hidden: list[Change] | None = None

    def begin(self, handle: "Handle") -> int:
        """Opens a transaction of this handle, or a savepoint of its open one; returns the mark to end it by."""
        with self.mutex:
            if handle.closed:
                raise StoreError("the state in memory was closed")
            if self._writer is not handle:
                self._wait_for_turn()
                self._writer, self._thread = handle, threading.get_ident()
            self._depth += 1
            return len(self._journal.changes)

    def _wait_for_turn(self) -> None:
        # A thread that waited for itself would wait for ever; SQLite gives up after as long.
        in_vain = self._writer is not None and self._thread == threading.get_ident()
        if in_vain or not self._freed.wait_for(lambda: self._writer is None, BUSY_SECONDS):
            raise StoreError("the state in memory failed: another handle is writing")

    def end(self, handle: "Handle", mark: int, *, keep: bool) -> None:
        """Ends what `begin` opened: keeps its changes or takes them back."""
        with self.mutex:
            if self._writer is not handle:
                if keep:
                    raise StoreError("the state in memory was closed in a transaction")
                return
            if not keep:
                self._journal.unwind(mark)
            self._depth -= 1
            if self._depth == 0:
                self._free()

    def abandon(self, handle: "Handle") -> None:
        """Takes back what the handle had not yet committed."""
        with self.mutex:
            if self._writer is handle:
                self._journal.unwind()
                self._free()

    def _free(self) -> None:
        self._journal.changes.clear()
        self._writer, self._depth = None, 0
        self._freed.notify()

    def look(self, handle: "Handle") -> Tables:
        """The tables as this handle may see them, until `look_away`: without what another has not committed."""
        self.mutex.acquire()
        if handle.closed:
            self.mutex.release()
            raise StoreError("the state in memory was closed")
        if self._writer is not None and self._writer is not handle:
            self._hidden = self._journal.unwind()
        return self.tables

    def look_away(self) -> None:
        """Shows again what `look` hid."""
        if self._hidden is not None:
            self._journal.rewind(self._hidden)
            self._hidden = None
        self.mutex.release()


class Handle:
    """One store's use of the state."""

    def __init__(self, state: MemoryState) -> None:
        self.state = state
        self.closed = False
        self.reading = Reading(self)
        self.writing = Writing(self)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; one within another is a savepoint."""
        return Transaction(self)

    def close(self) -> None:
        """Takes back what is open; nothing can be read or written any more."""
        self.state.abandon(self)
        self.closed = True


class Transaction:
    """A transaction or savepoint of a handle, as a context."""

    __slots__ = ("_handle", "_mark")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._mark = 0

    def __enter__(self) -> None:
        self._mark = self._handle.state.begin(self._handle)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.state.end(self._handle, self._mark, keep=kind is None)


class Reading:
    """The context of a method that only reads: sees what is committed, and what this handle wrote."""

    __slots__ = ("_handle", "_state")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._state = handle.state

    def __enter__(self) -> Tables:
        return self._state.look(self._handle)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state.look_away()


class Writing:
    """The context of a method that writes: a short transaction that nobody looks into."""

    __slots__ = ("_handle", "_marks")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._marks: list[int] = []

    def __enter__(self) -> Tables:
        state = self._handle.state
        state.mutex.acquire()
        try:
            self._marks.append(state.begin(self._handle))
        except BaseException:
            state.mutex.release()
            raise
        return state.tables

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        state = self._handle.state
        try:
            state.end(self._handle, self._marks.pop(), keep=kind is None)
        finally:
            state.mutex.release()
