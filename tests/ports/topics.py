"""Topics to read from, by kind: one in Kafka, one in memory."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from uuid import uuid4

from mappers.events.messages import LogId
from tests.fakes.memory_topic import MemoryLog, MemoryTopicSource
from tests.kafka.brokers import Broker, require
from tests.kafka.readers import Ledger, Reader, reading
from tests.kafka.topics import Topics


class TopicWorld(Protocol):
    """One topic of one partition, and a group that reads it."""

    def produce(self, *values: bytes | None) -> None:
        """Appends messages."""
        ...

    def cut(self, offset: int) -> None:
        """Removes what is before the offset, as retention does."""
        ...

    def recreate(self) -> None:
        """Deletes the topic and makes it anew under the same name."""
        ...

    def reading(self, ledger: Ledger | None = None) -> AbstractContextManager[Reader[Any]]:
        """A member of the group that reads the topic, with a store's positions."""
        ...

    def gaps(self, reader: Reader[Any]) -> list[tuple[int, int]]:
        """First and last offsets of the gaps met."""
        ...


class KafkaTopic:
    """A topic at the real broker."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        self.broker = broker
        self.topics = topics
        self.name = topics.create()
        self.group = f"group-{uuid4().hex[:12]}"

    def produce(self, *values: bytes | None) -> None:
        """Appends messages."""
        self.topics.send(self.name, *values)

    def cut(self, offset: int) -> None:
        """Removes what is before the offset."""
        require(self.broker, "delete-records")
        self.topics.cut(self.name, offset)

    def recreate(self) -> None:
        """Makes it anew."""
        require(self.broker, "topic-ids")
        self.topics.recreate(self.name)

    def reading(self, ledger: Ledger | None = None) -> AbstractContextManager[Reader[Any]]:
        """A member of the group."""
        return reading(self.broker, self.name, group=self.group, ledger=ledger)

    def gaps(self, reader: Reader[Any]) -> list[tuple[int, int]]:
        """First and last offsets."""
        return [(gap.first, gap.last) for gap in reader.gaps]


class MemoryTopic:
    """The fake's."""

    def __init__(self) -> None:
        self.log = MemoryLog(LogId("memory", "id-1", "events", 0))

    def produce(self, *values: bytes | None) -> None:
        """Appends messages."""
        for value in values:
            self.log.produce(value)

    def cut(self, offset: int) -> None:
        """Removes what is before the offset."""
        self.log.expire(offset)

    def recreate(self) -> None:
        """Makes it anew; the group's commit was for the old one."""
        self.log = MemoryLog(LogId("memory", "id-2", "events", 0))

    @contextmanager
    def _reading(self, ledger: Ledger) -> Iterator[Reader[Any]]:
        source = MemoryTopicSource([self.log], ledger.next_offset)
        yield Reader(source, ledger)
        source.close()

    def reading(self, ledger: Ledger | None = None) -> AbstractContextManager[Reader[Any]]:
        """A member of the group."""
        return self._reading(Ledger() if ledger is None else ledger)

    def gaps(self, reader: Reader[Any]) -> list[tuple[int, int]]:
        """First and last offsets."""
        return [(gap.first, gap.last) for gap in reader.gaps]
