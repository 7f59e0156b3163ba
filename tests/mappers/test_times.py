"""Times: RFC 3339 made canonical."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.times import canonical_time, epoch


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000000000Z", id="utc"),
        pytest.param("2026-03-01t09:00:00z", "2026-03-01T09:00:00.000000000Z", id="lower-case"),
        pytest.param("2026-03-01 09:00:00Z", "2026-03-01T09:00:00.000000000Z", id="space-for-t"),
        pytest.param("2026-03-01T09:00:00.5Z", "2026-03-01T09:00:00.500000000Z", id="fraction"),
        pytest.param("2026-03-01T09:00:00.123456789Z", "2026-03-01T09:00:00.123456789Z", id="nanoseconds"),
        pytest.param("2026-03-01T09:00:00+05:30", "2026-03-01T03:30:00.000000000Z", id="east"),
        pytest.param("2026-03-01T20:00:00-08:00", "2026-03-02T04:00:00.000000000Z", id="west-over-midnight"),
        pytest.param("2026-03-01T09:00:00-00:00", "2026-03-01T09:00:00.000000000Z", id="unknown-offset"),
        pytest.param("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000000Z", id="leap-second"),
        pytest.param("2017-01-01T05:29:60.25+05:30", "2017-01-01T00:00:00.250000000Z", id="leap-second-elsewhere"),
        pytest.param("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z", id="first-year"),
    ],
)
def test_a_time_is_made_canonical(text: str, canonical: str) -> None:
    """Every form of RFC 3339 gives UTC with nine digits of fraction."""
    assert canonical_time(text) == canonical


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("2026-03-01", "is not a time", id="date"),
        pytest.param("2026-03-01T09:00:00", "is not a time", id="no-offset"),
        pytest.param("2026-03-01T09:00Z", "is not a time", id="no-seconds"),
        pytest.param("2026-03-01T09:00:00.1234567891Z", "is not a time", id="beyond-nanoseconds"),
        pytest.param("2026-03-01T09:00:00Z\n", "is not a time", id="newline"),
        pytest.param("\u0662026-03-01T09:00:00Z", "is not a time", id="other-digits"),
        pytest.param("2026-02-30T09:00:00Z", "does not exist", id="no-such-day"),
        pytest.param("2026-02-28T24:00:00Z", "does not exist", id="hour-24"),
        pytest.param("2026-03-01T12:00:60Z", "does not exist", id="leap-second-at-noon"),
        pytest.param("2026-03-01T09:00:00+24:00", "does not exist", id="offset-of-a-day"),
        pytest.param("0001-01-01T00:00:00+01:00", "does not exist", id="before-the-first-year"),
        pytest.param("9999-12-31T23:59:60Z", "does not exist", id="after-the-last-year"),
        pytest.param("0000-01-01T00:00:00Z", "does not exist", id="year-nought"),
    ],
)
def test_what_is_no_time_is_refused(text: str, rule: str) -> None:
    """The words say whether the form or the calendar is wrong."""
    with pytest.raises(ValueError, match=rule):
        canonical_time(text)


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
def test_canonical_times_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    """Text order is time order, whatever the offsets."""
    try:
        texts = [canonical_time(when.isoformat(timespec="microseconds")) for when in (one, other)]
    except ValueError:
        return
    assert (texts[0] < texts[1]) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_canonical_time_has_its_epoch() -> None:
    """Seconds since 1970, the fraction included."""
    assert epoch(canonical_time("1970-01-01T00:01:00.5Z")) == 60.5
