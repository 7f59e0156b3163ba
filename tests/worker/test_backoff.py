"""Back-off: how long a record is left alone after failures in a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.calling.backoff import backoff

CHANCES = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("failures", "longest_wait"),
    [
        pytest.param(1, 1.0, id="the first wait is the base"),
        pytest.param(2, 2.0, id="then it doubles"),
        pytest.param(5, 16.0, id="and again"),
        pytest.param(10, 300.0, id="up to the longest"),
        pytest.param(100_000, 300.0, id="for ever"),
    ],
)
def test_it_doubles_up_to_the_longest(failures: int, longest_wait: float) -> None:
    """At the upper end of chance the wait is the full one, at the lower end half of it."""
    assert backoff(failures, 1.0, 300.0, 1.0) == longest_wait
    assert backoff(failures, 1.0, 300.0, 0.0) == longest_wait / 2


@given(st.integers(1, 10_000), st.floats(0.01, 60.0), st.floats(0.01, 3600.0), CHANCES)
def test_it_stays_within_bounds(failures: int, base: float, longest: float, chance: float) -> None:
    """Never longer than the longest, never shorter than half of the shorter of base and longest."""
    assert min(base, longest) / 2 <= backoff(failures, base, longest, chance) <= longest


@given(st.integers(1, 60), CHANCES)
def test_it_never_shrinks(failures: int, chance: float) -> None:
    """One more failure never means a shorter wait."""
    assert backoff(failures + 1, 1.0, 300.0, chance) >= backoff(failures, 1.0, 300.0, chance)
