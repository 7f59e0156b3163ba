"""Events of one university: for each event type a full one, to be changed and sent by tests."""

from copy import deepcopy
from typing import Any

Event = dict[str, Any]

UNIVERSITY = {
    "name": "Example University",
    "city": "Boston",
    "region": "MA",
    "country": "US",
    "ror": "https://ror.org/05gvnxz63",
}
FUNDER = {
    "name": "Example Science Foundation",
    "city": "Dublin",
    "country": "IE",
    "identifier": "http://dx.doi.org/10.13039/501100001602",
    "identifier_source": "FUNDREF",
}


def event(kind: str, subject: str, data: dict[str, Any], *, sequence: int = 1, source: str | None = None) -> Event:
    """An event of this type about a source record."""
    said = source or _SOURCES[kind.rpartition(".")[0]]
    return {
        "specversion": "1.0",
        "id": f"{said}-{subject}-{sequence}",
        "source": said,
        "type": kind,
        "subject": subject,
        "time": "2026-03-01T09:00:00Z",
        "sequence": str(sequence),
        "data": data,
    }


_SOURCES = {
    "hr.affiliation": "/hr",
    "hr.person": "/hr",
    "publication": "/repository",
    "funding": "/grants",
    "peer-review": "/journals",
    "research-resource": "/facilities",
}


def removal(of: Event, *, sequence: int) -> Event:
    """The end of an event's source record."""
    kind = of["type"].replace(".changed", ".removed")
    return of | {"type": kind, "sequence": str(sequence), "id": f"{of['id']}-{sequence}", "data": {}}


def changed(of: Event, *, sequence: int, **data: Any) -> Event:
    """The event's source record with other data."""
    return of | {"sequence": str(sequence), "id": f"{of['id']}-{sequence}", "data": deepcopy(of["data"]) | data}


def affiliation(person: str, subject: str, **data: Any) -> Event:
    """An employment with all that it may say; `data` says otherwise."""
    full = {
        "person": {"id": person},
        "kind": "employment",
        "role_title": "Lecturer",
        "department": "Physics",
        "start_date": "2019-09-01",
        "end_date": "2024-08-31",
        "url": "https://www.example.edu/physics",
        "organization": UNIVERSITY,
    }
    return event("hr.affiliation.changed", subject, full | data)


def person(person_: str, subject: str, **data: Any) -> Event:
    """The facts about a person; `data` says otherwise."""
    full = {
        "person": {"id": person_},
        "other_names": ["S. Garcia"],
        "keywords": ["turbulence", "shelf seas"],
        "websites": [{"name": "Group page", "url": "https://www.example.edu/mixing"}],
        "country": "US",
        "identifiers": [{"type": "Loop profile", "value": "182736", "url": "https://loop.example.org/182736"}],
    }
    return event("hr.person.changed", subject, full | data)


def publication(person_: str, subject: str, doi: str, **data: Any) -> Event:
    """A journal article with all that it may say; `data` says otherwise."""
    full = {
        "title": "Tidal mixing at the edge of a shelf sea",
        "subtitle": "Ten years of moorings",
        "translated_title": {"value": "Gezeitenmischung am Schelfrand", "language": "de"},
        "type": "journal-article",
        "contributors": [
            {"person": {"id": person_}, "name": "Garcia, Sofia", "role": "author", "sequence": "first"},
            {"name": "Byrne, T.", "orcid": "0000-0001-5109-3700", "role": "author", "sequence": "additional"},
        ],
        "identifiers": [
            {"type": "doi", "value": doi, "url": f"https://doi.org/{doi}"},
            {"type": "issn", "value": "2049-3630"},
        ],
        "container_title": "Journal of Marine Examples",
        "publication_date": "2025-04-17",
        "abstract": "Microstructure profiles from ten winters.",
        "url": "https://repository.example.edu/1",
        "language": "en",
        "country": "IE",
        "citation": {"type": "bibtex", "value": "@article{garcia2025, title={Tidal mixing}}"},
    }
    return event("publication.changed", subject, full | data)


def funding(person_: str, subject: str, number: str, **data: Any) -> Event:
    """A grant with all that it may say; `data` says otherwise."""
    full = {
        "title": "Turbulence where the shelf ends",
        "translated_title": {"value": "Turbulenz am Schelfrand", "language": "de"},
        "type": "grant",
        "organization_defined_type": "Programme grant",
        "holders": [{"person": {"id": person_}, "role": "lead"}],
        "funder": FUNDER,
        "identifiers": [{"type": "grant_number", "value": number, "url": "https://funder.example.org/1"}],
        "amount": {"value": "412000", "currency": "EUR"},
        "start_date": "2023-10",
        "end_date": "2027-09",
        "description": "Moorings and gliders along the edge of the shelf.",
        "url": "https://funder.example.org/programme",
    }
    return event("funding.changed", subject, full | data)


def peer_review(person_: str, subject: str, review: str, **data: Any) -> Event:
    """A review with all that it may say; `data` says otherwise."""
    full = {
        "person": {"id": person_},
        "role": "reviewer",
        "type": "review",
        "completion_date": "2025-11",
        "group": {"id": "orcid-generated:example-journal", "name": "Journal of Marine Examples", "type": "journal"},
        "organization": UNIVERSITY,
        "identifiers": [{"type": "other-id", "value": review}],
        "subject": {
            "name": "On mixing",
            "type": "journal-article",
            "url": "https://journal.example.org/1",
            "container": "Journal of Marine Examples",
            "identifier": {"type": "doi", "value": "10.5555/reviewed.1"},
        },
        "url": "https://journal.example.org/reviews/1",
    }
    return event("peer-review.changed", subject, full | data)


def research_resource(person_: str, subject: str, proposal: str, **data: Any) -> Event:
    """Ship time with all that it may say; `data` says otherwise."""
    full = {
        "holders": [{"person": {"id": person_}}],
        "proposal": {
            "title": "Two weeks of ship time",
            "hosts": [UNIVERSITY],
            "identifiers": [{"type": "proposal-id", "value": proposal}],
            "start_date": "2024-05-02",
            "end_date": "2024-05-16",
            "url": "https://ships.example.org/1",
        },
        "resources": [
            {
                "name": "RV Example",
                "type": "infrastructures",
                "hosts": [UNIVERSITY],
                "identifiers": [{"type": "other-id", "value": "RV-EX"}],
                "url": "https://ships.example.org/rv",
            }
        ],
    }
    return event("research-resource.changed", subject, full | data)


KINDS = ("employment", "education", "qualification", "invited-position", "distinction", "membership", "service")


def everything(person_: str) -> list[Event]:
    """An event for every section."""
    return [
        *(affiliation(person_, f"A-{kind}", kind=kind) for kind in KINDS),
        person(person_, "P-1"),
        publication(person_, "W-1", "10.5555/one"),
        publication(person_, "W-2", "10.5555/two", title="Another"),
        funding(person_, "F-1", "GRANT-1"),
        peer_review(person_, "R-1", "review-1"),
        peer_review(person_, "R-2", "review-2", group={"id": "issn:2049-3630"}),
        research_resource(person_, "X-1", "PROPOSAL-1"),
    ]
