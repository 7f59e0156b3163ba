"""The real thing and its fake, in turn."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.kafka.brokers import Broker

if TYPE_CHECKING:
    from tests.ports.topics import TopicWorld


@pytest.fixture(params=["memory", "kafka"])
def topic(request: pytest.FixtureRequest) -> "Iterator[TopicWorld]":
    """A topic of each kind."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.kafka.topics import topics_at
    from tests.ports.topics import KafkaTopic, MemoryTopic

    if request.param == "memory":
        yield MemoryTopic()
        return
    broker: Broker = request.getfixturevalue("kafka_broker")
    with topics_at(broker) as topics:
        yield KafkaTopic(broker, topics)
