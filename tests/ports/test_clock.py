"""Clocks: those of the stores, and the one that tests set."""

import time
from datetime import UTC, datetime

import pytest

from state.memory.store import MemoryStore
from state.postgres.clock import PostgresClock
from tests.fakes.set_clock import SetClock
from worker.ports import Clock


def heard() -> PostgresClock:
    """A database's clock, as told once."""
    clock = PostgresClock()
    clock.hear(1_764_000_000.25)
    return clock


CLOCKS = [
    pytest.param(MemoryStore(time.time), id="of-this-machine"),
    pytest.param(heard(), id="of-postgresql"),
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
