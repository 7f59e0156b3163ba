"""The request budget as a pure bucket: what holds however often ORCID asks to slow down, and whenever one looks."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.budget import GROWS_BACK_SECONDS, Bucket

NOW = 1_764_000_000.0
RATE, BURST = 23.0, 30.0

waits = st.floats(0.0, 30.0)


@st.composite
def slowed_buckets(draw: st.DrawFn) -> tuple[Bucket, float]:
    """A bucket that was spent from and slowed down now and then, and when that was last."""
    bucket, now = Bucket(BURST, NOW, rate=RATE, burst=BURST), NOW
    for wait, until, requests in draw(st.lists(st.tuples(waits, waits, st.integers(0, 30)), max_size=6)):
        now += wait
        bucket, _ = bucket.spent(requests, now, RATE, BURST)
        bucket = bucket.slowed(now + until, now)
    return bucket, now


@settings(max_examples=200)
@given(slowed_buckets(), waits, waits)
def test_looking_in_between_changes_nothing(slowed: tuple[Bucket, float], first: float, then: float) -> None:
    """What flows in over two stretches of time is what flows in over both at once."""
    bucket, now = slowed
    wide = 1e9
    between = replace(bucket, tokens=bucket.filled(now + first, RATE, wide), at=max(bucket.at, now + first))
    at_once = bucket.filled(now + first + then, RATE, wide)

    assert between.filled(now + first + then, RATE, wide) == pytest.approx(at_once, abs=1e-3)


@settings(max_examples=200)
@given(slowed_buckets(), waits)
def test_the_rate_stays_between_one_and_the_setting(slowed: tuple[Bucket, float], wait: float) -> None:
    """It never falls as time passes, and is whole again soon."""
    bucket, now = slowed
    rates = [bucket.rate_at(now + part * wait, RATE) for part in (0.0, 0.5, 1.0)]

    assert 1.0 <= rates[0] <= rates[1] <= rates[2] <= RATE
    assert bucket.rate_at(max(now, bucket.not_before) + GROWS_BACK_SECONDS, RATE) == RATE


@settings(max_examples=200)
@given(slowed_buckets(), st.integers(1, 30))
def test_who_waits_as_told_is_served(slowed: tuple[Bucket, float], requests: int) -> None:
    """Once more at the latest after the time to wait that ORCID asked for."""
    bucket, now = slowed
    for _ in range(2):
        _, wait = bucket.spent(requests, now, RATE, BURST)
        now += wait

    assert bucket.spent(requests, now, RATE, BURST)[1] == 0.0
