"""The request budget, over every store."""

import pytest

from state.store import Store
from tests.state.stores import Clock

RATE, BURST = 20.0, 40.0


def spend(store: Store, requests: int = 1) -> float:
    """Spends at the usual rate."""
    return store.turns.spend(requests, RATE, BURST)


def test_a_burst_may_be_spent_at_once(store: Store, twin: Store) -> None:
    """Then every handle waits for the bucket to fill."""
    assert spend(store, 30) == 0.0
    assert spend(twin, 10) == 0.0

    assert spend(store) == pytest.approx(1 / RATE)
    assert spend(twin, 20) == pytest.approx(1.0)


def test_who_waited_as_told_may_spend(store: Store, clock: Clock) -> None:
    """Refused requests take nothing."""
    spend(store, 40)
    assert spend(store, 10) == pytest.approx(0.5)
    wait = spend(store, 10)
    assert wait == pytest.approx(0.5)

    clock.advance(wait)

    assert spend(store, 10) == 0.0
    assert spend(store) > 0.0


def test_waiting_as_told_ends(store: Store, clock: Clock) -> None:
    """Whatever the rounding of large times: nobody is told to wait for less than a clock can show."""
    for number in range(200):
        wait = store.turns.spend(1 + number % 7, 24.0 / (1 + number % 11), 7.0)
        clock.advance(wait)
        assert wait == 0.0 or store.turns.spend(1 + number % 7, 24.0 / (1 + number % 11), 7.0) == 0.0


def test_the_bucket_holds_no_more_than_a_burst(store: Store, clock: Clock) -> None:
    """A night of silence is no licence for a flood."""
    spend(store, 40)
    clock.advance(36_000)

    assert spend(store, 41) > 0.0
    assert spend(store, 40) == 0.0


def test_over_a_minute_the_rate_holds(store: Store, clock: Clock) -> None:
    """However often one asks: a burst, and the rate for the rest."""
    spent = 0
    with store.transaction():
        for _ in range(600):
            while spend(store) == 0.0:
                spent += 1
            clock.advance(0.1)

    assert spent == pytest.approx(BURST + 59.9 * RATE, abs=1)


def test_a_clock_set_back_gives_nothing_and_takes_nothing(store: Store, clock: Clock) -> None:
    """The bucket neither fills nor leaks; it fills again from the new time on."""
    spend(store, 30)
    clock.advance(-3_600)

    assert spend(store, 10) == 0.0
    assert spend(store, 10) == pytest.approx(0.5)
    clock.advance(0.5)
    assert spend(store, 10) == 0.0


def test_what_is_owed_goes_below_zero(store: Store, clock: Clock) -> None:
    """Requests that were made without asking are waited for afterwards."""
    spend(store, 40)
    store.turns.owe(10)
    store.turns.owe(10)

    assert spend(store) == pytest.approx(21 / RATE)
    clock.advance(21 / RATE)
    assert spend(store) == 0.0


def test_a_full_bucket_owes_as_well(store: Store, clock: Clock) -> None:
    """What flowed over in a quiet hour does not pay for what is owed now."""
    spend(store)
    clock.advance(3_600)

    store.turns.owe(30)

    assert spend(store, 11) == pytest.approx(1 / RATE)
    assert spend(store, 10) == 0.0


def test_a_budget_nobody_spent_from_owes_too(store: Store) -> None:
    """The first requests of all, a token exchange say, are not free."""
    store.turns.owe(3)

    assert spend(store) == pytest.approx(4 / RATE)


def test_nobody_spends_while_slowed_down(store: Store, twin: Store, clock: Clock) -> None:
    """Then slowly: the bucket begins empty."""
    spend(store)
    store.turns.slow_down(clock() + 60)

    assert spend(store) == pytest.approx(60.0)
    assert spend(twin, 40) == pytest.approx(60.0)
    clock.advance(60)
    assert spend(store) == pytest.approx(1 / RATE)
    clock.advance(1.0)
    assert spend(store, 20) == 0.0
    assert spend(store) > 0.0


def test_the_longest_slow_down_counts(store: Store, clock: Clock) -> None:
    """A shorter one that comes later ends nothing."""
    store.turns.slow_down(clock() + 60)
    store.turns.slow_down(clock() + 10)

    assert spend(store) == pytest.approx(60.0)


def test_a_slow_down_forgives_no_debt_and_fills_nothing(store: Store, clock: Clock) -> None:
    """Not even one that has passed by the time it is told."""
    spend(store, 40)
    store.turns.owe(20)

    store.turns.slow_down(clock() - 600)

    assert spend(store) == pytest.approx(21 / RATE)


def test_owing_while_slowed_down_does_not_fill_the_bucket(store: Store, clock: Clock) -> None:
    """It begins empty, less what is owed."""
    spend(store)
    store.turns.slow_down(clock() + 60)
    clock.advance(30)
    store.turns.owe(1)
    clock.advance(30)

    assert spend(store) == pytest.approx(2 / RATE)


def test_the_used_ratio_is_of_now(store: Store, clock: Clock) -> None:
    """It falls again while nobody spends."""
    assert store.turns.used_ratio(BURST) == 0.0

    spend(store, 30)
    assert store.turns.used_ratio(BURST) == pytest.approx(0.75)
    clock.advance(1.0)
    assert store.turns.used_ratio(BURST) == pytest.approx(0.25)
    clock.advance(60.0)
    assert store.turns.used_ratio(BURST) == 0.0
    store.turns.owe(100)
    assert store.turns.used_ratio(BURST) == 1.0
