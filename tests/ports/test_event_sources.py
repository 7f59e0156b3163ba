"""Event sources: topics in Kafka and in memory keep the same promises, and so do logs as far as they are a source."""

from mappers.events.messages import LogId
from tests.kafka.readers import Ledger, numbered
from tests.ports.topics import TopicWorld


def test_a_log_that_the_store_never_read_starts_at_its_beginning(topic: TopicWorld) -> None:
    """And says so; what retention took before is no gap."""
    topic.produce(*numbered(0, 4))
    topic.cut(2)

    with topic.reading() as reader:
        reader.read(3)

    assert reader.values == numbered(2, 4)
    assert list(reader.starts.values()) == [2]
    assert (reader.gaps, reader.behind) == ([], False)


def test_reading_goes_on_at_the_position_of_the_store(topic: TopicWorld) -> None:
    """Not where the group committed."""
    ledger = Ledger()
    topic.produce(*numbered(0, 9))
    with topic.reading(ledger) as first:
        first.read(10)
    log = only(ledger)
    ledger.positions[log] = 4

    with topic.reading(ledger) as second:
        second.read(6)

    assert second.values == numbered(4, 9)
    assert second.starts == {log: 4}


def test_a_message_knows_its_place_and_what_its_producer_sent(topic: TopicWorld) -> None:
    """Tombstones too; offsets count from the log's beginning."""
    topic.produce(b"a", None)

    with topic.reading() as reader:
        reader.read(2)

    one, two = reader.messages
    assert (one.value, two.value) == (b"a", None)
    assert (one.live, two.live) == (True, True)
    assert [message.place.offset for message in reader.messages] == [0, 1]
    assert one.place.log == two.place.log == only(reader.ledger)


def test_no_batch_has_more_messages_than_asked_for_and_the_next_poll_brings_the_next(topic: TopicWorld) -> None:
    """In the order of the log."""
    topic.produce(*numbered(0, 9))

    with topic.reading() as reader:
        reader.limit = 4
        sizes = []
        while len(reader.messages) < 10:
            sizes.append(len(reader.turn().messages))

    assert reader.values == numbered(0, 9)
    assert max(sizes) <= 4


def test_what_comes_while_we_read_is_read(topic: TopicWorld) -> None:
    """A topic is never exhausted, and a poll that brings nothing is an empty batch."""
    topic.produce(b"0")

    with topic.reading() as reader:
        reader.read(1)
        empty = reader.turn()
        topic.produce(b"1")
        reader.read(2)

    assert (list(empty.messages), list(empty.gaps), dict(empty.starts)) == ([], [], {})
    assert not reader.source.exhausted
    assert reader.source.trouble is None
    assert reader.values == numbered(0, 1)


def test_after_a_rewind_what_was_not_applied_comes_again(topic: TopicWorld) -> None:
    """From the store's position, not from the last poll's."""
    topic.produce(*numbered(0, 4))

    with topic.reading() as reader:
        reader.read(5)
        reader.ledger.positions = dict.fromkeys(reader.starts, 2)
        reader.source.rewind()
        reader.read(8)

    assert reader.values == numbered(0, 4) + numbered(2, 4)


def test_after_a_rewind_of_a_log_that_was_never_applied_its_beginning_is_remembered(topic: TopicWorld) -> None:
    """What retention took since it was first polled is a gap: it was there for us."""
    topic.produce(*numbered(0, 4))

    with topic.reading() as reader:
        reader.until(lambda: bool(reader.starts) or bool(reader.messages))
        reader.until(lambda: bool(reader.messages))
        reader.messages.clear()
        reader.ledger.positions.clear()
        reader.source.rewind()
        topic.cut(3)
        reader.read(2)

    assert reader.values == numbered(3, 4)
    assert topic.gaps(reader) == [(0, 2)]


def test_what_retention_took_while_we_were_away_is_a_gap(topic: TopicWorld) -> None:
    """Named to the offset; reading goes on where the log begins now, which is told as a start."""
    ledger = Ledger()
    topic.produce(*numbered(0, 2))
    with topic.reading(ledger) as before:
        before.read(3)
    topic.produce(*numbered(3, 9))
    topic.cut(7)

    with topic.reading(ledger) as after:
        after.read(3)

    assert after.values == numbered(7, 9)
    assert topic.gaps(after) == [(3, 6)]
    assert list(after.starts.values()) == [7]


def test_a_log_that_ends_before_our_position_is_read_again_from_its_start(topic: TopicWorld) -> None:
    """It lost what we had read: a gap from its end to there."""
    ledger = Ledger()
    topic.produce(*numbered(0, 1))
    with topic.reading(ledger) as before:
        before.read(2)
    ledger.positions = dict.fromkeys(ledger.positions, 6)

    with topic.reading(ledger) as after:
        after.until(lambda: len(after.starts) == 1)

    assert topic.gaps(after) == [(2, 5)]
    assert list(after.starts.values()) == [0]


def test_a_topic_made_anew_starts_at_its_own_beginning(topic: TopicWorld) -> None:
    """Another id, another log: nothing of it was ever read, so nothing is missing."""
    ledger = Ledger()
    topic.produce(*numbered(100, 104))
    with topic.reading(ledger) as before:
        before.read(5)
    topic.recreate()
    topic.produce(*numbered(0, 1))

    with topic.reading(ledger) as after:
        after.read(2)

    assert after.values == numbered(0, 1)
    assert (after.gaps, after.behind) == ([], False)
    assert len(ledger.positions) == 2


def test_a_store_that_knows_less_than_its_group_committed_is_behind(topic: TopicWorld) -> None:
    """It was lost or restored; one that knows as much, or more, is not."""
    ledger = Ledger()
    topic.produce(*numbered(0, 2))
    with topic.reading(ledger) as first:
        first.read(3)
    with topic.reading(ledger) as same:
        same.until(lambda: len(same.starts) == 1)
    with topic.reading(Ledger()) as lost:
        lost.read(3)

    assert (first.behind, same.behind, lost.behind) == (False, False, True)


def test_lag_counts_what_waits_behind_each_log_being_read(topic: TopicWorld) -> None:
    """Nothing before the first poll; what was polled does not wait any more."""
    topic.produce(*numbered(0, 9))

    with topic.reading() as reader:
        before = dict(reader.source.lag())
        reader.limit = 4
        reader.read(4)
        waiting = dict(reader.source.lag())
        reader.read(10)
        after = dict(reader.source.lag())

    log = only(reader.ledger)
    assert before == {}
    assert waiting == {log: 6}
    assert after == {log: 0}


def test_committing_a_log_that_we_do_not_read_changes_nothing(topic: TopicWorld) -> None:
    """Its partition may have gone to another process meanwhile."""
    topic.produce(b"0")
    stranger = LogId("elsewhere", "another-id", "strange.events", 3)

    with topic.reading() as reader:
        reader.read(1)
        reader.source.commit({stranger: 7})
        topic.produce(b"1")
        reader.read(2)

    assert reader.values == numbered(0, 1)


def only(ledger: Ledger) -> LogId:
    """The one log of the ledger."""
    (log,) = ledger.positions
    return log
