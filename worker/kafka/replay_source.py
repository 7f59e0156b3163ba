"""The bounded Kafka source: topics from their beginning, or since a time, to where they ended when the replay began."""

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError

from mappers.events.messages import LogId, Message
from worker.kafka.access import KafkaAccess
from worker.kafka.cluster import KafkaCluster, Topic, lacking_line
from worker.kafka.connection import Connecting, KafkaConnection
from worker.kafka.messages import message_of
from worker.kafka.refusals import trouble_line
from worker.kafka.starts import find_gap
from worker.kafka.subscription import as_pattern, has_pattern
from worker.ports import Batch, Gap

PATIENCE = 30.0
"""Seconds that a replay waits for the cluster before it gives up."""
VAIN_SECONDS = 300.0
"""How long it goes on asking for what is left while nothing of it comes. A broker that is started again, or whose
partitions go to another, is back in less, after a crash too; a job that waits longer keeps all the others waiting."""


class CannotReplayError(Exception):
    """The topics cannot be read; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is replayed of one log: from `begin` to before `end`."""

    log: LogId
    begin: int
    end: int


class KafkaReplaySource:
    """Belongs to no group and commits nothing: a running worker does not notice it."""

    def __init__(
        self, access: KafkaAccess, topics: Sequence[str], since: float | None = None, *, wait: float = 0.0
    ) -> None:
        """Finds out what there is to replay; raises CannotReplayError when the cluster or a topic is not there.

        What is left and does not come is waited for VAIN_SECONDS, or `wait` seconds when that is longer.
        """
        self.trouble: str | None = None
        self._patience = max(wait, VAIN_SECONDS)
        self._vain_since: float | None = None
        self._access = access
        self._connection = _connect(access)
        self._consumer = self._connection.consumer
        try:
            stretches = _find_stretches(self._connection.cluster, topics, since)
            self._stretches = {partition: s for partition, s in stretches.items() if s.begin < s.end}
            self._left = dict(self._stretches)
            self._polled_from: dict[TopicPartition, int] = {}
            self._consumer.assign(sorted(self._left))
            for partition, stretch in self._left.items():
                self._consumer.seek(partition, stretch.begin)
        except CannotReplayError:
            self._connection.close()
            raise
        except KafkaError as error:
            self._connection.close()
            raise CannotReplayError(f"Kafka cannot be read: {self._why(error)}") from error

    @property
    def exhausted(self) -> bool:
        """True when every log was read to the end it had when the replay began."""
        return not self._left

    def poll(self, limit: int, timeout: float) -> Batch:
        """At most `limit` messages, waiting at most `timeout` seconds for the first.

        Raises CannotReplayError when for long none came of those that are left: Kafka is gone, or a topic is.
        """
        if not self._left:
            return Batch()
        asked_at, before = time.monotonic(), self.lag()
        try:
            batch = self._poll(limit, timeout)
        except KafkaError as error:
            batch, self.trouble = Batch(), self._why(error)
        else:
            self.trouble = None
        if batch.messages or batch.gaps or self.lag() != before:
            self._vain_since = None
        else:
            self._vain_since = asked_at if self._vain_since is None else self._vain_since
            self._give_up_after(time.monotonic() - self._vain_since)
        return batch

    def _give_up_after(self, seconds: float) -> None:
        if seconds < self._patience:
            return
        left: Counter[str] = Counter()
        for log, number in self.lag().items():
            left[log.topic] += number
        told = ", ".join(f"{number} of {topic}" for topic, number in sorted(left.items()))
        why = self._missing(sorted(left))
        raise CannotReplayError(f"Kafka cannot be read: nothing came for {seconds:.0f} s, left are {told}: {why}")

    def _missing(self, topics: Sequence[str]) -> str:
        """Why nothing of these topics comes."""
        try:
            _, lacking = self._connection.cluster.topics(topics)
        except (KafkaError, OSError) as error:
            return self._why(error)
        return lacking_line(lacking) if lacking else self.trouble or "the cluster answers, and sends nothing of them"

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """A replay commits nothing."""

    def rewind(self) -> None:
        """The messages of the last poll will be polled again."""
        for partition, offset in self._polled_from.items():
            self._left[partition] = self._stretches[partition]
            self._consumer.resume(partition)
            self._consumer.seek(partition, offset)

    def lag(self) -> Mapping[LogId, int]:
        """Messages that are still to be replayed."""
        return {
            stretch.log: max(0, stretch.end - self._position(partition)) for partition, stretch in self._left.items()
        }

    def close(self) -> None:
        """Closes its connections."""
        self._connection.close()

    def _why(self, error: Exception) -> str:
        return trouble_line(self._access, error, self._connection.net_clients.refusal)

    def _poll(self, limit: int, timeout: float) -> Batch:
        try:
            records = self._consumer.poll(timeout_ms=round(timeout * 1000), max_records=limit)
        except OffsetOutOfRangeError as error:
            return Batch(gaps=self._skip(error.args[0]))
        except LogTruncationError as error:
            return Batch(gaps=self._skip(error.divergent_offsets))
        self._polled_from = {partition: found[0].offset for partition, found in records.items()}
        batch = Batch(self._messages(records))
        self._finish()
        return batch

    def _messages(self, records: Mapping[TopicPartition, Sequence[Any]]) -> Sequence[Message]:
        return [
            message_of(record, self._left[partition].log, live=False)
            for partition, found in records.items()
            if partition in self._left
            for record in found
            if record.offset < self._left[partition].end
        ]

    def _skip(self, lost: Mapping[TopicPartition, Any]) -> list[Gap]:
        """Reads on where the logs begin now; what they lost in the meantime is a gap."""
        gaps = []
        for partition, bounds in self._connection.cluster.bounds(list(lost)).items():
            gap = find_gap(self._left[partition].log, self._position(partition), bounds)
            if gap is not None:
                gaps.append(gap)
            self._consumer.seek(partition, bounds.begin)
        return gaps

    def _finish(self) -> None:
        """Stops reading what was read to its end. The position tells: the last offsets may hold no message to show."""
        done = [partition for partition, stretch in self._left.items() if self._position(partition) >= stretch.end]
        self._consumer.pause(*done)
        for partition in done:
            del self._left[partition]

    def _position(self, partition: TopicPartition) -> int:
        return self._consumer.position(partition, timeout_ms=0) or 0


def _connect(access: KafkaAccess) -> KafkaConnection:
    connecting = Connecting(access, group_id=None)
    try:
        connection = connecting.wait(PATIENCE)
    except (KafkaError, OSError) as error:
        raise CannotReplayError(f"Kafka cannot be read: {trouble_line(access, error, connecting.refusal)}") from error
    if connection is None:
        connecting.abandon()
        why = trouble_line(access, None, connecting.refusal or "no answer")
        raise CannotReplayError(f"Kafka cannot be read: {why}")
    return connection


def _find_stretches(cluster: KafkaCluster, topics: Sequence[str], since: float | None) -> dict[TopicPartition, Stretch]:
    logs = {
        TopicPartition(topic.name, partition): topic.log(partition)
        for topic in _find_topics(cluster, topics)
        for partition in topic.partitions
    }
    bounds = cluster.bounds(logs)
    starts = {log: b.begin for log, b in bounds.items()} if since is None else cluster.since(logs, since)
    ends = {log: b.end for log, b in bounds.items()}
    return {
        partition: Stretch(log, starts[partition] if starts[partition] >= 0 else ends[partition], ends[partition])
        for partition, log in logs.items()
    }


def _find_topics(cluster: KafkaCluster, topics: Sequence[str]) -> list[Topic]:
    if has_pattern(topics):
        pattern = re.compile(as_pattern(topics))
        found, _ = cluster.topics(None)
        return [topic for name, topic in found.items() if pattern.match(name)]
    found, lacking = cluster.topics(topics)
    if lacking:
        raise CannotReplayError(lacking_line(lacking))
    return list(found.values())
