"""A Kafka cluster's knowledge of its topics: ids, partitions, bounds, committed offsets. Asked afresh each time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove, OffsetSpec
from kafka.errors import KafkaError
from kafka.protocol.consumer import IsolationLevel

from mappers.events.messages import LogId
from worker.kafka.access import KafkaAccess
from worker.kafka.net_clients import NetClients
from worker.kafka.starts import Bounds, Committed

REQUEST_MILLISECONDS = 3_000
"""How long one question may take. The loop waits for the answer, so it must not be long."""

CLEANUP = "cleanup.policy"

LACKING = {3: "no such topic", 29: "no right to read the topic"}
"""Kafka's error codes for a topic that is not there for us."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it was created. `id` is "" at brokers that know no topic ids (before Kafka 2.8).

    Without ids a topic that was made anew with at least as many messages as we had read cannot be told from the old
    one; a shorter one shows as a gap.
    """

    cluster: str
    id: str
    name: str
    partitions: Collection[int]

    def log(self, partition: int) -> LogId:
        """One of its partitions, as our store names it."""
        return LogId(self.cluster, self.id, self.name, partition)


class KafkaCluster:
    """Answers questions about topics; raises a KafkaError when the cluster does not answer."""

    def __init__(self, access: KafkaAccess, kafka_client: NetClients, patience: float) -> None:
        self._admin = KafkaAdminClient(
            **access.options(),
            kafka_client=kafka_client,
            request_timeout_ms=REQUEST_MILLISECONDS,
            bootstrap_timeout_ms=round(patience * 1000),
        )

    def topics(self, names: Collection[str] | None) -> tuple[Mapping[str, Topic], dict[str, str]]:
        """The topics of these names (None: all) that can be described now, and why others are not there for us."""
        # Not describe_cluster() for the cluster's id: before Kafka 3.7 it ends in KeyError('endpoint_type').
        ask, manager = self._admin._get_cluster_metadata, self._admin._manager  # noqa: SLF001
        told = manager.run(ask, None if names is None else list(names))
        found = {
            topic["name"]: _topic(told["cluster_id"], topic)
            for topic in told["topics"]
            if topic["error_code"] == 0 and not topic["is_internal"]
        }
        lacking = {
            topic["name"]: LACKING[topic["error_code"]] for topic in told["topics"] if topic["error_code"] in LACKING
        }
        return found, lacking

    def bounds(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Bounds]:
        """Where each log begins and ends for a reader of committed messages."""
        begins = self._offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
        ends = self._offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
        return {log: Bounds(begins[log], ends[log]) for log in partitions}

    def since(self, partitions: Collection[TopicPartition], time: float) -> dict[TopicPartition, int]:
        """The first offset of each log whose message is not older than `time` (seconds since 1970); -1 for none."""
        return self._offsets(dict.fromkeys(partitions, round(time * 1000)))

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Committed]:
        """What the group committed; logs without a commit are left out."""
        told = self._admin.list_group_offsets({group: list(partitions)})[group]
        return {
            log: Committed(commit.offset, commit.metadata or "") for log, commit in told.items() if commit.offset >= 0
        }

    def compacted(self, names: Collection[str]) -> set[str]:
        """Those of the topics that keep only the newest message of each key; none where the broker does not tell."""
        asked = [ConfigResource(ConfigResourceType.TOPIC, name, {CLEANUP: None}) for name in sorted(names)]
        try:
            told = self._admin.describe_configs(asked, config_filter="all")["topic"]
        except (KafkaError, KeyError):
            return set()
        return {name for name, settings in told.items() if "compact" in settings.get(CLEANUP, {}).get("value", "")}

    def dismiss(self, group: str, member: str) -> None:
        """Takes a member out of its group."""
        self._admin.remove_group_members(group, [MemberToRemove(member_id=member)])

    def close(self) -> None:
        """Closes its connections."""
        self._admin.close()

    def _offsets(self, wanted: Mapping[TopicPartition, Any]) -> dict[TopicPartition, int]:
        if not wanted:
            return {}
        told = self._admin.list_partition_offsets(wanted, isolation_level=IsolationLevel.READ_COMMITTED)
        return {log: answer.offset for log, answer in told.items()}


def lacking_line(lacking: Mapping[str, str]) -> str:
    """Which topics are not there for us, and why; empty when there are none."""
    return "; ".join(
        f"{why}: {', '.join(sorted(name for name in lacking if lacking[name] == why))}"
        for why in sorted(set(lacking.values()))
    )


def _topic(cluster: str | None, told: Mapping[str, Any]) -> Topic:
    partitions = [partition["partition_index"] for partition in told["partitions"]]
    return Topic(cluster or "", str(told["topic_id"] or ""), told["name"], partitions)
