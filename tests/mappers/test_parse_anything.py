"""Anything at all: whatever stands in a topic, `parse` has an answer and never raises."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mappers.events.faults import BadEvent
from mappers.events.messages import Message
from mappers.events.permissions import PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.forms import Form
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY
from mappers.parsing import parse
from mappers.wire.writing import write
from tests.mappers.builders import NOW, PLACE, affiliation_data, event, line, publication_data

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=9,
)
NAMES = st.sampled_from(["type", "source", "subject", "id", "time", "sequence", "specversion", "datacontenttype"])
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_type", "CE_SOURCE", "ce_subject", "ce_id", "ce_time", "ce_sequence", "content-type"])
        | st.text(max_size=6),
        st.binary(max_size=20) | st.sampled_from([b"1.0", b"publication.changed", b"application/cloudevents+json"]),
    ),
    max_size=7,
)


@given(value=st.none() | st.binary(max_size=200), headers=HEADERS)
@example(value=b"\xef\xbb\xbf", headers=[])
def test_no_bytes_make_parse_raise(value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    """Whatever stands in a topic, there is an answer."""
    found = parse(Message(PLACE, value, tuple(headers)), NOW)

    assert not isinstance(found, BadEvent) or found.message.isprintable()


@given(changes=st.dictionaries(NAMES, ANY_JSON, max_size=3), data=ANY_JSON, live=st.booleans())
def test_no_json_makes_parse_raise(changes: dict[str, Any], data: Any, *, live: bool) -> None:
    """Whatever an event's attributes and data are, there is an answer."""
    message = Message(PLACE, json.dumps(event(data, **changes)).encode(), live=live)

    assert isinstance(parse(message, NOW), RecordEvent | PermissionGranted | PermissionRevoked | BadEvent)


KINDS = st.sampled_from(["hr.affiliation.changed", "publication.changed", "permission.granted", "permission.revoked"])
FIELDS = sorted({*affiliation_data(), *publication_data(), "translated_title", "citation", "publication_date"})


@given(kind=KINDS, changes=st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=3))
def test_no_data_makes_parse_raise(kind: str, changes: dict[str, Any]) -> None:
    """Whatever stands in a known field, there is an answer."""
    data = affiliation_data() | publication_data() | changes

    found = parse(line(event(data, type=kind)), NOW)

    assert not isinstance(found, RecordEvent) or json.dumps(found.data, allow_nan=False)


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["doi", "10.1/a", "2024-02-31", "2019", "en", "https://x.org", "self", "0"]
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        ["type", "value", "url", "relationship", "language", "name", "city", "country", "ror", "identifier"]
    ),
    TEXTS,
    max_size=5,
)
PUBLICATIONS = st.fixed_dictionaries(
    {
        "title": TEXTS,
        "type": TEXTS | st.just("book"),
        "contributors": st.just([{"person": {"id": "E1"}, "name": "Kea"}]),
    },
    optional={
        "identifiers": st.lists(st.fixed_dictionaries({"type": TEXTS, "value": TEXTS}, optional={"url": TEXTS})),
        "translated_title": OBJECTS,
        "citation": OBJECTS,
        "publication_date": st.sampled_from(["2024-02-31", "0000", "2024"]),
        "language": TEXTS,
        "country": TEXTS,
        "abstract": TEXTS,
    },
)
AFFILIATIONS = st.fixed_dictionaries(
    {"person": st.just({"id": "E1"}), "kind": st.just("employment")},
    optional={"organization": OBJECTS, "unit": TEXTS, "url": TEXTS, "start_date": st.sampled_from(["2024-13", "2024"])},
)


@given(data=AFFILIATIONS.map(event) | PUBLICATIONS.map(lambda data: event(data, type="publication.changed")))
def test_what_has_the_right_shape_is_mapped_or_refused(data: dict[str, Any]) -> None:
    """No text breaks the mapping: there is a document that can be written, or a reason why not."""
    found = parse(line(data), NOW)

    assert isinstance(found, RecordEvent)
    assert found.data is not None
    for item in map_record(found.record, found.data, EMPTY):
        assert (item.document is None) != (item.refusal is None)
        assert item.document is None or write(item.document, Form())
        assert item.refusal is None or str(item.refusal).isprintable()
