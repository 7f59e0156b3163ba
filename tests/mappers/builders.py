"""Builders: events and documents that are right, for tests to change one thing of."""

import json
from collections.abc import Callable
from typing import Any

from mappers.dates import FuzzyDate
from mappers.documents import Affiliation, ExternalId, Organization, Work
from mappers.events.faults import BadEvent
from mappers.events.messages import Message, Place
from mappers.events.record_event import RecordEvent
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY, MappingFile
from mappers.parsing import parse
from mappers.wanted import WantedItem

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


def person_data(**changes: Any) -> Json:
    """The data of a right person event: an item or two of each section."""
    data: Json = {
        "person": {"id": "E1024"},
        "other_names": ["S. Garcia", "Sofia María García"],
        "keywords": ["moas", "flightless birds"],
        "websites": [{"name": "Home", "url": "https://example.org/garcia"}],
        "country": "NZ",
        "identifiers": [{"type": "Scopus Author ID", "value": "7004212771", "url": "https://example.org/7004212771"}],
    }
    return data | changes


def funding_data(**changes: Any) -> Json:
    """The data of a right funding event: two of our people."""
    data: Json = {
        "title": "Moas of the south",
        "type": "grant",
        "holders": [{"person": {"id": "E1024"}, "role": "lead"}, {"person": {"id": "E2048"}, "role": "co-lead"}],
        "funder": organization_data(name="Example Fund", ror="https://ror.org/02mhbdp94"),
        "identifiers": [{"type": "grant_number", "value": "MOA-17"}],
        "amount": {"value": "250000", "currency": "NZD"},
        "start_date": "2024-01",
        "end_date": "2026-12-31",
    }
    return data | changes


def peer_review_data(**changes: Any) -> Json:
    """The data of a right peer review event."""
    data: Json = {
        "person": {"id": "E1024"},
        "role": "reviewer",
        "type": "review",
        "completion_date": "2026-02",
        "group": {"id": "issn:1741-4857"},
        "organization": organization_data(),
        "subject": {"name": "On kiwis", "type": "journal-article"},
    }
    return data | changes


def research_resource_data(**changes: Any) -> Json:
    """The data of a right research resource event."""
    data: Json = {
        "holders": [{"person": {"id": "E1024"}}],
        "proposal": proposal_data(),
        "resources": [resource_data()],
    }
    return data | changes


def proposal_data(**changes: Any) -> Json:
    """A right proposal, as in an event."""
    identifiers = [{"type": "proposal-id", "value": "P-17"}]
    return {"title": "Beam time", "hosts": [organization_data()], "identifiers": identifiers} | changes


def resource_data(**changes: Any) -> Json:
    """A right resource, as in an event."""
    identifiers = [{"type": "rrid", "value": "RRID:SCR_000001"}]
    data: Json = {"name": "Great Laser", "type": "infrastructures", "hosts": [organization_data()]}
    return data | {"identifiers": identifiers} | changes


RIGHT_DATA: dict[str, Callable[..., Json]] = {
    "hr.affiliation.changed": affiliation_data,
    "hr.person.changed": person_data,
    "publication.changed": publication_data,
    "funding.changed": funding_data,
    "peer-review.changed": peer_review_data,
    "research-resource.changed": research_resource_data,
}
"""What makes the data of a right event, by the event's type."""


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
