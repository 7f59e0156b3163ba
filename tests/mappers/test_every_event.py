"""Every family of events: what is right becomes documents, what breaks a rule is refused by name, nothing leaks."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mappers.documents import dump, load
from mappers.events.faults import BadEvent
from mappers.events.record_event import RecordEvent
from mappers.families.registry import FAMILIES
from mappers.forms import Form, Format, Version
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY
from mappers.parsing import parse
from mappers.wanted import SourceKey
from mappers.wire.reading import read_json
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write
from tests.mappers.builders import NOW, RIGHT_DATA, event, line, mapped
from tests.mappers.valid_events import PERSON, SUBJECT, VALID_DATA
from tests.orcid_files import needs_orcids_files, schema_errors

TYPES = st.sampled_from(sorted(VALID_DATA))


@pytest.mark.parametrize("kind", RIGHT_DATA)
def test_right_data_are_right(kind: str) -> None:
    """What the other tests change one thing of breaks no rule itself."""
    items = mapped(RIGHT_DATA[kind](), type=kind)

    assert items
    assert not [item.refusal for item in items if item.refusal]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=150, deadline=None)
@given(kind=TYPES, data=st.data())
def test_what_keeps_the_rules_becomes_documents(kind: str, data: st.DataObject) -> None:
    """No refusal, keys of their own, documents that the store can keep; and nobody's id, nor the record's, in them."""
    items = mapped(data.draw(VALID_DATA[kind]), type=kind, subject=SUBJECT)

    assert not [str(item.refusal) for item in items if item.refusal]
    assert len({item.key for item in items}) == len(items)
    for item in items:
        assert item.document is not None
        assert item.document.section == item.key.section
        assert load(dump(item.document)) == item.document
        assert PERSON in item.key.person
        assert not [secret for secret in (PERSON, SUBJECT) if secret in dump(item.document) + repr(item.group)]


@needs_orcids_files
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(kind=TYPES, version=st.sampled_from(Version), data=st.data())
def test_what_keeps_the_rules_is_valid_by_orcids_schema(kind: str, version: Version, data: st.DataObject) -> None:
    """From event to XML, v2.1 as far as it can carry the document; by way of JSON it is the same XML."""
    json_form, xml_form = Form(version, Format.JSON), Form(version, Format.XML)
    for item in mapped(data.draw(VALID_DATA[kind]), type=kind):
        assert item.document is not None
        if version is Version.V3_0 or narrowed(item.document).document is not None:
            written = write(item.document, xml_form, own_id=OWN)
            assert schema_errors(version, written) == []
            parsed = read_json(item.key.section, json.loads(write(item.document, json_form)))
            assert write(parsed.document, xml_form, own_id=OWN) == written


OWN = "abcdefghijklmnopqrstuvwxyz"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["2024-02-31", "1e999", "self"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """Right data in which some value, at any depth, is replaced by anything, or left out."""
    match value:
        case dict() if value and (not depth or draw(st.booleans())):
            key = draw(st.sampled_from(sorted(value)))
            if draw(st.integers(0, 9)) == 0:
                return {name: one for name, one in value.items() if name != key}
            return value | {key: draw(spoilt(value[key], depth + 1))}
        case [first, *rest] if draw(st.booleans()):
            return [draw(spoilt(first, depth + 1)), *rest]
        case _:
            return draw(ANY_JSON)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(kind=TYPES, data=st.data())
def test_nothing_makes_the_mapping_raise(kind: str, data: st.DataObject) -> None:
    """Whatever stands in a known field, the event can't be taken, or each of its items is a document or a reason."""
    content = event(data.draw(spoilt(RIGHT_DATA[kind]())), type=kind)

    found = parse(line(content), NOW)

    assert isinstance(found, RecordEvent | BadEvent)
    if isinstance(found, RecordEvent):
        assert found.data is not None
        json.dumps(found.data, allow_nan=False)
        for item in map_record(found.record, found.data, EMPTY):
            assert (item.document is None) != (item.refusal is None)
            assert item.refusal is None or str(item.refusal).isprintable()


@pytest.mark.parametrize("entity", sorted(kind.removesuffix(".changed") for kind in RIGHT_DATA))
def test_data_that_no_parse_gave_is_an_error_of_ours(entity: str) -> None:
    """The store never holds such data; if it does, that has to be seen."""
    with pytest.raises(ValidationError):
        map_record(SourceKey("/hr", entity, "1"), {"kind": 1}, EMPTY)


def test_every_type_of_the_contract_is_tried() -> None:
    """A family without right data would go untested."""
    assert {kind.removesuffix(".changed") for kind in VALID_DATA} == set(RIGHT_DATA_ENTITIES)
    assert set(RIGHT_DATA_ENTITIES) <= set(FAMILIES)


RIGHT_DATA_ENTITIES = [kind.removesuffix(".changed") for kind in RIGHT_DATA]
