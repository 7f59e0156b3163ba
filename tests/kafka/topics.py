"""Topics of the tests: made, filled, cut, deleted and made anew."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from tests.kafka.brokers import Broker

Headers = Sequence[tuple[str, bytes]]

patiently = retry(
    retry=retry_if_exception_type((TopicAlreadyExistsError, UnknownTopicOrPartitionError)),
    stop=stop_after_delay(20),
    wait=wait_fixed(0.05),
    reraise=True,
)
"""A topic is made and deleted a moment after Kafka said so."""


class Topics:
    """The hand that HR and the publication system have in Kafka, and the operator's beside it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        self.producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")

    def create(self, name: str | None = None, partitions: int = 1, **settings: str) -> str:
        """A topic, under a name of its own unless one is given."""
        name = name or f"topic-{uuid.uuid4().hex[:12]}"
        self._create(name, partitions, settings)
        self.admin.wait_for_topics([name])
        return name

    def delete(self, name: str) -> None:
        """Deletes the topic with all that is in it."""
        self.admin.delete_topics([name])

    def recreate(self, name: str, partitions: int = 1) -> None:
        """Deletes the topic and makes it anew: the same name, another topic."""
        self.delete(name)
        self.create(name, partitions)

    def cut(self, name: str, offset: int, partition: int = 0) -> None:
        """Removes the messages before `offset`, as retention does in time."""
        self.admin.delete_records({TopicPartition(name, partition): offset})

    def send(
        self,
        name: str,
        *values: bytes | None,
        key: bytes | None = b"key",
        headers: Headers = (),
        partition: int | None = None,
        time: float | None = None,
    ) -> int:
        """Appends messages, and waits until they are there; the offset of the last."""
        stamp = None if time is None else round(time * 1000)
        sent = [
            self.producer.send(name, value, key=key, headers=list(headers), partition=partition, timestamp_ms=stamp)
            for value in values
        ]
        offsets: list[int] = [future.get(20).offset for future in sent]
        return offsets[-1]

    def send_structured(self, name: str, event: Mapping[str, Any]) -> int:
        """Appends one event in CloudEvents' structured mode: the value is the whole event."""
        headers = [("content-type", b"application/cloudevents+json")]
        return self.send(name, json.dumps(event).encode(), headers=headers)

    def send_binary(self, name: str, event: Mapping[str, Any]) -> int:
        """Appends one event in binary mode: attributes are headers, the value is its data (none: a tombstone)."""
        headers = [(f"ce_{key}", str(text).encode()) for key, text in event.items() if key != "data"]
        data = event.get("data")
        return self.send(name, None if data is None else json.dumps(data).encode(), headers=headers)

    def send_aborted(self, name: str, *values: bytes) -> None:
        """Appends messages of a transaction that is then aborted."""
        with closing(self._transaction()) as producer:
            for value in values:
                producer.send(name, value, key=b"key")
            producer.flush()
            producer.abort_transaction()

    def committed(self, group: str, name: str, partition: int = 0) -> int | None:
        """The offset that the group committed."""
        log = TopicPartition(name, partition)
        try:
            told = self.admin.list_group_offsets({group: [log]})[group]
        except KafkaError:
            return None
        return told[log].offset if log in told and told[log].offset >= 0 else None

    def members(self, group: str) -> int:
        """How many members the group has now."""
        return len(self.admin.describe_groups([group])[group]["members"])

    def evict(self, group: str) -> None:
        """Takes all members out of the group, as the end of their sessions does; those that live join again."""
        told = self.admin.describe_groups([group])[group]["members"]
        members = [MemberToRemove(member_id=member["member_id"]) for member in told]
        self.admin.remove_group_members(group, members)

    def close(self) -> None:
        """Closes its connections."""
        self.producer.close(timeout=2)
        self.admin.close()

    @patiently
    def _create(self, name: str, partitions: int, settings: Mapping[str, str]) -> None:
        self.admin.create_topics(
            {name: {"num_partitions": partitions, "replication_factor": 1, "configs": dict(settings)}}
        )

    def _transaction(self) -> KafkaProducer:
        producer = KafkaProducer(bootstrap_servers=self.broker.bootstrap, transactional_id=uuid.uuid4().hex)
        producer.init_transactions()
        producer.begin_transaction()
        return producer


@contextmanager
def topics_at(broker: Broker) -> Iterator[Topics]:
    """Topics at this broker; connections are closed in the end."""
    with closing(Topics(broker)) as topics:
        yield topics
