"""A subscription: the topics that a source reads, and as which member of which group.

How the partitions move when replicas are restarted one after the other, the new one first, three members on six
partitions (kafka-python 3.0, Kafka 4.4, session of 15 s; measured on a busy machine of two cores):

| way               | slowest message | silence, all partitions | a member that is killed |
| ----------------- | --------------- | ----------------------- | ----------------------- |
| eager round robin | 1.4 s           | 6 s                     | its session: 15 s       |
| cooperative       | 3.4 s           | 26 s                    | its session: 15 s       |
| static members    | a restart       | a restart each          | a session longer than a restart: a minute |

- Eager it is. What a cooperative rebalance saves is the local state of a partition, and here one that comes back costs
  a single seek; its second step, which waits for another heartbeat of everybody, costs more than it saves.
- No static members. A Deployment's pods have new names at each restart: each would be one member more, and its
  predecessor's partitions would wait for a session to end, where now a pod that stops leaves at once. A StatefulSet's
  pods have names that last, but then nobody reads a pod's partitions while it restarts, and the session has to outlast
  that, also when a node is lost. What is gained is no rebalance, and a rebalance is a second. An event waits
  ORCID_SYNC_QUIET_SECONDS (30) anyway before anything is sent for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A topic with a leading `^` is a pattern."""

    topics: Sequence[str]
    group_id: str
    session_seconds: float = 15.0
    """Without a sign of life for this long, the partitions go to another member. Until then everybody who joins waits.

    A third of Kafka's default: signs come from a thread of their own, and a rebalance too many costs us one seek.
    """

    @property
    def names(self) -> Sequence[str] | None:
        """The topics, or None when there is a pattern among them."""
        return None if has_pattern(self.topics) else list(self.topics)

    def consumer_options(self) -> dict[str, Any]:
        """How the consumer behaves in its group."""
        return {
            "group_id": self.group_id,
            "session_timeout_ms": round(self.session_seconds * 1000),
            "heartbeat_interval_ms": round(min(3.0, self.session_seconds / 3) * 1000),
            # A loop that hangs gives its partitions up after this long; until then it holds up everyone's rebalance.
            "max_poll_interval_ms": 120_000,
            # Round robin spreads topics of one partition, which range would pile on one member.
            "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
        }

    def subscribe(self, consumer: KafkaConsumer, listener: ConsumerRebalanceListener) -> None:
        """Subscribes the consumer; it joins the group with its first poll."""
        if has_pattern(self.topics):
            consumer.subscribe(pattern=as_pattern(self.topics), listener=listener)
        else:
            consumer.subscribe(topics=list(self.topics), listener=listener)


def has_pattern(topics: Sequence[str]) -> bool:
    """Whether a topic among them is a pattern."""
    return any(topic.startswith("^") for topic in topics)


def as_pattern(topics: Sequence[str]) -> str:
    """One pattern for names and patterns alike."""
    return "|".join(topic if topic.startswith("^") else f"^{re.escape(topic)}$" for topic in topics)
