"""Fixtures of the tests that need a Kafka broker."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.kafka.brokers import Broker

if TYPE_CHECKING:
    from tests.kafka.topics import Topics


@pytest.fixture
def topics(kafka_broker: Broker) -> "Iterator[Topics]":
    """Topics at the broker."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.kafka.topics import topics_at

    with topics_at(kafka_broker) as topics:
        yield topics
