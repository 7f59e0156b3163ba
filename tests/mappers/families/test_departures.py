"""Departures: that somebody left, and that it is over."""

from typing import Any

import pytest

from mappers.events.faults import Rule
from mappers.wanted import SourceKey
from tests.mappers.builders import bad_event, event, mapped, record_event

PERSON = {"id": "E1024"}


def departure(data: Any, kind: str = "hr.person.left") -> dict[str, Any]:
    """An event about a departure."""
    return event(data, type=kind, subject="E1024")


def test_having_left_is_a_record_that_wants_no_item() -> None:
    """It has a version and data of its own."""
    found = record_event({"person": PERSON, "date": "2026-02-28"}, type="hr.person.left", subject="E1024")

    assert found.record == SourceKey("/hr", "hr.person.left", "E1024")
    assert (found.removed, found.data) == (False, {"person": PERSON, "date": "2026-02-28"})
    assert mapped({"person": PERSON}, type="hr.person.left") == ()


def test_coming_back_ends_the_same_record() -> None:
    """So the two are ordered by their versions."""
    found = record_event({"person": PERSON}, type="hr.person.returned", subject="E1024")

    assert found.record == SourceKey("/hr", "hr.person.left", "E1024")
    assert (found.removed, found.data, found.type) == (True, None, "hr.person.returned")


@pytest.mark.parametrize(
    ("content", "rule", "field", "told"),
    [
        pytest.param(departure({}), Rule.MISSING_FIELD, "data.person", "is missing", id="nobody-left"),
        pytest.param(
            departure({}, "hr.person.returned"), Rule.MISSING_FIELD, "data.person", "is missing", id="nobody-returned"
        ),
        pytest.param(
            departure({"person": PERSON, "date": "28.2.2026"}), Rule.WRONG_FORM, "data.date", "is not a date", id="form"
        ),
        pytest.param(
            departure({"person": PERSON, "date": "2026-02-30"}), Rule.WRONG_FORM, "data.date", "not exist", id="no-day"
        ),
        pytest.param(departure({}, "hr.person.left.changed"), Rule.UNKNOWN_TYPE, "type", "unknown", id="changed"),
        pytest.param(departure({}, "hr.person.left.removed"), Rule.UNKNOWN_TYPE, "type", "unknown", id="removed"),
    ],
)
def test_what_says_it_wrongly_is_a_dead_letter(content: Any, rule: Rule, field: str, told: str) -> None:
    """A date that does not exist too: there is no item that could be refused for it."""
    found = bad_event(content)

    assert (found.rule, found.field) == (rule, field)
    assert told in found.message
