"""Merges: that two ids are one person."""

from typing import Any

import pytest

from mappers.events.faults import Rule
from mappers.wanted import SourceKey
from tests.mappers.builders import bad_event, event, mapped, record_event

KIND = "hr.person.merged"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"from": "E1024", "into": "E2048"}, id="ids"),
        pytest.param({"from": {"id": "E1024"}, "into": {"id": "E2048", "name": "Sofia"}}, id="as-people-elsewhere"),
    ],
)
def test_a_merge_is_a_record_that_wants_no_item(data: dict[str, Any]) -> None:
    """It has a version and data of its own."""
    found = record_event(data, type=KIND, subject="E1024")

    assert found.record == SourceKey("/hr", KIND, "E1024")
    assert (found.removed, found.data) == (False, {"from": "E1024", "into": "E2048"})
    assert mapped(data, type=KIND) == ()


@pytest.mark.parametrize(
    ("content", "rule", "field", "told"),
    [
        pytest.param(event({"into": "E1"}, type=KIND), Rule.MISSING_FIELD, "data.from", "is missing", id="no-from"),
        pytest.param(event({"from": "E1"}, type=KIND), Rule.MISSING_FIELD, "data.into", "is missing", id="no-into"),
        pytest.param(
            event({"from": 7, "into": "E1"}, type=KIND), Rule.WRONG_TYPE, "data.from", "not a string", id="a-number"
        ),
        pytest.param(
            event({"from": {}, "into": "E1"}, type=KIND),
            Rule.MISSING_FIELD,
            "data.from",
            "is missing",
            id="an-empty-object",
        ),
        pytest.param(
            event({"from": "E1", "into": "E2"}, type=f"{KIND}.changed"), Rule.UNKNOWN_TYPE, "type", "unknown", id="type"
        ),
    ],
)
def test_what_says_it_wrongly_is_a_dead_letter(content: Any, rule: Rule, field: str, told: str) -> None:
    """The field is named as the event spells it."""
    found = bad_event(content)

    assert (found.rule, found.field) == (rule, field)
    assert told in found.message
