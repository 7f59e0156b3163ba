"""Clocks: the machine's, and the one that tests set."""

from datetime import UTC, datetime

import pytest

from tests.fakes.set_clock import SetClock
from worker.machine_clock import MachineClock
from worker.ports import Clock

CLOCKS = [
    pytest.param(MachineClock(), id="machine"),
    pytest.param(SetClock(1_764_000_000.25), id="set"),
]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_counts_seconds_since_1970(clock: Clock) -> None:
    """As seconds with their fraction, in UTC: a date of the 21st century."""
    shown = clock.now()

    assert isinstance(shown, float)
    assert 2025 <= datetime.fromtimestamp(shown, UTC).year < 2100


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_does_not_go_back(clock: Clock) -> None:
    """Each look shows the same time or a later one."""
    shown = [clock.now() for _ in range(100)]

    assert shown == sorted(shown)


def test_the_set_clock_moves_only_when_it_is_moved() -> None:
    """Time as an argument: it stands still between two moves."""
    clock = SetClock(1_764_000_000.0)
    assert clock.now() == clock.now() == 1_764_000_000.0

    clock.advance(0.5)

    assert clock.now() == 1_764_000_000.5
