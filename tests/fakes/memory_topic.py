"""A topic in memory: the event source that a seed can drive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mappers.events.messages import LogId, Message, Place
from worker.ports import Batch, Gap, Positions


@dataclass
class MemoryLog:
    """One partition: what was produced, from offset `begin` on, and what the group committed."""

    log: LogId
    messages: list[Message] = field(default_factory=list)
    begin: int = 0
    committed: int | None = None

    @property
    def end(self) -> int:
        """The next offset to be produced."""
        return self.begin + len(self.messages)

    def produce(
        self, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = (), key: bytes | None = None
    ) -> None:
        """Appends a message."""
        place = Place(self.log.topic, self.end, self.log)
        self.messages.append(Message(place, value, headers, key, live=True))

    def expire(self, before: int) -> None:
        """Retention: drops what is before an offset."""
        gone = max(0, min(before, self.end) - self.begin)
        del self.messages[:gone]
        self.begin += gone


class MemoryTopicSource:
    """Reads partitions in memory, from the positions that the store holds."""

    exhausted = False
    trouble: str | None = None

    def __init__(self, logs: Sequence[MemoryLog], positions: Positions) -> None:
        self._logs = list(logs)
        self._positions = positions
        self._next: dict[LogId, int] = {}
        self._begun: dict[LogId, int] = {}

    def poll(self, limit: int, timeout: float) -> Batch:
        """Takes the partitions in turn; a new one starts at the store's position."""
        del timeout
        starts: dict[LogId, int] = {}
        gaps: list[Gap] = []
        messages: list[Message] = []
        behind = False
        for log in self._logs:
            at = self._next.get(log.log)
            if at is None or not log.begin <= at <= log.end:
                stored = self._positions(log.log)
                behind = behind or (log.committed or 0) > (stored or 0)
                at, gap = _start(log, self._begun.get(log.log) if stored is None else stored)
                self._begun.setdefault(log.log, at)
                starts[log.log] = at
                gaps += [gap] if gap else []
            taken = log.messages[at - log.begin :][: limit - len(messages)]
            messages += taken
            self._next[log.log] = at + len(taken)
        return Batch(messages, gaps, starts, behind=behind)

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Keeps what the group has come to."""
        for log in self._logs:
            if log.log in positions:
                log.committed = positions[log.log]

    def lag(self) -> Mapping[LogId, int]:
        """What is behind each position."""
        return {log.log: log.end - self._next[log.log] for log in self._logs if log.log in self._next}

    def rewind(self) -> None:
        """Starts again from the store's positions."""
        self._next.clear()

    def close(self) -> None:
        """Nothing stays open."""


def _start(log: MemoryLog, known: int | None) -> tuple[int, Gap | None]:
    """Where to read on, and what was missed."""
    if known is None or log.begin <= known <= log.end:
        return log.begin if known is None else known, None
    if known < log.begin:
        return log.begin, Gap(log.log, known, log.begin - 1, "the log no longer had these messages")
    return log.begin, Gap(log.log, log.end, known - 1, "the log ends before the position we had reached")
