"""Whom an event speaks of, and the same event without some of them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappers.documents import dump
from mappers.events.messages import Message
from mappers.events.named_people import people_named, says, without_named
from mappers.events.people_in_data import FORGOTTEN, people_in, without_people
from tests.mappers.builders import PLACE, event, mapped, publication_data, record_event
from tests.mappers.valid_events import VALID_DATA

SOFIA, TUI = "E1024", "E2048"


def a_message(content: Any, *headers: tuple[str, bytes]) -> Message:
    """A message of this JSON."""
    return Message(PLACE, content if isinstance(content, bytes) else json.dumps(content).encode(), headers)


def test_a_paper_without_one_of_its_people_prints_the_same() -> None:
    """The names of its authors are part of the others' documents; nobody of ours is named by an id any more."""
    whole = record_event(publication_data(), type="publication.changed")
    assert whole.data is not None
    left = without_people("publication", whole.data, lambda person: person == SOFIA)
    assert left is not None

    assert people_in("publication", left) == {TUI}
    assert SOFIA not in json.dumps(left)
    before = {item.key.person: item.document for item in mapped(publication_data(), type="publication.changed")}
    after = {item.key.person: item.document for item in mapped(dict(left), type="publication.changed")}
    assert after == {TUI: before[TUI]}
    assert without_people("publication", left, lambda person: person == SOFIA) is left


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(VALID_DATA)), data=st.data())
def test_without_some_the_others_keep_their_items(kind: str, data: st.DataObject) -> None:
    """Whatever the event: the same keys and documents; without all of them there is nothing left."""
    said = record_event(data.draw(VALID_DATA[kind]), type=kind).data
    assert said is not None
    entity = kind.removesuffix(".changed")
    people = people_in(entity, said)
    gone = data.draw(st.sets(st.sampled_from(sorted(people)))) if people else set()
    left = without_people(entity, said, gone.__contains__)

    assert without_people(entity, said, lambda _: False) is said
    assert (left is None) == (bool(people) and gone == people)
    if left is not None:
        assert people_in(entity, left) == people - gone
        assert _items(dict(left), kind) == {
            key: text for key, text in _items(dict(said), kind).items() if key.person not in gone
        }


def _items(data: dict[str, Any], kind: str) -> dict[Any, str]:
    return {
        item.key: dump(item.document) if item.document is not None else str(item.refusal)
        for item in mapped(data, type=kind)
    }


def test_nobody_is_called_forgotten() -> None:
    """What stands for somebody gets no item."""
    data = publication_data(contributors=[{"person": {"id": FORGOTTEN}, "name": "Kea, Tui"}])

    assert mapped(data, type="publication.changed") == ()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param({"type": "x", "data": {"person": {"id": SOFIA}}}, {SOFIA}, id="a-person"),
        pytest.param({"data": {"person": SOFIA}}, {SOFIA}, id="a-person-by-id-alone"),
        pytest.param({"data": {"holders": [{"person": {"id": SOFIA}}, {"person": {"id": TUI}}]}}, {SOFIA, TUI}, id="n"),
        pytest.param({"type": "permission.granted", "data": {"person_id": SOFIA}}, {SOFIA}, id="a-permission"),
        pytest.param({"type": "hr.person.merged", "data": {"from": SOFIA, "into": {"id": TUI}}}, {SOFIA, TUI}, id="m"),
        pytest.param({"type": "hr.person.changed", "subject": SOFIA}, {SOFIA}, id="an-event-called-so"),
        pytest.param({"type": "hr.affiliation.changed", "subject": SOFIA}, set(), id="another-thing-called-so"),
        pytest.param({"type": 7, "data": [{"person": {"id": 7}}, {"person": None}]}, set(), id="wrong-types"),
        pytest.param(b'{"person": "E1024", "person": "E2048"}', {SOFIA, TUI}, id="keys-given-twice"),
        pytest.param(b'{"person": "E1024"', set(), id="no-json"),
        pytest.param(b"[" * 100_000, set(), id="too-deep"),
        pytest.param(b"", set(), id="nothing"),
    ],
)
def test_people_are_found_by_keys(content: Any, named: set[str]) -> None:
    """As far as the bytes are JSON."""
    assert people_named(a_message(content)) == named


def test_a_message_of_headers_names_people_too() -> None:
    """In Kafka's binary mode."""
    message = Message(PLACE, None, (("ce_type", b"hr.person.removed"), ("ce_subject", SOFIA.encode())))

    assert people_named(message) == {SOFIA}


def test_a_message_can_be_written_without_somebody() -> None:
    """All else of it stays."""
    content = {"id": "e1", "data": {"contributors": [{"person": {"id": SOFIA}, "name": "S"}, {"person": {"id": TUI}}]}}
    left = without_named(a_message(content), frozenset({SOFIA}))

    assert json.loads(left.value or b"") == {
        "id": "e1",
        "data": {"contributors": [{"name": "S"}, {"person": {"id": TUI}}]},
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param({"data": {"employee": SOFIA}}, True, id="under-any-key"),
        pytest.param({"data": {"employees": [SOFIA]}}, True, id="in-a-list"),
        pytest.param({"type": "hr.affiliation.changed", "subject": SOFIA}, False, id="another-thing-called-so"),
        pytest.param({"data": {"title": f"On {SOFIA}"}}, False, id="within-a-text"),
        pytest.param(b'{"data": {"person": "E1024"', True, id="no-json"),
    ],
)
def test_what_says_an_id_anywhere_is_found(content: Any, said: bool) -> None:  # noqa: FBT001 - a case of the table
    """So that the bytes of dead letters can be searched."""
    assert says(a_message(content), SOFIA) is said


def test_events_may_be_of_any_shape() -> None:
    """What is right as an event names the same people both ways."""
    content = event(publication_data(), type="publication.changed")

    assert people_named(a_message(content)) == {SOFIA, TUI}
