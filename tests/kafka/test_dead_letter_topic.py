"""The dead-letter topic: what it says, and that it disturbs nobody."""

import json
from contextlib import closing
from time import monotonic

from mappers.events.messages import LogId, Place
from tests.kafka.brokers import Broker, free_port
from tests.kafka.readers import access_to, reading
from tests.kafka.topics import Topics
from worker.kafka.access import KafkaAccess
from worker.kafka.dead_letter_topic import DeadLetterTopic

IN_KAFKA = Place("hr.events", 17, LogId("cluster", "topic-id", "hr.events", 2))


def test_a_notice_names_position_reason_and_field(kafka_broker: Broker, topics: Topics) -> None:
    """Other systems learn which event to look at; its bytes stay with us."""
    topic = topics.create()
    with closing(DeadLetterTopic(access_to(kafka_broker), topic)) as dead_letters:
        dead_letters.publish(IN_KAFKA, "no-order", None)
        dead_letters.publish(Place("june.jsonl", 4), "shape", "data.person.id")

    with reading(kafka_broker, topic) as reader:
        reader.read(2)

    assert [json.loads(value or b"") for value in reader.values] == [
        {"reason": "no-order", "field": None, "topic": "hr.events", "partition": 2, "offset": 17},
        {"reason": "shape", "field": "data.person.id", "log": "june.jsonl", "line": 4},
    ]
    assert reader.messages[0].key == b"hr.events/2@17"


def test_a_broker_that_is_not_there_holds_nobody_up() -> None:
    """Publishing returns at once; closing waits no longer than it was told."""
    began = monotonic()
    dead_letters = DeadLetterTopic(KafkaAccess(bootstrap_servers=[f"127.0.0.1:{free_port()}"]), "dead")
    for _ in range(100):
        dead_letters.publish(IN_KAFKA, "internal", None)
    published = monotonic() - began
    dead_letters.close(timeout=0.5)

    closed = monotonic() - began
    dead_letters._thread.join(30)

    assert published < 0.2
    assert closed < 2
