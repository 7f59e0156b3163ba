"""A topic in memory: the event source that a seed can drive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mappers.messages import LogId, Message, Place
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

    def poll(self, limit: int, timeout: float) -> Batch:
        """Takes the partitions in turn; a new one starts at the store's position."""
        del timeout
        starts: dict[LogId, int] = {}
        gaps: list[Gap] = []
        messages: list[Message] = []
        behind = False
        for log in self._logs:
            known = self._next.get(log.log)
            if known is None:
                known = self._positions(log.log)
                behind = behind or (log.committed or 0) > (known or 0)
                start = log.begin if known is None else known
                known = start
            if known < log.begin:
                gaps.append(Gap(log.log, known, log.begin - 1, "the log no longer had these messages"))
                known = log.begin
            elif known > log.end:
                gaps.append(Gap(log.log, log.end, known - 1, "the log ends before the position we had reached"))
                known = log.begin
            if log.log not in self._next or gaps:
                starts[log.log] = known
            taken = log.messages[known - log.begin :][: limit - len(messages)]
            messages += taken
            self._next[log.log] = known + len(taken)
        return Batch(messages, gaps, starts, behind=behind)

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Keeps what the group has come to."""
        for log in self._logs:
            if log.log in positions:
                log.committed = positions[log.log]

    def lag(self) -> Mapping[LogId, int]:
        """What is behind each position."""
        return {log.log: log.end - self._next.get(log.log, log.begin) for log in self._logs}

    def rewind(self) -> None:
        """Starts again from the store's positions."""
        self._next.clear()

    def close(self) -> None:
        """Nothing stays open."""
