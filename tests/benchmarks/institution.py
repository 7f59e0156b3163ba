"""A made-up institution of any size: its people's iDs, and the events about them."""

import json
from collections.abc import Iterator
from typing import Any

ORGANIZATION = {
    "name": "Example University",
    "city": "Boston",
    "region": "MA",
    "country": "US",
    "ror": "https://ror.org/05gvnxz63",
}


def person_id(number: int) -> str:
    """The institution's own id of its n-th person."""
    return f"E{number:05d}"


def work_event(person: int, work: int, *, sequence: int = 1, title: str = "") -> dict[str, Any]:
    """The n-th publication of a person."""
    subject = f"eprint-{person}-{work}"
    return {
        "specversion": "1.0",
        "id": f"{subject}-{sequence}",
        "source": "/repository",
        "type": "publication.changed",
        "subject": subject,
        "time": "2026-03-01T09:00:00Z",
        "sequence": str(sequence),
        "data": {
            "title": title or f"On the {work}-th question of person {person}",
            "type": "journal-article",
            "container_title": "Journal of Examples",
            "publication_date": "2025-04-17",
            "contributors": [{"person": {"id": person_id(person)}, "name": f"Person {person}", "role": "author"}],
            "identifiers": [{"type": "doi", "value": f"10.5555/p{person}.w{work}"}],
        },
    }


def affiliation_event(person: int, *, sequence: int = 1, title: str = "Lecturer") -> dict[str, Any]:
    """A person's employment."""
    return {
        "specversion": "1.0",
        "id": f"appt-{person}-{sequence}",
        "source": "/hr",
        "type": "hr.affiliation.changed",
        "subject": f"APPT-{person}",
        "time": "2026-03-01T09:00:00Z",
        "sequence": str(sequence),
        "data": {
            "person": {"id": person_id(person)},
            "kind": "employment",
            "role_title": title,
            "department": "Physics",
            "start_date": "2019-09-01",
            "organization": ORGANIZATION,
        },
    }


def lines(events: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A log."""
    return (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
