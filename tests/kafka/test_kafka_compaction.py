"""Compacted topics: they keep the newest message of each key, so a key must not stand for more than one record."""

from typing import Any

from structlog.testing import capture_logs

from tests.kafka.brokers import Broker
from tests.kafka.readers import reading
from tests.kafka.topics import topics_at


def test_a_compacted_topic_is_warned_of_once(kafka_broker: Broker) -> None:
    """A retained topic is none of our business; a compacted one may lose events by its keys."""
    with topics_at(kafka_broker) as topics:
        kept = topics.create()
        settings: Any = {"cleanup.policy": "compact"}
        compacted = topics.create(**settings)
        for name in (kept, compacted):
            topics.send(name, b"1", key=b"k")
        with capture_logs() as logs, reading(kafka_broker, kept, compacted) as reader:
            reader.read(2)
            reader.source.rewind()
            reader.turn()

    warned = [one["topic"] for one in logs if one["event"] == "topic_compacted"]
    assert warned == [compacted]
