"""Leases of iDs, over every store."""

from state.store import Store
from tests.state.helpers import JOSIAH, LAURE
from tests.state.stores import Clock

SECONDS = 30.0


def test_one_holder_at_a_time(store: Store, twin: Store) -> None:
    """Another gets nothing, on whichever handle it asks; another iD is another lease."""
    assert store.turns.epoch(JOSIAH) == 0

    assert store.turns.acquire(JOSIAH, "a", SECONDS) == 1
    assert twin.turns.acquire(JOSIAH, "b", SECONDS) is None
    assert twin.turns.acquire(LAURE, "b", SECONDS) == 1
    assert twin.turns.epoch(JOSIAH) == 1


def test_a_lease_is_taken_over_after_twice_its_time(store: Store, clock: Clock) -> None:
    """A call begun under it may still be under way until then."""
    store.turns.acquire(JOSIAH, "a", SECONDS)

    clock.advance(SECONDS + 1)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) is None
    clock.advance(SECONDS - 1.5)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) is None
    clock.advance(0.5)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) == 2
    assert store.turns.epoch(JOSIAH) == 2


def test_a_renewed_lease_lasts_from_then_on(store: Store, clock: Clock) -> None:
    """Twice as long again until somebody else may have it."""
    epoch = store.turns.acquire(JOSIAH, "a", SECONDS)
    assert epoch is not None
    clock.advance(SECONDS)

    assert store.turns.renew(JOSIAH, epoch, SECONDS)

    clock.advance(2 * SECONDS - 1)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) is None
    clock.advance(1)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) == epoch + 1


def test_a_lease_that_was_taken_over_cannot_be_renewed_or_released(store: Store, clock: Clock) -> None:
    """The old holder's word no longer counts."""
    old = store.turns.acquire(JOSIAH, "a", SECONDS)
    assert old is not None
    clock.advance(2 * SECONDS)
    new = store.turns.acquire(JOSIAH, "b", SECONDS)
    assert new is not None

    assert not store.turns.renew(JOSIAH, old, SECONDS)
    store.turns.release(JOSIAH, old)

    assert store.turns.acquire(JOSIAH, "a", SECONDS) is None
    assert store.turns.renew(JOSIAH, new, SECONDS)


def test_a_lease_overdue_but_not_taken_over_can_be_renewed(store: Store, clock: Clock) -> None:
    """Nobody else came: nothing happened."""
    epoch = store.turns.acquire(JOSIAH, "a", SECONDS)
    assert epoch is not None
    clock.advance(10 * SECONDS)

    assert store.turns.renew(JOSIAH, epoch, SECONDS)
    assert store.turns.acquire(JOSIAH, "b", SECONDS) is None


def test_a_released_lease_is_free_at_once(store: Store) -> None:
    """The epoch grows all the same."""
    epoch = store.turns.acquire(JOSIAH, "a", SECONDS)
    assert epoch == 1

    store.turns.release(JOSIAH, epoch)

    assert store.turns.epoch(JOSIAH) == 1
    assert store.turns.acquire(JOSIAH, "b", SECONDS) == 2


def test_the_holder_may_acquire_again(store: Store) -> None:
    """Under a new epoch: what it did under the old one is late now."""
    assert store.turns.acquire(JOSIAH, "a", SECONDS) == 1
    assert store.turns.acquire(JOSIAH, "a", SECONDS) == 2
    assert not store.turns.renew(JOSIAH, 1, SECONDS)


def test_what_was_never_leased_is_not_renewed(store: Store) -> None:
    """There is nothing to prolong or give back."""
    assert not store.turns.renew(JOSIAH, 1, SECONDS)
    store.turns.release(JOSIAH, 1)
    assert store.turns.epoch(JOSIAH) == 0
