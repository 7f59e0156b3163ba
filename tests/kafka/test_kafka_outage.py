"""Kafka that is not there: at the start, in between, for good."""

import threading
import uuid
from time import monotonic, process_time

from tests.kafka.brokers import Broker, free_port, require
from tests.kafka.readers import Ledger, numbered, reading
from tests.kafka.topics import Topics, topics_at
from worker.kafka.access import KafkaAccess
from worker.kafka.source import KafkaSource
from worker.kafka.subscription import Subscription


def test_a_broker_that_is_down_at_the_start_is_trouble_until_it_is_up(kafka_broker: Broker, topics: Topics) -> None:
    """The worker starts without Kafka, says why nothing comes, and reads once it is there."""
    require(kafka_broker, "restart")
    topic = topics.create()
    topics.send(topic, *numbered(0, 4))
    kafka_broker.stop()

    with reading(kafka_broker, topic) as reader:
        reader.turn()
        trouble = reader.source.trouble
        kafka_broker.start()
        reader.read(5)

    assert kafka_broker.bootstrap in str(trouble)
    assert reader.values == numbered(0, 4)
    assert reader.source.trouble is None


def test_a_broker_that_goes_down_while_we_read_is_trouble_until_it_is_back(
    kafka_broker: Broker, topics: Topics
) -> None:
    """Nothing is lost or applied twice, and waiting costs no work."""
    require(kafka_broker, "restart")
    topic, ledger, group = topics.create(), Ledger(), uuid.uuid4().hex
    topics.send(topic, *numbered(0, 4))

    with reading(kafka_broker, topic, ledger=ledger, group=group) as reader:
        reader.read(5)
        kafka_broker.stop()
        began, worked = monotonic(), process_time()
        reader.until(lambda: reader.source.trouble is not None)
        share = (process_time() - worked) / (monotonic() - began)
        kafka_broker.start()
        with topics_at(kafka_broker) as hand:
            hand.send(topic, *numbered(5, 9))
        reader.read(10)

    assert reader.values == numbered(0, 9)
    assert share < 0.3
    assert reader.gaps == []


def test_polls_and_close_take_no_longer_than_they_say_without_a_broker() -> None:
    """The loop has other work: it is not held up by a Kafka that is not there, nor is the end of the process."""
    access = KafkaAccess(bootstrap_servers=[f"127.0.0.1:{free_port()}"])
    source = KafkaSource(access, Subscription(topics=["hr.events"], group_id="g"), Ledger().next_offset)
    began = monotonic()
    batches = [source.poll(500, 0.1) for _ in range(5)]
    polled = monotonic() - began
    source.commit({})
    source.close()

    assert not any(batch.messages for batch in batches)
    assert source.lag() == {}
    assert polled < 1
    assert monotonic() - began < 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafka-io")]
