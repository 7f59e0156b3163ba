"""Fuzzy dates: form, calendar and comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.dates import FuzzyDate, OutOfRange


@pytest.mark.parametrize("text", ["1900", "2100", "2024-02", "2024-02-29"])
def test_a_date_is_written_as_it_was_read(text: str) -> None:
    """As precise as it was, never more."""
    assert str(FuzzyDate.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("2024-2", "is not a date", id="one-digit-month"),
        pytest.param("2024-02-29T00:00", "is not a date", id="time"),
        pytest.param("2024\n", "is not a date", id="newline"),
        pytest.param("1899", "1900 to 2100", id="too-early"),
        pytest.param("2101-01", "1900 to 2100", id="too-late"),
        pytest.param("2024-00", "does not exist", id="month-nought"),
        pytest.param("2023-02-29", "does not exist", id="no-leap-year"),
    ],
)
def test_what_is_no_date_is_refused(text: str, rule: str) -> None:
    """Form, range or calendar."""
    with pytest.raises(ValueError, match=rule):
        FuzzyDate.parse(text)


@pytest.mark.parametrize(
    ("text", "out_of_range"),
    [
        pytest.param("1899", True, id="year"),
        pytest.param("2024-13", True, id="month"),
        pytest.param("2024-01-32", True, id="day"),
        pytest.param("2024-02-31", False, id="calendar"),
        pytest.param("31.2.2024", False, id="form"),
    ],
)
def test_what_the_schema_has_no_place_for_is_told_apart(text: str, out_of_range: bool) -> None:  # noqa: FBT001
    """ORCID has another code for it than for a day that does not exist."""
    with pytest.raises(ValueError, match=r"^(is|has) ") as found:
        FuzzyDate.parse(text)

    assert isinstance(found.value, OutOfRange) is out_of_range


@pytest.mark.parametrize(
    ("one", "other", "after"),
    [
        pytest.param("2020", "2019-12-31", True, id="later-year"),
        pytest.param("2020", "2020-05", False, id="as-far-as-known"),
        pytest.param("2020-06", "2020-05-31", True, id="later-month"),
        pytest.param("2020-05-02", "2020-05-01", True, id="later-day"),
        pytest.param("2020-05-01", "2020-05-01", False, id="equal"),
        pytest.param("2019-12", "2020-01", False, id="earlier-year-later-month"),
    ],
)
def test_after_means_surely_after(one: str, other: str, after: bool) -> None:  # noqa: FBT001
    """Dates are compared as far as both are known."""
    assert FuzzyDate.parse(one).is_after(FuzzyDate.parse(other)) is after


@given(st.dates())
def test_every_day_of_orcids_years_is_a_date(day: object) -> None:
    """And no day outside of them."""
    try:
        assert str(FuzzyDate.parse(str(day))) == str(day)
    except ValueError:
        assert not 1900 <= int(str(day)[:4]) <= 2100
