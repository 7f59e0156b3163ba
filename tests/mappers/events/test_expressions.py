"""Expressions: JMESPath with our functions, compiled with care, evaluated with an end."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.expressions import EvaluationError, Expression


@pytest.mark.parametrize(
    ("text", "value", "gives"),
    [
        pytest.param("a.b[0]", {"a": {"b": [1]}}, 1, id="path"),
        pytest.param("'constant'", None, "constant", id="raw-string"),
        pytest.param("key().id", None, 7, id="key"),
        pytest.param("(after || key()).id", {"after": None}, 7, id="key-instead"),
        pytest.param("text(a)", {"a": 17}, "17", id="number-as-text"),
        pytest.param("text(a)", {"a": Decimal("1000.50")}, "1000.50", id="fraction-as-text"),
        pytest.param("text(a)", {"a": " E1  "}, "E1", id="padded-text"),
        pytest.param("text(a)", {"a": "  "}, None, id="blank-text"),
        pytest.param("text(a)", {}, None, id="no-text"),
        pytest.param("lower(a)", {"a": "DOI"}, "doi", id="lower"),
        pytest.param("lower(a)", {}, None, id="lower-nothing"),
        pytest.param("split(a, ',')", {"a": "2049-3630, 2049-3649 ,"}, ["2049-3630", "2049-3649"], id="split"),
        pytest.param("split(a, '; ')[]", {"a": "x"}, ["x"], id="split-one"),
        pytest.param("split(a, ',')", {"a": " , "}, None, id="split-blank"),
        pytest.param("split(a, ',')", {}, None, id="split-nothing"),
        pytest.param("plain(a)", {"a": "CO<sub>2</sub> &amp; <i>E.&nbsp;coli</i>"}, "CO2 & E. coli", id="plain"),
        pytest.param(
            "plain(a)",
            {"a": "<jats:title>Aim</jats:title><jats:p>One.</jats:p><jats:p>Two.</jats:p>"},
            "Aim One. Two.",
            id="plain-of-jats",
        ),
        pytest.param("plain(a)", {"a": "p < 0.05, R&D"}, "p < 0.05, R&D", id="plain-without-tags"),
        pytest.param("plain(a)", {"a": "a <b>b <i>c"}, "a b c", id="plain-of-open-tags"),
        pytest.param("plain(a)", {"a": "<script>x</script>y<!-- z -->"}, "y", id="plain-of-scripts"),
        pytest.param("plain(a)", {"a": "&lt;i&gt;"}, "<i>", id="plain-of-entities"),
        pytest.param("plain(a)", {"a": "<i> </i>"}, None, id="plain-of-nothing"),
        pytest.param("plain(a)", {}, None, id="plain-nothing"),
        pytest.param("date(a)", {"a": "2019-09-01T00:00:00+02:00"}, "2019-09-01", id="date-of-time"),
        pytest.param("date(a)", {"a": " 2019-09 "}, "2019-09", id="date-of-month"),
        pytest.param("date(a)", {"a": ""}, None, id="date-of-nothing"),
        pytest.param("from_epoch_days(a)", {"a": 18140}, "2019-09-01", id="days"),
        pytest.param("from_epoch_days(a)", {"a": -1}, "1969-12-31", id="days-before-1970"),
        pytest.param("from_epoch_days(a)", {"a": None}, None, id="no-days"),
        pytest.param("from_epoch_millis(a)", {"a": 1567296000123}, "2019-09-01T00:00:00.123000Z", id="millis"),
        pytest.param("date(from_epoch_micros(a))", {"a": 1567296000000001}, "2019-09-01", id="micros"),
        pytest.param("date_parts(a)", {"a": [[2024, 3, 1]]}, "2024-03-01", id="date-parts"),
        pytest.param("date_parts(a)", {"a": [["2024", "3"], [2025]]}, "2024-03", id="date-parts-as-text"),
        pytest.param("date_parts(a)", {"a": [[None]]}, None, id="unknown-date-parts"),
        pytest.param("date_parts(a)", {"a": [[33]]}, "0033", id="a-year-of-two-digits"),
        pytest.param("to_string(a)", {"a": Decimal("1.5")}, "1.5", id="fraction-to-string"),
        pytest.param("to_number(a)", {"a": Decimal("1.5")}, Decimal("1.5"), id="fraction-to-number"),
        pytest.param("join(', ', [a, b][?@])", {"a": "Kea", "b": None}, "Kea", id="join-what-is-there"),
    ],
)
def test_an_expression_gives(text: str, value: Any, gives: Any) -> None:
    """What rows and articles need, null for null."""
    assert Expression(text).evaluate(value, {"id": 7}) == gives


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("a.", "is not JMESPath: ", id="cut"),
        pytest.param("", "is not JMESPath: ", id="empty"),
        pytest.param("/hr", "is not JMESPath: ", id="no-quotes"),
        pytest.param("trim(a)", "calls trim(), which is no function", id="unknown-function"),
        pytest.param("a[?foo(b)].{c: d}", "calls foo(), which is no function", id="within-a-filter"),
        pytest.param("text()", "gives text() 0 values, not 1", id="too-few"),
        pytest.param("key(a)", "gives key() 1 values, not 0", id="too-many"),
        pytest.param("not_null()", "gives not_null() 0 values, not 1 or more", id="too-few-of-many"),
        pytest.param("(" * 5000 + "a" + ")" * 5000, "is nested too deep", id="nested"),
    ],
)
def test_a_wrong_expression_is_told_before_any_message(text: str, wrong: str) -> None:
    """Form, functions and how much they take are checked when it is compiled, in one line."""
    with pytest.raises(ValueError, match=r"^(is|calls|gives) ") as caught:
        Expression(text)

    assert str(caught.value).startswith(wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        pytest.param("text(a)", {"a": []}, "text() takes a string or a number", id="text-of-a-list"),
        pytest.param("text(a)", {"a": True}, "text() takes a string or a number", id="text-of-true"),
        pytest.param("split(a, '')", {"a": "hidden"}, "split() takes a separator", id="split-by-nothing"),
        pytest.param("plain(a)", {"a": "x" * 1_000_001}, "at most 1000000 characters", id="plain-without-end"),
        pytest.param("date(a)", {"a": "hidden"}, "date() takes an ISO date or time", id="no-date"),
        pytest.param("date(a)", {"a": 5}, "date() does not take number", id="date-of-a-number"),
        pytest.param("from_epoch_days(a)", {"a": 10**12}, "(OverflowError)", id="days-without-end"),
        pytest.param("from_epoch_days(a)", {"a": Decimal("1e999999999")}, "does not take", id="a-huge-fraction"),
        pytest.param("date_parts(a)", {"a": [["hidden"]]}, "a date takes whole numbers", id="words-for-parts"),
        pytest.param("ceil(a)", {"a": Decimal("1e999999999")}, "does not take", id="a-huge-ceiling"),
        pytest.param("a < 'x'", {"a": 1}, "(TypeError)", id="number-and-text"),
        pytest.param("sort_by(@, &a)", [{"a": 1}, {"a": "hidden"}], "sort_by() does not take", id="sort"),
        pytest.param("a[*].b[*].c[*]", {"a": [{"b": [{"c": [0] * 99}] * 99}] * 99}, "steps", id="without-end"),
    ],
)
def test_what_cannot_be_evaluated_is_told_without_the_data(text: str, value: Any, told: str) -> None:
    """One kind of error, whatever went wrong; nothing of the message is in it."""
    with pytest.raises(EvaluationError) as caught:
        Expression(text).evaluate(value)

    assert told in str(caught.value)
    assert "hidden" not in str(caught.value)


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
CALLS = (
    "text",
    "lower",
    "plain",
    "date",
    "from_epoch_days",
    "from_epoch_millis",
    "from_epoch_micros",
    "date_parts",
    "to_string",
)


@given(st.sampled_from(CALLS), ANY_JSON)
def test_no_value_breaks_a_function(name: str, value: Any) -> None:
    """It gives something, or says that it can't."""
    try:
        found = Expression(f"{name}(@)").evaluate(value)
    except EvaluationError:
        return
    assert found is None or isinstance(found, str)
