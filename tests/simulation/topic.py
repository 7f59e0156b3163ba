"""The topic: partitions, the group that shares them out, and what each process polls of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from zlib import crc32

from mappers.events.messages import LogId, Message
from tests.fakes.memory_topic import MemoryLog
from tests.fakes.set_clock import SetClock
from worker.kafka.starts import Bounds, Committed, choose_start
from worker.ports import Batch, Positions

PARTITIONS = 3
HELD_BACK = 0.1
"""How often a batch that was polled is applied only later, when its partition may be another's."""


@dataclass
class Topic:
    """The partitions with what was produced, and the group's owners; `generation` grows with every rebalance."""

    logs: list[MemoryLog] = field(
        default_factory=lambda: [MemoryLog(LogId("cluster", "t1", "events", number)) for number in range(PARTITIONS)]
    )
    owners: dict[LogId, str] = field(default_factory=dict)
    generation: int = 0

    def produce(self, key: str, value: bytes) -> Message:
        """Appends to the key's partition."""
        log = self.logs[crc32(key.encode()) % len(self.logs)]
        log.produce(value, key=key.encode())
        return log.messages[-1]

    def share_out(self, members: Sequence[str], random: Random) -> None:
        """Gives each partition to one of the members."""
        self.generation += 1
        self.owners = {log.log: random.choice(members) for log in self.logs} if members else {}

    def messages(self) -> list[Message]:
        """All that was produced."""
        return [message for log in self.logs for message in log.messages]


class Consumer:
    """What one process polls: as KafkaSession does it, from the positions that the store holds."""

    exhausted = False
    trouble: str | None = None

    def __init__(
        self, topic: Topic, name: str, positions: Positions, clock: SetClock, random: Random, counts: Counter[str]
    ) -> None:
        self._topic = topic
        self._name = name
        self._positions = positions
        self._clock = clock
        self._random = random
        self._counts = counts
        self._next: dict[LogId, int] = {}
        self._begun: dict[LogId, int] = {}
        self._generation = -1
        self._held: Batch | None = None
        self._held_in = 0
        self.held_until = 0.0

    def poll(self, limit: int, timeout: float) -> Batch:
        """The next messages; now and then they are applied only later, and no others before them."""
        del timeout
        if self._held is not None and self.held_until > self._clock.now():
            return Batch()
        held, self._held = self._held, None
        if held is not None:
            if self._held_in != self._topic.generation and held.messages:
                self._counts["stale owner applies late"] += 1
            return held
        batch = self._polled(min(limit, self._random.choice([1, 10, 50])))
        if (batch.messages or batch.starts) and self._random.random() < HELD_BACK:
            self._held, self._held_in = batch, self._topic.generation
            self.held_until = self._clock.now() + self._random.choice([0.0, 1.0, 20.0, 70.0])
            return Batch()
        return batch

    def has_work(self) -> bool:
        """Whether a poll would bring anything."""
        if self._held is not None:
            return self.held_until <= self._clock.now()
        if self._generation != self._topic.generation:
            return True
        return any(log.end > self._next.get(log.log, -1) for log in self._topic.logs if self._is_mine(log))

    def _is_mine(self, log: MemoryLog) -> bool:
        return self._topic.owners.get(log.log) == self._name

    def _polled(self, limit: int) -> Batch:
        mine = [log for log in self._topic.logs if self._is_mine(log)]
        if self._generation != self._topic.generation:
            self._generation = self._topic.generation
            kept = {log.log for log in mine}
            self._next = {log: at for log, at in self._next.items() if log in kept}
        taken_over = [log for log in mine if log.log not in self._next]
        if taken_over:
            return self._take_over(taken_over)
        messages: list[Message] = []
        for log in mine:
            at = self._next[log.log]
            found = log.messages[at - log.begin :][: limit - len(messages)]
            messages += found
            self._next[log.log] = at + len(found)
        return Batch(messages)

    def _take_over(self, logs: Sequence[MemoryLog]) -> Batch:
        starts, gaps, behind = {}, [], False
        for one in logs:
            known = self._positions(one.log)
            committed = None if one.committed is None else Committed(one.committed, one.log.topic_id)
            known = self._begun.get(one.log) if known is None else known
            start = choose_start(one.log, known, Bounds(one.begin, one.end), committed)
            self._begun.setdefault(one.log, start.offset)
            self._next[one.log] = starts[one.log] = start.offset
            gaps += [start.gap] if start.gap else []
            behind = behind or start.behind
        return Batch((), gaps, starts, behind)

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Keeps what the group has come to, of the partitions that are ours."""
        for log in self._topic.logs:
            if log.log in positions and self._is_mine(log):
                log.committed = max(log.committed or 0, positions[log.log])

    def lag(self) -> Mapping[LogId, int]:
        """What is behind each position."""
        return {log.log: log.end - self._next[log.log] for log in self._topic.logs if log.log in self._next}

    def rewind(self) -> None:
        """Starts again from the store's positions."""
        self._next.clear()

    def close(self) -> None:
        """Nothing stays open."""
