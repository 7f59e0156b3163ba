"""Facts made up for tests: each function fills in what the test does not care about."""

from typing import Any

from mappers.events.messages import LogId
from mappers.groups import GroupIdRecord
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import (
    DeadLetter,
    Departure,
    EventNote,
    Intent,
    Method,
    Outcome,
    Published,
    Scheme,
    SourceRecord,
    Wanted,
)
from state.permission_facts import Ask, Consent, Grant, KeptToken, Move, MoveState

JOSIAH = OrcidId("0000-0002-1825-0097")
LAURE = OrcidId("0000-0001-5109-3700")

THESIS = SourceKey("/repository", "thesis", "2043/1")
CONTRACT = SourceKey("/hr", "employment", "1024")
REVIEW = SourceKey("/reviews", "review", "77")
LEAVER = SourceKey("/hr", "person", "1024")

LOG = LogId("cluster", "topic-id", "hr", 0)
OTHER_LOG = LogId("cluster", "topic-id", "hr", 1)


def a_key(person: str = "p1", section: Section = Section.WORK, record: SourceKey = THESIS, part: str = "") -> ItemKey:
    """An item key."""
    return ItemKey(person, section, record, part)


def a_record(version: str = "1", digest: str = "d1", **rest: Any) -> SourceRecord:
    """A source record; its data follow from its digest."""
    known: dict[str, Any] = {
        "key": THESIS,
        "scheme": Scheme.SEQUENCE,
        "removed": False,
        "data": f"data of {digest}",
        "revision": "r1",
    }
    return SourceRecord(version=version, digest=digest, **{**known, **rest})


def an_event(event_id: str = "e1", result: str = "applied", at: float = 1.0, **rest: Any) -> EventNote:
    """An event's note."""
    known: dict[str, Any] = {"key": THESIS, "type": "thesis.changed", "place": "hr/0@1"}
    return EventNote(event_id=event_id, result=result, at=at, **{**known, **rest})


def a_letter(identity: str = "abcd", at: float = 1.0, **rest: Any) -> DeadLetter:
    """A dead letter."""
    known: dict[str, Any] = {
        "place": "hr/0@1",
        "source": "/hr",
        "entity": "employment",
        "subject": "1024",
        "rule": "schema",
        "field": "data.start",
        "message": "is no date",
        "envelope": b'{"id": "e1"}',
    }
    return DeadLetter(id=identity, at=at, **{**known, **rest})


def a_grant(person: str = "p1", orcid: OrcidId = JOSIAH, granted_at: float = 1.0, **rest: Any) -> Grant:
    """A grant with all it may carry."""
    known: dict[str, Any] = {
        "name": "Josiah Carberry",
        "scopes": frozenset({"/activities/update", "/read-limited"}),
        "access_token": Secret("access-1"),
        "refresh_token": Secret("refresh-1"),
        "expires_at": 9.0,
    }
    return Grant(person=person, orcid=orcid, granted_at=granted_at, **{**known, **rest})


def a_token(
    mark: str = "m1", person: str = "p1", orcid: OrcidId = JOSIAH, granted_at: float = 1.0, **rest: Any
) -> KeptToken:
    """A token that may live at ORCID."""
    known: dict[str, Any] = {"token": Secret(f"access-{mark}")}
    return KeptToken(mark, person, orcid, granted_at, **{**known, **rest})


def a_move(person: str = "p1", orcid: OrcidId = JOSIAH, state: MoveState = MoveState.HELD, reason: str = "") -> Move:
    """A move away from a record."""
    return Move(person, orcid, state, reason)


def a_consent(identity: str = "c1", person: str = "p1", until: float = 9.0, **rest: Any) -> Consent:
    """A walk through the consent pages that has just begun."""
    known: dict[str, Any] = {"browser": "b1", "redirect_uri": "https://sync.example.edu/callback"}
    return Consent(identity, person, until=until, **{**known, **rest})


def an_ask(put_code: int = 7, person: str = "p1", asked_at: float = 1.0, **rest: Any) -> Ask:
    """A permission request in somebody's inbox."""
    known: dict[str, Any] = {"orcid": JOSIAH}
    return Ask(person=person, put_code=put_code, asked_at=asked_at, **{**known, **rest})


def a_wanted(key: ItemKey | None = None, digest: str | None = "d1", **rest: Any) -> Wanted:
    """A wanted item."""
    known: dict[str, Any] = {"self_ids": frozenset({"doi:10.1/x", "source-work-id:abc"})}
    return Wanted(key=key or a_key(), digest=digest, **{**known, **rest})


def a_review(person: str = "p1", group: str = "orcid-generated:reviews", **rest: Any) -> Wanted:
    """A wanted peer review of a group."""
    return a_wanted(a_key(person, Section.PEER_REVIEW, REVIEW), group=group, **rest)


def a_group(identity: str = "orcid-generated:reviews", **rest: Any) -> GroupIdRecord:
    """What an event says of a group: enough to create it."""
    known: dict[str, Any] = {"name": "Reviews at home", "type": "institution", "description": "All of ours"}
    return GroupIdRecord(identity, **{**known, **rest})


def a_departure(person: str = "p1", date: str | None = "2025-09-30", record: SourceKey = LEAVER) -> Departure:
    """That somebody left."""
    return Departure(record, person, date)


def a_published(put_code: int = 7, item: ItemKey | None = None, orcid: OrcidId = JOSIAH, **rest: Any) -> Published:
    """A published item of the item's person and section."""
    item = item or a_key()
    known: dict[str, Any] = {"digest": "d1", "own_id": "abc", "self_ids": frozenset({"source-work-id:abc"})}
    return Published(item.person, orcid, item.section, put_code, item, **{**known, **rest})


def an_intent(item: ItemKey | None = None, method: Method = Method.POST, **rest: Any) -> Intent:
    """An intent as planning makes it, before the store numbers it."""
    item = item or a_key()
    known: dict[str, Any] = {
        "id": 0,
        "call": 0,
        "person": item.person,
        "orcid": JOSIAH,
        "put_code": None,
        "digest": "d1",
        "own_id": "abc",
        "self_ids": frozenset({"source-work-id:abc"}),
        "document": "{}",
        "opened_at": 1.0,
        "ripe_at": 31.0,
        "epoch": 1,
    }
    return Intent(item=item, method=method, **{**known, **rest})


def an_outcome(verdict: str = "accepted", at: float = 2.0, **rest: Any) -> Outcome:
    """An outcome."""
    return Outcome(verdict=verdict, at=at, **rest)
