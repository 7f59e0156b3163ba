"""Builders: events and documents that are right, for tests to change one thing of."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import Affiliation, ExternalId, Organization, Work
from mappers.events import parse
from mappers.faults import BadEvent
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY, MappingFile
from mappers.messages import Message, Place
from mappers.record_event import RecordEvent
from mappers.wanted import Refusal, WantedItem

NOW = 1_780_000_000.0
"""28 May 2026: when these tests take place."""
PLACE = Place("hr.jsonl", 7)
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)

Json = dict[str, Any]


def affiliation_data(**changes: Any) -> Json:
    """The data of a right affiliation event."""
    data: Json = {
        "person": {"id": "E1024"},
        "kind": "employment",
        "role_title": "Lecturer",
        "department": "Physics",
        "start_date": "2019-09-01",
        "organization": organization_data(),
    }
    return data | changes


def organization_data(**changes: Any) -> Json:
    """A right organization, as in an event."""
    data = {"name": "Example University", "city": "Boston", "region": "MA", "country": "US"}
    return data | {"ror": "https://ror.org/05gvnxz63"} | changes


def publication_data(**changes: Any) -> Json:
    """The data of a right publication event: two of our people and a guest."""
    data: Json = {
        "title": "On moas",
        "type": "journal-article",
        "contributors": [
            {"person": {"id": "E1024"}, "name": "Garcia, Sofia", "sequence": "first", "role": "author"},
            {"person": {"id": "E2048"}, "name": "Kea, Tui", "sequence": "additional"},
            {"name": "Guest, Ann", "orcid": "https://orcid.org/0000-0002-1825-0097"},
        ],
        "identifiers": [{"type": "doi", "value": "10.1234/abc"}],
    }
    return data | changes


def event(data: Any = None, **changes: Any) -> Json:
    """A right structured event about an affiliation. A change to `...` leaves the attribute out."""
    attributes: Json = {
        "specversion": "1.0",
        "id": "8f1c",
        "source": "/hr",
        "type": "hr.affiliation.changed",
        "subject": "APPT-1",
        "time": "2026-03-01T09:00:00Z",
        "sequence": "17",
        "datacontenttype": "application/json",
        "data": affiliation_data() if data is None else data,
    }
    return {name: value for name, value in (attributes | changes).items() if value is not ...}


def line(content: Any) -> Message:
    """A line of a log file."""
    return Message(PLACE, content if isinstance(content, bytes) else json.dumps(content).encode())


def record_event(data: Any = None, **changes: Any) -> RecordEvent:
    """The event read; the test fails when it can't be."""
    found = parse(line(event(data, **changes)), NOW)
    assert isinstance(found, RecordEvent), found
    return found


def mapped(data: Json, mapping: MappingFile = EMPTY, **changes: Any) -> tuple[WantedItem, ...]:
    """The items of an event with this data, kept as the store would."""
    found = record_event({name: value for name, value in data.items() if value is not ...}, **changes)
    assert found.data is not None
    return map_record(found.record, found.data, mapping)


def refusal(data: Json, mapping: MappingFile = EMPTY) -> Refusal:
    """Why the event's items are refused."""
    kind = "publication.changed" if "contributors" in data else "hr.affiliation.changed"
    item = mapped(data, mapping, type=kind)[0]
    assert item.document is None
    assert item.refusal is not None
    return item.refusal


def bad_event(content: Any) -> BadEvent:
    """What is wrong with a line or message; the test fails when nothing is."""
    found = parse(content if isinstance(content, Message) else line(content), NOW)
    assert isinstance(found, BadEvent), found
    return found


def employment(**changes: Any) -> Affiliation:
    """A right employment."""
    organization = Organization(
        name="Example University",
        city="Boston",
        region="MA",
        country="US",
        identifier="https://ror.org/05gvnxz63",
        identifier_source="ROR",
    )
    return Affiliation(organization=organization, role_title="Lecturer", start_date=FuzzyDate(2019, 9)).model_copy(
        update=changes
    )


def work(**changes: Any) -> Work:
    """A right work."""
    ids = (ExternalId(type="doi", value="10.1234/abc"),)
    return Work(title="On moas", type="journal-article", external_ids=ids).model_copy(update=changes)


def orcid_sample(path: str) -> Json:
    """One of ORCID's own sample messages; the test is skipped, saying so, where they aren't at hand."""
    shared = Path(__file__).parents[3] / "shared" / "orcid"
    file = Path(os.environ.get("ORCID_MODEL_DIR", shared)) / "samples" / path
    if not file.exists():
        pytest.skip(f"not checked against ORCID's sample {path}: set ORCID_MODEL_DIR")
    found: Json = json.loads(file.read_text())
    return found
