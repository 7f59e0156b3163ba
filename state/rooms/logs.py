"""Logs: how far each log was read, and what it no longer had."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from mappers.events.messages import LogId
from state.facts import GapNote


class Logs(Protocol):
    """How far each log was read, and what it no longer had."""

    def position(self, log: LogId) -> int | None:
        """The next offset to read, or None when the log was never read."""
        ...

    def advance(self, log: LogId, next_offset: int) -> None:
        """Moves the position, forward only."""
        ...

    def begin_again(self, log: LogId) -> None:
        """Forgets the position of a log that was cut below it, so that what it holds now is read."""
        ...

    def positions(self) -> Mapping[LogId, int]:
        """All positions."""
        ...

    def add_gap(self, log: LogId, first: int, last: int, reason: str) -> None:
        """Notes a gap, once."""
        ...

    def gaps(self) -> Sequence[GapNote]:
        """Gaps not closed by an operator, oldest first."""
        ...

    def close_gap(self, gap: int) -> bool:
        """Closes a gap; false when there is no such open one."""
        ...
