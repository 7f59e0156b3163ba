"""Messages made up for tests: CloudEvents in lines of a log, or in a topic."""

import json
from typing import Any

from mappers.events.messages import LogId, Message, Place

HR = LogId("cluster", "topic-id", "hr.events", 0)
OTHER = LogId("cluster", "topic-id", "hr.events", 1)


def a_publication(*persons: str, title: str = "Moa", **data: Any) -> dict[str, Any]:
    """The data of a publication by these of our people."""
    contributors = [{"person": {"id": person}, "name": f"Name of {person}"} for person in persons or ("E1",)]
    identifiers = [{"type": "doi", "value": "10.1/moa"}]
    known = {"title": title, "type": "journal-article", "contributors": contributors, "identifiers": identifiers}
    return {**known, **data}


def an_event(data: dict[str, Any] | None = None, **attributes: Any) -> bytes:
    """A structured event about publication 1; an attribute given as None is left out."""
    known: dict[str, Any] = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/repository",
        "type": "publication.changed",
        "subject": "1",
        "time": "2025-11-24T16:00:00Z",
        "data": a_publication() if data is None else data,
    }
    return json.dumps({key: value for key, value in {**known, **attributes}.items() if value is not None}).encode()


def a_removal(**attributes: Any) -> bytes:
    """The removal of publication 1."""
    return an_event({}, **{"type": "publication.removed", **attributes})


def of_file(value: bytes, line: int = 1) -> Message:
    """A line of a replayed log file."""
    return Message(Place("events.jsonl", line), value)


def of_topic(value: bytes | None, offset: int = 0, log: LogId = HR, *, live: bool = True, **headers: str) -> Message:
    """A message of a topic; headers as `ce_type`."""
    pairs = tuple((name, text.encode()) for name, text in headers.items())
    return Message(Place(str(log), offset, log), value, pairs, live=live)


def a_tombstone(offset: int = 0, log: LogId = HR, *, live: bool = True) -> Message:
    """An empty value that removes publication 1."""
    headers = {"ce_type": "publication.changed", "ce_source": "/repository", "ce_subject": "1"}
    return of_topic(None, offset, log, live=live, **headers)
