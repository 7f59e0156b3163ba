"""Malformed events: what stands in a topic or a log, through the parser and the mapper, as the intake does it."""

import json
from random import Random
from typing import Any

from mappers.events.faults import BadEvent
from mappers.events.messages import LogId, Message, Place
from mappers.events.permissions import PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.events.source_formats import Skipped
from mappers.forms import Form, Format, Version
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from mappers.parsing import parse
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write
from tests import events
from tests.fuzz.mutations import mutated, spoiled, written
from tests.mappers.events.test_source_formats import ROWS, row
from tests.mappers.test_mapping_file import WHOLE

NOW = 1_772_360_000.0
FILES = (EMPTY, parse_mapping(WHOLE + ROWS))
FORMS = (Form(), Form(Version.V3_0, Format.XML), Form(Version.V2_1, Format.JSON), Form(Version.V2_1, Format.XML))
TOPIC = LogId("cluster", "topic-id", "db.hr.jobs", 0)
LONGEST_LINE = 1_000
"""Characters of the line that says what is wrong with an event."""


def _other(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return events.event(kind, "E1", data, source="/hr")


RIGHT: tuple[dict[str, Any], ...] = (
    events.affiliation("E1", "A-1"),
    events.affiliation("E1", "A-2", organization=None, unit="PHYS", kind="education"),
    events.person("E1", "E1"),
    events.publication("E1", "W-1", "10.5555/1"),
    events.publication("E1", "W-2", "10.5555/2", type="http://purl.org/coar/resource_type/c_46ec"),
    events.funding("E1", "F-1", "77"),
    events.peer_review("E1", "R-1", "r1"),
    events.research_resource("E1", "S-1", "p1"),
    events.removal(events.publication("E1", "W-1", "10.5555/1"), sequence=2),
    _other("hr.person.left", {"person": {"id": "E1"}, "date": "2025-09-30"}),
    _other("hr.person.returned", {"person": {"id": "E1"}}),
    _other("hr.person.merged", {"from": "E2", "into": "E1"}),
    _other(
        "permission.granted",
        {
            "person_id": "E1",
            "access_token": "b1c2d3e4-0000-4000-8000-000000000001",
            "token_type": "bearer",
            "refresh_token": "b1c2d3e4-0000-4000-8000-000000000002",
            "expires_in": 631138518,
            "scope": "/activities/update /person/update",
            "name": "Sofia Garcia",
            "orcid": "0000-0002-1825-0097",
        },
    ),
    _other("permission.revoked", {"person": {"id": "E1"}}),
    row(),
)
"""One of each kind: the last is an institution's own message."""
ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "sequence", "datacontenttype")


def message(rng: Random) -> Message:
    """A malformed message (some happen to be right)."""
    event = mutated(rng.choice(RIGHT), rng, rng.choice((0, 1, 1, 2, 3, 6)))
    live = rng.random() < 0.5
    place = Place(rng.choice(("rows.jsonl", "hr.jsonl")), 3) if rng.random() < 0.7 else Place("db.hr.jobs", 7, TOPIC)
    headers: tuple[tuple[str, bytes], ...] = ()
    if isinstance(event, dict) and rng.random() < 0.25:  # binary mode
        given = ((name, event.get(name)) for name in ATTRIBUTES)
        headers = tuple((f"ce_{name}", written(one, rng)[1:-1]) for name, one in given if isinstance(one, str))
        event = event.get("data")
    value = None if rng.random() < 0.02 else written(event, rng)
    if value is not None and rng.random() < 0.3:
        value = spoiled(value, rng)
    if headers and rng.random() < 0.3:
        headers = tuple((name, spoiled(one, rng)) for name, one in headers)
    return Message(place, value, headers, live=live)


def trial(rng: Random) -> str:
    """Takes one malformed event; returns what it was found to be. Raises what nobody may raise."""
    mapping = rng.choice(FILES)
    found = parse(message(rng), NOW, mapping.source_formats)
    match found:
        case BadEvent():
            assert found.message.isprintable(), found
            assert len(found.message) <= LONGEST_LINE, found
            return f"dead letter: {found.rule}"
        case PermissionGranted() | PermissionRevoked() | Skipped():
            return type(found).__name__
        case RecordEvent():
            return _mapped(found, mapping, rng)


def _mapped(found: RecordEvent, mapping: MappingFile, rng: Random) -> str:
    if found.data is None:
        return "removed"
    json.dumps(found.data, allow_nan=False).encode()
    kinds = {"refused": 0, "mapped": 0}
    for item in map_record(found.record, found.data, mapping):
        if item.document is None:
            assert item.refusal is not None
            assert str(item.refusal).isprintable(), item.refusal
            kinds["refused"] += 1
        else:
            form = rng.choice(FORMS)
            assert (form.version is Version.V2_1 and narrowed(item.document).document is None) or write(
                item.document, form
            )
            kinds["mapped"] += 1
    return "refused" if kinds["refused"] else "mapped" if kinds["mapped"] else "nothing"
