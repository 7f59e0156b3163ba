"""A session with Kafka: one connected member of the group, from joining to leaving. Any KafkaError may end it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from kafka import TopicPartition
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from mappers.events.messages import LogId
from worker.kafka.assignment import Assignment
from worker.kafka.connection import CLOSE_MILLISECONDS, FETCH_BYTES, KafkaConnection
from worker.kafka.messages import message_of, size_of
from worker.kafka.starts import Start, choose_start
from worker.kafka.subscription import Subscription
from worker.ports import Batch, Positions

logger = structlog.get_logger()

CHECK_SECONDS = 5.0
"""How often an idle session asks whether the cluster is there and its topics are still the same."""

Records = Mapping[TopicPartition, list[Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A partition that is being read: its log, and the log's end when we took it over."""

    log: LogId
    end: int


class KafkaSession:
    """Polls, and sees to it that every message is told from the log that it truly came from.

    Kafka fetches by topic name: a topic that is deleted and made anew between two fetches goes on under the old
    offsets. So the topics' ids are looked up after each fetch that brought messages, before they are given out.
    """

    def __init__(self, connection: KafkaConnection, subscription: Subscription, positions: Positions) -> None:
        self._connection = connection
        self._consumer = connection.consumer
        self._cluster = connection.cluster
        self._seen: set[str] = set()
        self._subscription = subscription
        self._positions = positions
        self._assignment = Assignment(connection.consumer)
        self._readings: dict[TopicPartition, Reading] = {}
        self._begun: dict[LogId, int] = {}
        self._uncommitted: dict[TopicPartition, OffsetAndMetadata] = {}
        self._next_check = 0.0
        self.lacking: Mapping[str, str] = {}
        subscription.subscribe(self._consumer, self._assignment)

    def poll(self, limit: int, timeout: float) -> Batch:
        """One batch, bounded in count and bytes. After an error everything is read again from our store's positions."""
        try:
            records = self._fetch(limit, timeout)
            self._forget(self._assignment.take_gone())
            idle = monotonic() >= self._next_check
            if records or idle:
                self._check_topics()
            if idle:
                self._send(self._uncommitted)
            return self._batch(records)
        except KafkaError:
            self.rewind()
            raise

    def rewind(self) -> None:
        """Reads everything again from our store's positions: what was polled since may not have been applied."""
        self._assignment.hold(self._consumer.assignment())

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Sends the positions of logs that are ours to Kafka, and does not wait."""
        ours = {
            partition: OffsetAndMetadata(positions[reading.log], reading.log.topic_id, -1)
            for partition, reading in self._readings.items()
            if reading.log in positions
        }
        self._uncommitted |= ours
        self._send(ours)

    def lag(self) -> dict[LogId, int]:
        """Messages between where we read and each log's end, as far as the last fetch told."""
        held = self._assignment.held
        return {
            reading.log: max(0, (self._consumer.highwater(partition) or reading.end) - self._offset(partition))
            for partition, reading in self._readings.items()
            if partition not in held and partition in self._consumer.assignment()
        }

    @property
    def refusal(self) -> str:
        """Why the last connection to a broker failed, since all was well."""
        return self._connection.net_clients.refusal

    def forget_refusal(self) -> None:
        """All is well."""
        self._connection.net_clients.refusal = ""

    @property
    def joining(self) -> bool:
        """Whether we wait to be let into the group."""
        return self._consumer.joining_as is not None

    def close(self) -> None:
        """Commits what is not yet known to be committed, and leaves the group."""
        try:
            if self._uncommitted:
                self._consumer.commit(self._uncommitted, timeout_ms=CLOSE_MILLISECONDS)
        except KafkaError as error:
            logger.info("offsets_not_committed", why=str(error))
        finally:
            self._connection.close()

    def _fetch(self, limit: int, timeout: float) -> Records:
        """Records of the partitions being read; one whose offset its log no longer has is held for a new start."""
        try:
            records: Records = self._consumer.poll(timeout_ms=round(timeout * 1000), max_records=limit)
        except OffsetOutOfRangeError as error:
            self._assignment.hold(error.args[0].keys())
            return {}
        except LogTruncationError as error:
            self._assignment.hold(error.divergent_offsets.keys())
            return {}
        return self._trim(records)

    def _trim(self, records: Records) -> Records:
        """As many as fit into one batch, at least one; the others will be fetched again."""
        room, fitting = FETCH_BYTES, dict[TopicPartition, list[Any]]()
        for partition, found in records.items():
            taken = 0
            while taken < len(found) and (room := room - size_of(found[taken])) >= 0:
                taken += 1
            if not taken and not fitting:
                taken = 1
            if taken:
                fitting[partition] = found[:taken]
            if taken < len(found):
                self._consumer.seek(partition, found[taken].offset)
                room = -1
        return fitting

    def _forget(self, gone: Collection[TopicPartition]) -> None:
        for partition in gone:
            self._uncommitted.pop(partition, None)
            if reading := self._readings.pop(partition, None):
                logger.info("log_given_up", topic=reading.log.topic, partition=reading.log.partition)

    def _check_topics(self) -> None:
        """Holds what belongs to a topic that was made anew, for a start in the new one."""
        names = {reading.log.topic for reading in self._readings.values()} | set(self._subscription.names or ())
        topics, lacking = self._cluster.topics(names)
        self.lacking = {name: why for name, why in lacking.items() if name in (self._subscription.names or ())}
        anew = [
            partition
            for partition, reading in self._readings.items()
            if (topic := topics.get(partition.topic)) and topic.log(partition.partition) != reading.log
        ]
        self._assignment.hold(anew)
        self._next_check = monotonic() + CHECK_SECONDS

    def _batch(self, records: Records) -> Batch:
        """The messages of logs that are ours and unchanged, with what was found when taking over the others."""
        held = self._assignment.held
        starts = self._take_over(held)
        messages = [
            message_of(record, self._readings[partition].log, live=True)
            for partition, found in records.items()
            if partition in self._readings and partition not in held
            for record in found
        ]
        return Batch(
            messages,
            [start.gap for start in starts.values() if start.gap],
            {log: start.offset for log, start in starts.items()},
            any(start.behind for start in starts.values()),
        )

    def _take_over(self, held: Collection[TopicPartition]) -> dict[LogId, Start]:
        """Starts reading the partitions held, each at the position that our store has for its log."""
        if not held:
            return {}
        topics, _ = self._cluster.topics({partition.topic for partition in held})
        logs = {
            partition: topics[partition.topic].log(partition.partition)
            for partition in held
            if partition.topic in topics and partition.partition in topics[partition.topic].partitions
        }
        bounds = self._cluster.bounds(logs)
        committed = self._cluster.committed(self._subscription.group_id, logs)
        starts: dict[LogId, Start] = {}
        for partition, log in logs.items():
            known = self._positions(log)
            start = choose_start(
                log, self._begun.get(log) if known is None else known, bounds[partition], committed.get(partition)
            )
            self._begun.setdefault(log, start.offset)
            self._readings[partition] = Reading(log, bounds[partition].end)
            if start.offset == known and not start.behind:  # whoever read it before us may have died before it told
                self._uncommitted[partition] = OffsetAndMetadata(known, log.topic_id, -1)
            self._assignment.release(partition, start.offset)
            starts[log] = start
            logger.info("log_taken_over", topic=log.topic, partition=log.partition, offset=start.offset)
        self._warn_of_compaction({log.topic for log in starts} - self._seen)
        return starts

    def _warn_of_compaction(self, topics: Collection[str]) -> None:
        """Once a topic: under compaction an event whose key names something larger is lost to the next one."""
        for topic in sorted(self._cluster.compacted(topics)) if topics else ():
            logger.warning("topic_compacted", topic=topic, rule="a key must stand for source, entity and subject")
        self._seen.update(topics)

    def _offset(self, partition: TopicPartition) -> int:
        return self._consumer.position(partition, timeout_ms=0) or 0

    def _send(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        if offsets:
            self._consumer.commit_async(dict(offsets), callback=self._note_commit)

    def _note_commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], outcome: object) -> None:
        if isinstance(outcome, Exception):
            logger.info("offsets_not_committed", why=str(outcome))
            return
        for partition, offset in offsets.items():
            if self._uncommitted.get(partition) == offset:
                del self._uncommitted[partition]
