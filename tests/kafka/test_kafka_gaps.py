"""What happens when a log no longer has what we want to read: cut by retention, deleted, made anew."""

import pytest

from tests.kafka.brokers import Broker, require
from tests.kafka.readers import Ledger, Reader, numbered, reading
from tests.kafka.topics import Topics
from worker.kafka.source import KafkaSource


def gaps(reader: Reader[KafkaSource]) -> list[tuple[int, int]]:
    """First and last offsets of the gaps met."""
    return [(gap.first, gap.last) for gap in reader.gaps]


def test_retention_that_passed_us_while_we_were_away_is_a_gap(kafka_broker: Broker, topics: Topics) -> None:
    """What was lost is named, and reading goes on where the log begins now."""
    require(kafka_broker, "delete-records")
    topic, ledger = topics.create(), Ledger()
    topics.send(topic, *numbered(0, 2))
    with reading(kafka_broker, topic, ledger=ledger) as before:
        before.read(3)
    topics.send(topic, *numbered(3, 9))
    topics.cut(topic, 7)

    with reading(kafka_broker, topic, ledger=ledger) as after:
        after.read(3)

    assert after.values == numbered(7, 9)
    assert gaps(after) == [(3, 6)]


def test_retention_that_passes_us_while_we_read_is_a_gap(kafka_broker: Broker, topics: Topics) -> None:
    """A reader that is too slow learns what it missed."""
    require(kafka_broker, "delete-records")
    topic = topics.create()

    with reading(kafka_broker, topic) as reader:
        reader.until(lambda: len(reader.starts) == 1)
        topics.send(topic, *numbered(0, 9))
        topics.cut(topic, 8)
        reader.read(2)

    assert reader.values[-2:] == numbered(8, 9)
    assert gaps(reader) in ([(0, 7)], [])
    assert len(reader.values) + sum(last - first + 1 for first, last in gaps(reader)) == 10


@pytest.mark.parametrize("count", [pytest.param(2, id="shorter"), pytest.param(9, id="longer")])
def test_a_topic_made_anew_while_we_were_away_is_read_from_its_beginning(
    kafka_broker: Broker, topics: Topics, count: int
) -> None:
    """It has another id, so nothing of it was ever read: no gap."""
    require(kafka_broker, "topic-ids")
    topic, ledger = topics.create(), Ledger()
    topics.send(topic, *numbered(100, 104))
    with reading(kafka_broker, topic, ledger=ledger, group=f"g-{count}") as before:
        before.read(5)
    topics.recreate(topic)
    topics.send(topic, *numbered(1, count))

    with reading(kafka_broker, topic, ledger=ledger, group=f"g-{count}") as after:
        after.read(count)

    assert after.values == numbered(1, count)
    assert (after.gaps, after.behind) == ([], False)
    assert len(ledger.positions) == 2


@pytest.mark.parametrize("count", [pytest.param(2, id="shorter"), pytest.param(9, id="longer")])
def test_a_topic_made_anew_while_we_read_it_is_read_from_its_beginning(
    kafka_broker: Broker, topics: Topics, count: int
) -> None:
    """Kafka would go on under the old offsets, for it fetches by name; we look at the id."""
    require(kafka_broker, "topic-ids")
    topic = topics.create()
    topics.send(topic, *numbered(100, 104))

    with reading(kafka_broker, topic) as reader:
        reader.read(5)
        topics.recreate(topic)
        topics.send(topic, *numbered(1, count))
        reader.read(5 + count)

    assert reader.values[5:] == numbered(1, count)
    assert reader.gaps == []


def test_without_topic_ids_a_shorter_topic_shows_as_a_gap(kafka_broker: Broker, topics: Topics) -> None:
    """A position beyond the log's end cannot be right: what is there is read from its start, and the gap is told."""
    topic, ledger = topics.create(), Ledger()
    topics.send(topic, *numbered(0, 1))
    with reading(kafka_broker, topic, ledger=ledger) as before:
        before.read(2)
    ledger.positions = dict.fromkeys(ledger.positions, 6)

    with reading(kafka_broker, topic, ledger=ledger) as after:
        after.until(lambda: len(after.starts) == 1)
        again = after.source.poll(500, 5)

    assert [message.value for message in again.messages] == numbered(0, 1)
    assert gaps(after) == [(2, 5)]


def test_a_deleted_topic_is_trouble_until_it_is_back(kafka_broker: Broker, topics: Topics) -> None:
    """The name of the missing topic is in the trouble; its messages come once it is there."""
    name = topics.create()
    topics.delete(name)

    with reading(kafka_broker, name) as reader:
        reader.until(lambda: bool(reader.source.trouble) and name in str(reader.source.trouble))
        topics.create(name)
        topics.send(name, b"back")
        reader.read(1)
        reader.until(lambda: reader.source.trouble is None)

    assert reader.values == [b"back"]
