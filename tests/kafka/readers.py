"""Readers: sources with a store of positions in memory, polled and applied as the worker's loop does it."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar

from mappers.events.messages import LogId, Message
from tests.kafka.brokers import Broker
from worker.kafka.access import KafkaAccess
from worker.kafka.source import KafkaSource
from worker.kafka.subscription import Subscription
from worker.ports import Batch, EventSource, Gap

S = TypeVar("S", bound=EventSource)


@dataclass
class Ledger:
    """What our store would hold: next offsets, moved only forward."""

    positions: dict[LogId, int] = field(default_factory=dict)

    def next_offset(self, log: LogId) -> int | None:
        """Where the log is to be read on."""
        return self.positions.get(log)

    def apply(self, message: Message) -> bool:
        """Moves the position over the message; false when it was applied before."""
        log = message.place.log
        assert log is not None
        if message.place.offset < self.positions.get(log, 0):
            return False
        self.positions[log] = message.place.offset + 1
        return True


class Reader(Generic[S]):
    """One worker's intake: polls its source, applies to the ledger, commits."""

    def __init__(self, source: S, ledger: Ledger) -> None:
        self.source = source
        self.ledger = ledger
        self.messages: list[Message] = []
        self.gaps: list[Gap] = []
        self.starts: dict[LogId, int] = {}
        self.behind = False
        self.limit = 500
        self.timeout = 0.1

    @property
    def values(self) -> list[bytes | None]:
        """The values applied, in their order."""
        return [message.value for message in self.messages]

    def turn(self) -> Batch:
        """One turn of the loop."""
        batch = self.source.poll(self.limit, self.timeout)
        self.messages += [message for message in batch.messages if self.ledger.apply(message)]
        self.gaps += batch.gaps
        self.starts |= batch.starts
        self.behind = self.behind or batch.behind
        if batch.messages:
            self.source.commit(self.ledger.positions)
        return batch

    def read(self, count: int) -> "Reader[S]":
        """Turns until `count` messages are applied in all."""
        return self.until(lambda: len(self.messages) >= count)

    def until(self, done: Callable[[], bool], patience: float = 30) -> "Reader[S]":
        """Turns until it is so."""
        turn_together([self], done, patience)
        return self


def turn_together(readers: Sequence[Reader[Any]], done: Callable[[], bool], patience: float = 30) -> None:
    """Several readers take turns until it is so."""
    deadline = monotonic() + patience
    while not done():
        troubles = [reader.source.trouble for reader in readers]
        assert monotonic() < deadline, f"it did not come to that; troubles: {troubles}"
        for reader in readers:
            reader.turn()


def numbered(first: int, last: int) -> list[bytes]:
    """Values that can be told apart."""
    return [b"%d" % number for number in range(first, last + 1)]


def access_to(broker: Broker) -> KafkaAccess:
    """How our code reaches the broker."""
    return KafkaAccess(bootstrap_servers=[broker.bootstrap], client_id="test")


@contextmanager
def reading(
    broker: Broker,
    *topics: str,
    group: str | None = None,
    ledger: Ledger | None = None,
    session_seconds: float = 6,
) -> Iterator[Reader[KafkaSource]]:
    """A reader of the topics; it leaves its group in the end."""
    ledger = Ledger() if ledger is None else ledger
    subscription = Subscription(
        topics=topics, group_id=group or f"group-{uuid.uuid4().hex[:12]}", session_seconds=session_seconds
    )
    source = KafkaSource(access_to(broker), subscription, ledger.next_offset)
    try:
        yield Reader(source, ledger)
    finally:
        source.close()
