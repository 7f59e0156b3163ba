"""Versions: sequences that sort as text, and what orders an event."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.faults import BadEvent, Rule
from mappers.events.versions import AHEAD, ByArrival, Scheme, TakesCurrent, Version, canonical_sequence, order
from mappers.times import canonical_time
from tests.mappers.builders import NOW, bad_event, event, record_event

TIME = "2026-03-01T09:00:00.000000000Z"


@pytest.mark.parametrize(
    "same",
    [
        pytest.param("17", id="text"),
        pytest.param(Decimal("17.0"), id="fraction-of-nought"),
        pytest.param("0017", id="leading-zeros"),
        pytest.param("17.000", id="zeros-that-close"),
        pytest.param(Decimal("1.7E+1"), id="exponent"),
    ],
)
def test_equal_sequences_are_one(same: Any) -> None:
    """However a system writes a number, it is the same version."""
    assert canonical_sequence(same) == canonical_sequence(17)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("v17", id="letters"),
        pytest.param(" 17", id="space"),
        pytest.param("+17", id="plus"),
        pytest.param(-1, id="negative"),
        pytest.param("1e3", id="exponent-in-text"),
        pytest.param("1" * 31, id="31-digits"),
        pytest.param(10**30, id="31-digits-number"),
        pytest.param(Decimal("1E+31"), id="huge-number"),
        pytest.param(Decimal("1E-31"), id="tiny-number"),
        pytest.param(Decimal(-1), id="negative-fraction"),
        pytest.param("1." + "1" * 31, id="31-digits-of-fraction"),
        pytest.param("1.", id="open-point"),
        pytest.param("\u0661", id="other-digits"),
        pytest.param("0" * 100_000 + "x", id="long"),
        pytest.param(True, id="true"),
        pytest.param(None, id="null"),
        pytest.param({}, id="object"),
    ],
)
def test_what_is_no_sequence_is_refused(value: Any) -> None:
    """Neither guessed nor cut."""
    with pytest.raises(ValueError, match="is not a sequence"):
        canonical_sequence(value)


def test_nought_is_a_sequence_however_it_is_signed() -> None:
    """JSON allows -0, and noughts of any exponent."""
    assert {canonical_sequence(zero) for zero in (0, "0", "00.0", Decimal("-0.0"), Decimal("0E+99"))} == {"010"}


NUMBERS = st.integers(0, 10**30 - 1) | st.decimals(0, 10**9, places=5)


@given(NUMBERS, NUMBERS)
def test_sequences_sort_as_the_numbers_do(one: Any, other: Any) -> None:
    """Text order is number order."""
    texts = canonical_sequence(one), canonical_sequence(str(other))

    assert (texts[0] < texts[1]) == (one < other)
    assert (texts[0] == texts[1]) == (one == other)


BY_SEQUENCE, BY_TIME = Version("sequence", "0217"), Version("time", TIME)
BOTH = {"sequence": "0217", "time": TIME}
NONE: dict[str, str | None] = {"sequence": None, "time": None}


@pytest.mark.parametrize(
    ("has", "scheme", "live", "expected"),
    [
        pytest.param(BOTH, None, False, BY_SEQUENCE, id="unfixed-both-sequence-wins"),
        pytest.param({**NONE, "sequence": "0217"}, None, False, BY_SEQUENCE, id="unfixed-sequence"),
        pytest.param({**NONE, "time": TIME}, None, False, BY_TIME, id="unfixed-time"),
        pytest.param(BOTH, "time", False, BY_TIME, id="time-fixed"),
        pytest.param(BOTH, "sequence", True, BY_SEQUENCE, id="sequence-fixed"),
        pytest.param(NONE, None, True, ByArrival(), id="neither-live"),
        pytest.param(NONE, None, False, "sequence", id="neither-replayed"),
        pytest.param(NONE, "time", True, "time", id="neither-live-of-a-source-by-time"),
        pytest.param({**NONE, "time": TIME}, "sequence", True, "sequence", id="only-time-of-a-source-by-sequence"),
        pytest.param({**NONE, "sequence": "0217"}, "time", True, "time", id="only-sequence-of-a-source-by-time"),
    ],
)
def test_what_orders_a_change(
    has: dict[str, str | None],
    scheme: Scheme | None,
    live: bool,  # noqa: FBT001
    expected: Version | ByArrival | str,
) -> None:
    """The table of `order`, row by row; a text is the field that a no-order names."""
    found = order(replace(record_event(), **has), scheme, live=live, now=NOW)  # type: ignore[arg-type]

    if isinstance(expected, str):
        assert isinstance(found, BadEvent)
        assert (found.rule, found.field, found.subject) == (Rule.NO_ORDER, expected, "APPT-1")
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("scheme", "live", "taken"),
    [
        pytest.param(None, True, True, id="live"),
        pytest.param("sequence", True, True, id="live-of-a-source-by-sequence"),
        pytest.param("time", True, True, id="live-of-a-source-by-time"),
        pytest.param("time", False, False, id="replayed"),
        pytest.param(None, False, False, id="replayed-unfixed"),
    ],
)
def test_a_removal_without_version_takes_the_current_one(
    scheme: Scheme | None,
    live: bool,  # noqa: FBT001
    taken: bool,  # noqa: FBT001
) -> None:
    """Live it takes its record's version; in an old log nothing says what it came after."""
    removal = record_event(type="hr.affiliation.removed", time=..., sequence=...)

    found = order(removal, scheme, live=live, now=NOW)

    assert found == TakesCurrent() if taken else isinstance(found, BadEvent)


def test_a_removal_with_a_version_is_ordered_by_it() -> None:
    """A removal that says when it was is no exception."""
    assert order(record_event(type="hr.affiliation.removed"), None, live=True, now=NOW) == BY_SEQUENCE


@pytest.mark.parametrize(
    ("seconds", "scheme", "fine"),
    [
        pytest.param(AHEAD, "time", True, id="five-minutes"),
        pytest.param(AHEAD + 1, "time", False, id="more-than-five-minutes"),
        pytest.param(AHEAD + 1, "sequence", True, id="time-does-not-order"),
    ],
)
def test_a_clock_that_is_ahead(seconds: float, scheme: Scheme, fine: bool) -> None:  # noqa: FBT001
    """An event from the future would block later ones, but only where time orders."""
    now = 1772355600.0 - seconds

    found = order(record_event(), scheme, live=True, now=now)

    assert fine or isinstance(found, BadEvent)
    assert not isinstance(found, BadEvent) or (found.rule, found.field, found.value) == (Rule.TIME_AHEAD, "time", TIME)
    assert isinstance(found, Version) is fine


def test_the_scheme_an_event_carries_is_canonical() -> None:
    """What `parse` puts into an event is what `canonical_…` make of it."""
    found = record_event(time="2026-03-01T10:00:00+01:00", sequence=17.50)

    assert (found.time, found.sequence) == (canonical_time("2026-03-01T09:00:00Z"), canonical_sequence("17.5"))


def test_a_sequence_beyond_bounds_is_a_dead_letter() -> None:
    """31 digits are more than any system counts."""
    assert bad_event(event(sequence=10**31)).rule is Rule.WRONG_FORM
