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


@pytest.mark.parametrize("back", [2.0, 3_600.0, 86_400.0])
def test_a_clock_set_back_shuts_nothing(store: Store, clock: Clock, back: float) -> None:
    """An empty bucket fills by the new time at once, and gives no more than it would have."""
    spend(store, 40)
    clock.advance(-back)

    assert spend(store) == pytest.approx(1 / RATE)
    clock.advance(1.0)
    assert spend(store, 20) == 0.0
    assert spend(store) > 0.0


def test_a_clock_set_back_ends_no_wait_but_endless_ones(store: Store, clock: Clock) -> None:
    """Nobody waits longer than ORCID may tell us to."""
    spend(store)
    store.turns.slow_down(clock() + 60)
    clock.advance(-600)
    assert spend(store) == pytest.approx(660.0)

    clock.advance(-36_000)

    assert spend(store) <= 2 / RATE
    assert store.turns.rate_now(RATE) > 0.0


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
    """Then slowly: the bucket begins empty, and fills at half the rate first."""
    spend(store)
    store.turns.slow_down(clock() + 60)

    assert spend(store) == pytest.approx(60.0)
    assert spend(twin, 40) == pytest.approx(60.0)
    clock.advance(60)
    assert spend(store) == pytest.approx(2 / RATE)
    clock.advance(1.0)
    assert spend(store, 10) == 0.0
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

    assert spend(store) == pytest.approx(21 / (RATE / 2))


def test_owing_while_slowed_down_does_not_fill_the_bucket(store: Store, clock: Clock) -> None:
    """It begins empty, less what is owed."""
    spend(store)
    store.turns.slow_down(clock() + 60)
    clock.advance(30)
    store.turns.owe(1)
    clock.advance(30)

    assert spend(store) == pytest.approx(2 / (RATE / 2))


def test_a_slow_down_halves_the_rate_and_it_grows_back_in_twenty_seconds(
    store: Store, twin: Store, clock: Clock
) -> None:
    """For every process; as fast again after as long as it takes from nothing."""
    spend(store)
    store.turns.slow_down(clock() + 5)

    assert store.turns.rate_now(RATE) == twin.turns.rate_now(RATE) == 0.0
    clock.advance(5)
    rates = []
    for _ in range(12):
        rates.append(twin.turns.rate_now(RATE))
        clock.advance(1)
    assert rates[:3] == pytest.approx([10.0, 11.0, 12.0])
    assert rates[10:] == [RATE, RATE]


def test_slow_downs_that_come_together_halve_once(store: Store, clock: Clock) -> None:
    """A dozen calls in flight are told together; a second later it is news."""
    spend(store)
    for _ in range(12):
        store.turns.slow_down(clock())
    assert store.turns.rate_now(RATE) == pytest.approx(RATE / 2)

    clock.advance(1)
    store.turns.slow_down(clock())
    assert store.turns.rate_now(RATE) == pytest.approx((RATE / 2 + 1) / 2)


@pytest.mark.parametrize(
    ("rate", "lowest"), [pytest.param(RATE, 1.0, id="fast"), pytest.param(0.5, 0.5, id="slow-by-setting")]
)
def test_one_request_a_second_is_left(store: Store, clock: Clock, rate: float, lowest: float) -> None:
    """However often ORCID asks to slow down; but never more than the settings allow."""
    store.turns.spend(1, rate, BURST)
    for _ in range(60):
        store.turns.slow_down(clock() + 1)
        clock.advance(1)

    assert store.turns.rate_now(rate) == pytest.approx(lowest)


def test_what_is_sent_while_the_rate_grows_back_is_its_sum(store: Store, clock: Clock) -> None:
    """From a quarter to the whole: 5 requests a second, and one more each second, from an empty bucket."""
    spend(store)
    store.turns.slow_down(clock())
    clock.advance(1)
    store.turns.slow_down(clock())
    first = store.turns.rate_now(RATE)
    spent = 0
    for _ in range(100):
        clock.advance(0.1)
        while spend(store) == 0.0:
            spent += 1

    assert first == pytest.approx(5.5)
    assert spent == pytest.approx(5.5 * 10 + 10 * 10 / 2, abs=1.1)


def test_a_slow_down_before_the_first_request_only_waits(store: Store, clock: Clock) -> None:
    """Nobody knows the rate yet."""
    store.turns.slow_down(clock() + 1)
    clock.advance(1)

    assert store.turns.rate_now(RATE) == RATE


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
