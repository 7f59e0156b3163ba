"""What a Kafka source gives to the worker: messages in order, from the positions of our own store."""

from tests.kafka.brokers import Broker, require
from tests.kafka.readers import Ledger, numbered, reading
from tests.kafka.topics import Topics
from worker.kafka.connection import FETCH_BYTES


def test_messages_come_in_order_with_headers_keys_and_tombstones(kafka_broker: Broker, topics: Topics) -> None:
    """A message is what its producer sent, null value included, and knows its place."""
    topic = topics.create()
    topics.send_structured(topic, {"id": "1", "type": "hr.person.changed"})
    topics.send_binary(topic, {"type": "hr.person.changed", "subject": "E1", "data": {"a": 1}})
    topics.send_binary(topic, {"type": "hr.person.removed", "subject": "E1"})

    with reading(kafka_broker, topic) as reader:
        structured, binary, tombstone = reader.read(3).messages

    assert structured.headers == (("content-type", b"application/cloudevents+json"),)
    assert structured.value == b'{"id": "1", "type": "hr.person.changed"}'
    assert binary.headers == (("ce_type", b"hr.person.changed"), ("ce_subject", b"E1"))
    assert (binary.value, binary.key, binary.live) == (b'{"a": 1}', b"key", True)
    assert tombstone.value is None
    assert str(tombstone.place) == f"{topic}/0@2"


def test_reading_goes_on_where_the_store_stands(kafka_broker: Broker, topics: Topics) -> None:
    """The position of our store decides, not the offset committed in Kafka."""
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))
    ledger = Ledger()
    with reading(kafka_broker, topic, ledger=ledger, group="g-go-on") as first:
        first.read(10)
    (log,) = ledger.positions
    ledger.positions[log] = 4

    with reading(kafka_broker, topic, ledger=ledger, group="g-go-on") as second:
        second.read(6)

    assert second.values == numbered(4, 9)
    assert second.starts == {log: 4}
    assert second.gaps == []


def test_a_log_that_the_store_does_not_know_is_read_from_its_beginning(kafka_broker: Broker, topics: Topics) -> None:
    """A new installation takes all that is there; that old messages are gone is no gap."""
    require(kafka_broker, "delete-records")
    topic = topics.create()
    topics.send(topic, *numbered(0, 4))
    topics.cut(topic, 2)

    with reading(kafka_broker, topic) as reader:
        reader.read(3)

    assert reader.values == numbered(2, 4)
    assert (reader.gaps, reader.behind) == ([], False)


def test_a_store_behind_the_committed_offset_is_reported(kafka_broker: Broker, topics: Topics) -> None:
    """A store that was lost knows less than its group once committed."""
    topic = topics.create()
    topics.send(topic, *numbered(0, 2))
    with reading(kafka_broker, topic, group="g-lost") as before:
        before.read(3)

    with reading(kafka_broker, topic, group="g-lost") as after:
        after.read(3)

    assert (before.behind, after.behind) == (False, True)


def test_all_partitions_and_topics_are_read_each_in_order(kafka_broker: Broker, topics: Topics) -> None:
    """Order holds within a partition, over as many polls as it takes."""
    wide, narrow = topics.create(partitions=3), topics.create()
    for partition in range(3):
        topics.send(wide, *numbered(0, 99), partition=partition)
    topics.send(narrow, *numbered(0, 99))

    with reading(kafka_broker, wide, narrow) as reader:
        reader.limit = 7
        reader.read(400)

    for log in reader.starts:
        assert [m.value for m in reader.messages if m.place.log == log] == numbered(0, 99)


def test_a_pattern_reads_all_topics_it_matches(kafka_broker: Broker, topics: Topics) -> None:
    """A leading ^ makes a pattern; names may stand beside it."""
    one, two, named = topics.create("pat.one"), topics.create("pat.two"), topics.create()
    for topic in (one, two, named, topics.create("other.pat.")):
        topics.send(topic, topic.encode())

    with reading(kafka_broker, r"^pat\.", named) as reader:
        reader.read(3)

    assert sorted(reader.values, key=str) == sorted([b"pat.one", b"pat.two", named.encode()], key=str)


def test_a_batch_is_bounded_in_bytes_and_big_messages_pass(kafka_broker: Broker, topics: Topics) -> None:
    """Twenty messages of a megabyte are two batches; nothing is lost or doubled at the seam."""
    topic = topics.create()
    values = [bytes([65 + number]) * 1_000_000 for number in range(20)]
    for value in values:
        topics.send(topic, value)

    with reading(kafka_broker, topic) as reader:
        sizes = []
        while len(reader.messages) < len(values):
            sizes.append(sum(len(message.value or b"") for message in reader.turn().messages))

    assert reader.values == values
    assert max(sizes) <= FETCH_BYTES


def test_messages_of_aborted_transactions_are_not_seen(kafka_broker: Broker, topics: Topics) -> None:
    """A producer that takes its messages back has sent none."""
    require(kafka_broker, "transactions")
    topic = topics.create()
    topics.send(topic, b"0")
    topics.send_aborted(topic, b"never")
    topics.send(topic, b"1")

    with reading(kafka_broker, topic) as reader:
        reader.read(2)

    assert reader.values == [b"0", b"1"]


def test_what_could_not_be_applied_is_polled_again_after_a_rewind(kafka_broker: Broker, topics: Topics) -> None:
    """A batch that the store refused comes again."""
    topic = topics.create()
    topics.send(topic, *numbered(0, 4))

    with reading(kafka_broker, topic) as reader:
        reader.read(5)
        reader.ledger.positions = dict.fromkeys(reader.starts, 2)
        reader.source.rewind()
        reader.read(8)

    assert reader.values == numbered(0, 4) + numbered(2, 4)
