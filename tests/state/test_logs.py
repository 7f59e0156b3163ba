"""Positions and gaps of logs, over every store."""

from state.facts import GapNote
from state.store import Store
from tests.state.helpers import LOG, OTHER_LOG
from tests.state.stores import Clock


def test_a_log_never_read_has_no_position(store: Store) -> None:
    """Never read is not the same as read from 0."""
    assert store.logs.position(LOG) is None
    assert store.logs.positions() == {}


def test_positions_move_forward_only(store: Store) -> None:
    """A late report of an older offset changes nothing."""
    store.logs.advance(LOG, 0)
    store.logs.advance(LOG, 12)
    store.logs.advance(LOG, 11)

    assert store.logs.position(LOG) == 12


def test_a_log_that_was_cut_is_begun_again(store: Store) -> None:
    """Only that one; it may be read from further back then."""
    store.logs.advance(LOG, 12)
    store.logs.advance(OTHER_LOG, 12)

    store.logs.begin_again(LOG)
    store.logs.begin_again(LOG)
    assert store.logs.position(LOG) is None
    store.logs.advance(LOG, 3)

    assert store.logs.positions() == {LOG: 3, OTHER_LOG: 12}


def test_each_log_has_its_own_position(store: Store) -> None:
    """Partitions, and a topic that was made anew, are other logs."""
    anew = type(LOG)(LOG.cluster, "another-id", LOG.topic, LOG.partition)
    for log, offset in ((LOG, 5), (OTHER_LOG, 6), (anew, 7)):
        store.logs.advance(log, offset)

    assert store.logs.positions() == {LOG: 5, OTHER_LOG: 6, anew: 7}


def test_offsets_may_be_as_large_as_kafka_makes_them(store: Store) -> None:
    """Offsets are 64 bits long."""
    store.logs.advance(LOG, 2**63 - 1)

    assert store.logs.position(LOG) == 2**63 - 1


def test_a_gap_is_noted_once(store: Store, clock: Clock) -> None:
    """The same gap met again, after a crash, is the same note; its time is the first one's."""
    store.logs.add_gap(LOG, 3, 9, "retention")
    first_noted = clock()
    clock.advance(60)
    store.logs.add_gap(LOG, 3, 9, "retention, again")

    (gap,) = store.logs.gaps()
    assert gap == GapNote(gap.id, LOG, 3, 9, "retention", first_noted)


def test_gaps_are_listed_oldest_first_until_closed(store: Store) -> None:
    """An operator closes a gap once; it is not listed or noted again."""
    store.logs.add_gap(OTHER_LOG, 3, 9, "retention")
    store.logs.add_gap(LOG, 1, 2, "retention")
    older, newer = store.logs.gaps()
    assert (older.log, newer.log) == (OTHER_LOG, LOG)

    assert store.logs.close_gap(older.id)
    assert not store.logs.close_gap(older.id)
    assert not store.logs.close_gap(newer.id + 1000)
    store.logs.add_gap(OTHER_LOG, 3, 9, "retention")

    assert store.logs.gaps() == [newer]
