"""A subscription: the topics that a source reads, and as which member of which group."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A topic with a leading `^` is a pattern. With `group_instance_id` a restart within the session moves nothing."""

    topics: Sequence[str]
    group_id: str
    group_instance_id: str | None = None
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
            "group_instance_id": self.group_instance_id,
            "session_timeout_ms": round(self.session_seconds * 1000),
            "heartbeat_interval_ms": round(min(3.0, self.session_seconds / 3) * 1000),
            # A loop that hangs gives its partitions up after this long; until then it holds up everyone's rebalance.
            "max_poll_interval_ms": 120_000,
            # Eager, not cooperative: what a cooperative rebalance saves is local state, and here a partition that
            # comes back costs one seek. Eager has one step instead of two, and every partition comes in by the same
            # door. Round robin spreads topics of one partition, which range would pile on one member.
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
