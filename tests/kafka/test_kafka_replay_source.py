"""Replaying topics: from their beginning or since a time, to the end they had, unnoticed by the group."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.kafka.brokers import Broker, free_port, require
from tests.kafka.readers import Ledger, Reader, access_to, numbered
from tests.kafka.topics import Topics
from worker.kafka import replay_source as kafka_replay_source
from worker.kafka.access import KafkaAccess
from worker.kafka.replay_source import CannotReplayError, KafkaReplaySource


@contextmanager
def replaying(
    broker: Broker, *topics: str, since: float | None = None, wait: float = 0.0
) -> Iterator[Reader[KafkaReplaySource]]:
    """A reader of a replay."""
    with closing(KafkaReplaySource(access_to(broker), topics, since, wait=wait)) as source:
        yield Reader(source, Ledger())


def test_a_replay_reads_to_the_ends_the_topics_had_when_it_began(kafka_broker: Broker, topics: Topics) -> None:
    """What comes later is for the worker that runs."""
    one, two = topics.create(partitions=2), topics.create()
    topics.send(one, *numbered(0, 9), partition=0)
    topics.send(two, *numbered(10, 19))

    with replaying(kafka_broker, one, two) as reader:
        waiting = sum(reader.source.lag().values())
        topics.send(two, b"later")
        reader.limit = 7
        reader.until(lambda: reader.source.exhausted)

    assert waiting == 20
    assert sorted(reader.values, key=lambda value: int(value or 0)) == numbered(0, 19)
    assert not any(message.live for message in reader.messages)


def test_a_replay_since_a_time_begins_with_the_first_message_that_is_not_older(
    kafka_broker: Broker, topics: Topics
) -> None:
    """A partition without such a message has nothing to replay."""
    topic = topics.create(partitions=2)
    for second in range(10):
        topics.send(topic, b"%d" % second, partition=0, time=1_790_000_000 + second)
        topics.send(topic, b"old", partition=1, time=1_780_000_000)

    with replaying(kafka_broker, topic, since=1_790_000_006.5) as reader:
        reader.until(lambda: reader.source.exhausted)

    assert reader.values == numbered(7, 9)


def test_a_replay_of_an_empty_topic_is_exhausted_at_once(kafka_broker: Broker, topics: Topics) -> None:
    """Nothing there, nothing to wait for."""
    with replaying(kafka_broker, topics.create()) as reader:
        assert reader.source.exhausted
        assert reader.turn().messages == ()


def test_a_replay_ends_though_the_last_offset_holds_no_message(kafka_broker: Broker, topics: Topics) -> None:
    """The last offsets of a topic may be an aborted transaction and its mark."""
    require(kafka_broker, "transactions")
    topic = topics.create()
    topics.send(topic, b"0")
    topics.send_aborted(topic, b"never")

    with replaying(kafka_broker, topic) as reader:
        reader.until(lambda: reader.source.exhausted)

    assert reader.values == [b"0"]


def test_what_retention_takes_during_a_replay_is_a_gap(kafka_broker: Broker, topics: Topics) -> None:
    """The replay goes on where the log begins now."""
    require(kafka_broker, "delete-records")
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))

    with replaying(kafka_broker, topic) as reader:
        topics.cut(topic, 6)
        reader.until(lambda: reader.source.exhausted)

    assert reader.values == numbered(6, 9)
    assert [(gap.first, gap.last) for gap in reader.gaps] == [(0, 5)]


def test_a_replayed_batch_that_could_not_be_applied_comes_again(kafka_broker: Broker, topics: Topics) -> None:
    """The last batch of a log included, after which the replay seemed to be over."""
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))

    with replaying(kafka_broker, topic) as reader:
        reader.limit = 6
        reader.read(6)
        refused = reader.source.poll(6, 5)
        over = reader.source.exhausted
        reader.source.rewind()
        again = reader.source.poll(6, 5)

    assert over
    assert [message.value for message in refused.messages] == numbered(6, 9)
    assert again == refused


def test_a_pattern_replays_all_topics_it_matches(kafka_broker: Broker, topics: Topics) -> None:
    """The same patterns as for the worker."""
    for name in ("replayed.one", "replayed.two", "not.replayed.three"):
        topics.send(topics.create(name), name.encode())

    with replaying(kafka_broker, "^replayed") as reader:
        reader.until(lambda: reader.source.exhausted)

    assert sorted(reader.values, key=str) == [b"replayed.one", b"replayed.two"]


def test_a_replay_whose_topic_is_deleted_gives_up(
    kafka_broker: Broker, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while in which nothing came: with a line that says what is left, and why."""
    monkeypatch.setattr(kafka_replay_source, "VAIN_SECONDS", 2.0)
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))
    with replaying(kafka_broker, topic) as reader:
        topics.delete(topic)
        with pytest.raises(CannotReplayError, match=rf"nothing came for \d+ s, left are 10 of {topic}: no such topic"):
            reader.until(lambda: reader.source.exhausted)


def test_a_replay_whose_broker_stays_away_gives_up(
    kafka_broker: Broker, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address is in the line."""
    require(kafka_broker, "restart")
    monkeypatch.setattr(kafka_replay_source, "VAIN_SECONDS", 2.0)
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))
    with replaying(kafka_broker, topic) as reader:
        kafka_broker.stop()
        try:
            with pytest.raises(CannotReplayError, match=rf"left are 10 of {topic}: .*{kafka_broker.bootstrap}"):
                reader.until(lambda: reader.source.exhausted)
        finally:
            kafka_broker.start()


def test_a_replay_waits_for_a_broker_that_comes_back(
    kafka_broker: Broker, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it was told to wait for retries, when that is longer."""
    require(kafka_broker, "restart")
    monkeypatch.setattr(kafka_replay_source, "VAIN_SECONDS", 0.1)
    topic = topics.create()
    topics.send(topic, *numbered(0, 9))
    with replaying(kafka_broker, topic, wait=60.0) as reader:
        kafka_broker.stop()
        before = [reader.source.poll(100, 0.3).messages for _ in range(2)]
        kafka_broker.start()
        reader.until(lambda: reader.source.exhausted)

    assert not any(before)
    assert reader.values == numbered(0, 9)


def test_a_replay_of_a_topic_that_does_not_exist_names_it(kafka_broker: Broker) -> None:
    """A misspelt name is an error, not an empty replay."""
    with pytest.raises(CannotReplayError, match=r"no such topic: hr\.evnts"):
        KafkaReplaySource(access_to(kafka_broker), ["hr.evnts"])


def test_a_replay_without_a_broker_is_an_error_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command does not wait for ever."""
    monkeypatch.setattr(kafka_replay_source, "PATIENCE", 0.5)
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(CannotReplayError, match=address):
        KafkaReplaySource(KafkaAccess(bootstrap_servers=[address]), ["hr.events"])
