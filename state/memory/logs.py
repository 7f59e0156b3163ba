"""Positions and gaps of logs, in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mappers.events.messages import LogId
from state.facts import GapNote
from state.memory.state import Handle


class MemoryLogs:
    """How far each log was read, and what it no longer had."""

    def __init__(self, handle: Handle, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now

    def position(self, log: LogId) -> int | None:
        """The next offset to read."""
        with self._handle.reading as tables:
            return tables.positions.get(log)

    def advance(self, log: LogId, next_offset: int) -> None:
        """Forward only."""
        with self._handle.writing as tables:
            before = tables.positions.get(log)
            if before is None or next_offset > before:
                tables.positions.put(log, next_offset)

    def begin_again(self, log: LogId) -> None:
        """As if never read."""
        with self._handle.writing as tables:
            tables.positions.drop(log)

    def positions(self) -> Mapping[LogId, int]:
        """All positions."""
        with self._handle.reading as tables:
            return dict(tables.positions.items())

    def add_gap(self, log: LogId, first: int, last: int, reason: str) -> None:
        """Notes a gap, once."""
        with self._handle.writing as tables:
            if tables.gaps.get((log, first, last)) is None:
                gap = GapNote(tables.number("gap"), log, first, last, reason, self._now())
                tables.gaps.put((log, first, last), gap)

    def gaps(self) -> Sequence[GapNote]:
        """Open gaps, oldest first."""
        with self._handle.reading as tables:
            return sorted((gap for gap in tables.gaps if not gap.closed), key=lambda gap: gap.id)

    def close_gap(self, gap: int) -> bool:
        """Closes a gap."""
        with self._handle.writing as tables:
            for found in tables.gaps:
                if found.id == gap and not found.closed:
                    tables.gaps.put((found.log, found.first, found.last), replace(found, closed=True))
                    return True
            return False
