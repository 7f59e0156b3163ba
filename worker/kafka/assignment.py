"""The assignment: the partitions that a rebalance gave us or took away, for the loop's thread to act on."""

from collections.abc import Collection
from threading import Lock

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no type information
    """Holds every partition still from the moment it is assigned until `release`.

    Kafka calls the listener on the consumer's own thread, where our store must not be read. So a new partition gets a
    position that needs no look-up and is paused; the loop's thread finds its true start after the poll and releases it.
    """

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self._lock = Lock()
        self._held: set[TopicPartition] = set()
        self._gone: set[TopicPartition] = set()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Holds what is ours now."""
        for partition in assigned:
            self._consumer.seek(partition, 0)
        self.hold(assigned)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Notes what is no longer ours."""
        with self._lock:
            self._held.difference_update(revoked)
            self._gone.update(revoked)

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        """The same, when the group threw us out."""
        self.on_partitions_revoked(lost)

    def hold(self, partitions: Collection[TopicPartition]) -> None:
        """Stops reading them until they are released."""
        for partition in partitions:
            self._consumer.pause(partition)
        with self._lock:
            self._held.update(partitions)

    def release(self, partition: TopicPartition, offset: int) -> None:
        """Reads it, from `offset` on."""
        self._consumer.seek(partition, offset)
        self._consumer.resume(partition)
        with self._lock:
            self._held.discard(partition)

    @property
    def held(self) -> set[TopicPartition]:
        """What is ours and not yet being read."""
        with self._lock:
            return set(self._held)

    def take_gone(self) -> set[TopicPartition]:
        """What was taken away since the last call."""
        with self._lock:
            gone, self._gone = self._gone, set()
            return gone
