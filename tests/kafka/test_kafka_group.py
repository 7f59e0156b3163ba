"""Several members of one group: who reads what, what is committed, how one leaves."""

import uuid
from time import sleep

from tests.kafka.brokers import Broker
from tests.kafka.readers import Ledger, Reader, numbered, reading, turn_together
from tests.kafka.topics import Topics
from worker.kafka.source import KafkaSource


def logs_read(reader: Reader[KafkaSource]) -> set[str]:
    """The logs that the reader reads now."""
    return {str(log) for log in reader.source.lag()}


def test_two_members_share_the_partitions_and_deliver_everything_once(kafka_broker: Broker, topics: Topics) -> None:
    """Through joining and leaving, each message is applied once, and by the member that owned its partition."""
    topic, ledger, group = topics.create(partitions=4), Ledger(), uuid.uuid4().hex
    for partition in range(4):
        topics.send(topic, *numbered(0, 49), partition=partition)

    with reading(kafka_broker, topic, ledger=ledger, group=group) as first:
        first.limit = 10
        first.read(10)
        with reading(kafka_broker, topic, ledger=ledger, group=group) as second:
            turn_together([first, second], lambda: len(logs_read(first)) == len(logs_read(second)) == 2)
            shared = logs_read(first) & logs_read(second)
            for partition in range(4):
                topics.send(topic, *numbered(50, 59), partition=partition)
            turn_together([first, second], lambda: len(first.messages) + len(second.messages) == 240)
        first.until(lambda: len(logs_read(first)) == 4)

    assert shared == set()
    assert second.messages != []
    assert set(ledger.positions.values()) == {60}
    for log in ledger.positions:
        applied = sorted(m.place.offset for m in [*first.messages, *second.messages] if m.place.log == log)
        assert applied == list(range(60))


def test_a_member_that_lost_its_partitions_gives_out_nothing_of_them(kafka_broker: Broker, topics: Topics) -> None:
    """A member that was silent beyond its session comes back to what the other has done meanwhile."""
    topic, ledger, group = topics.create(), Ledger(), uuid.uuid4().hex
    topics.send(topic, *numbered(0, 4))

    with reading(kafka_broker, topic, ledger=ledger, group=group) as silent:
        silent.read(5)
        with reading(kafka_broker, topic, ledger=ledger, group=group) as other:
            turn_together([silent, other], lambda: bool(logs_read(silent)) != bool(logs_read(other)))
            owner, idle = (silent, other) if logs_read(silent) else (other, silent)
            topics.send(topic, *numbered(5, 9))
            turn_together([silent, other], lambda: len(silent.messages) + len(other.messages) == 10)

    assert {m.value for m in idle.messages}.isdisjoint(numbered(5, 9))
    assert set(numbered(5, 9)) <= set(owner.values)


def test_a_join_that_outlasts_many_short_polls_is_completed(kafka_broker: Broker, topics: Topics) -> None:
    """Polls that are shorter than any join, with work between them, come to their partitions all the same."""
    topic, ledger, group = topics.create(partitions=2), Ledger(), uuid.uuid4().hex
    with (
        reading(kafka_broker, topic, ledger=ledger, group=group) as first,
        reading(kafka_broker, topic, ledger=ledger, group=group) as second,
    ):
        first.timeout = second.timeout = 0.001

        def shared() -> bool:
            sleep(0.03)
            return len(logs_read(first)) == len(logs_read(second)) == 1

        turn_together([first, second], shared)


def test_applied_positions_are_committed_and_lag_is_what_is_left(kafka_broker: Broker, topics: Topics) -> None:
    """Operators see the group's progress in Kafka; our own metric knows what waits."""
    topic, group = topics.create(), uuid.uuid4().hex
    topics.send(topic, *numbered(0, 9))

    with reading(kafka_broker, topic, group=group) as reader:
        reader.limit = 4
        reader.read(4)
        (log,) = reader.starts
        waiting = reader.source.lag()
        reader.until(lambda: topics.committed(group, topic) == reader.ledger.positions[log])
        reader.read(10)
        nothing = reader.source.lag()

    assert waiting == {log: 10 - 4}
    assert nothing == {log: 0}
    assert topics.committed(group, topic) == 10


def test_what_a_member_that_died_did_not_commit_is_committed_by_the_next(kafka_broker: Broker, topics: Topics) -> None:
    """Without a new message: else operators would see a lag that is none."""
    topic, group, ledger = topics.create(), uuid.uuid4().hex, Ledger()
    topics.send(topic, *numbered(0, 4))
    with reading(kafka_broker, topic, ledger=ledger) as died:
        died.read(5)

    with reading(kafka_broker, topic, ledger=ledger, group=group) as reader:
        reader.until(lambda: topics.committed(group, topic) == 5)

    assert reader.values == []


def test_a_source_that_is_closed_leaves_its_group(kafka_broker: Broker, topics: Topics) -> None:
    """The others need not wait for its session to end."""
    topic, group = topics.create(), uuid.uuid4().hex

    with reading(kafka_broker, topic, group=group) as reader:
        reader.until(lambda: len(reader.starts) == 1)
        before = topics.members(group)

    assert (before, topics.members(group)) == (1, 0)


def test_a_commit_that_cannot_be_made_stops_nothing(kafka_broker: Broker, topics: Topics) -> None:
    """The store has the position; what Kafka knows is a courtesy."""
    topic = topics.create()
    topics.send(topic, b"0")

    with reading(kafka_broker, topic) as reader:
        reader.read(1)
        topics.delete(topic)
        reader.source.commit(reader.ledger.positions)
        reader.turn()

    assert reader.values == [b"0"]
