"""Events: the one way in, from a message's bytes to an event, or to the line that says why it can't be taken."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from json import JSONEncoder
from typing import Any

from mappers.events.data import read_data
from mappers.events.envelopes import Envelope, check_size, open_envelope
from mappers.events.faults import LEFT, RETURNED, BadEvent, Fault, Rule, entity_of
from mappers.events.messages import Message
from mappers.events.people_in_data import MERGED
from mappers.events.permissions import (
    GRANTED,
    REVOKED,
    PermissionGranted,
    PermissionRevoked,
    read_grant,
    read_revocation,
)
from mappers.events.record_event import RecordEvent
from mappers.events.source_formats import NO_FORMATS, Formats, Skipped
from mappers.events.traceparents import traceparent_of
from mappers.families.registry import FAMILIES, Family
from mappers.times import epoch
from mappers.wanted import SourceKey

Event = RecordEvent | PermissionGranted | PermissionRevoked

_PLAIN: Mapping[str, frozenset[str]] = {LEFT: frozenset({LEFT, RETURNED}), MERGED: frozenset({MERGED})}
"""The types of entities whose events are not called `.changed` and `.removed`."""


def parse(message: Message, now: float, formats: Formats = NO_FORMATS) -> Event | Skipped | BadEvent:
    """Reads one event (CONTRACT.md section 4), in CloudEvents or in an institution's own format.

    Never raises, whatever the bytes: what can't be taken is a BadEvent.
    """
    try:
        found = formats.recognise(message)
    except Fault as fault:
        return fault.about(message.place, {})
    if isinstance(found, Skipped):
        return found
    given: dict[str, Any] = {}
    attributes: Mapping[str, Any] = given
    try:
        envelope = open_envelope(message) if found is None else found.open(given)
        attributes = envelope.attributes
        return _event(envelope, message, now)
    except Fault as fault:
        return (fault if found is None else found.named(fault)).about(message.place, attributes)


def _event(envelope: Envelope, message: Message, now: float) -> Event:
    version = envelope.attributes.get("specversion")
    if version != "1.0" and not (envelope.tombstone and version is None):
        rule = Rule.MISSING_FIELD if version is None else Rule.SPEC_VERSION
        raise Fault(rule, "specversion", version, "is missing" if version is None else "is not 1.0")
    kind = envelope.text("type")
    entity = entity_of(kind)
    if kind in _PERMISSIONS:
        return _PERMISSIONS[kind](envelope, message, now)
    if entity not in FAMILIES or (kind not in _PLAIN[entity] if entity in _PLAIN else kind == entity):
        raise Fault(Rule.UNKNOWN_TYPE, "type", kind, "is an unknown event type")
    record = SourceKey(envelope.text("source"), entity, envelope.text("subject"))
    return _record_event(envelope, message, kind, record, FAMILIES[entity])


def _record_event(
    envelope: Envelope, message: Message, kind: str, record: SourceKey, family: Family[Any]
) -> RecordEvent:
    identity = str(message.place) if envelope.tombstone and "id" not in envelope.attributes else envelope.text("id")
    time, sequence = envelope.time(), envelope.sequence()
    removed = envelope.tombstone or kind == RETURNED or kind.endswith(".removed")
    check_size(message)
    given = None if envelope.tombstone else envelope.data()
    said = read_data(family.model, given) if not removed or (kind == RETURNED and not envelope.tombstone) else None
    data = None if removed or said is None else said.model_dump(exclude_none=True)
    return RecordEvent(
        record=record,
        type=kind,
        id=identity,
        place=message.place,
        removed=removed,
        time=time,
        sequence=sequence,
        data=data,
        digest="" if data is None else data_digest(data),
        traceparent=traceparent_of(message, envelope.attributes),
    )


def _granted(envelope: Envelope, message: Message, now: float) -> PermissionGranted:
    at = _said_at(envelope, message, now)
    return read_grant(envelope.data(), otherwise_at=at, now=now, place=message.place)


def _revoked(envelope: Envelope, message: Message, now: float) -> PermissionRevoked:
    return read_revocation(envelope.data(), at=_said_at(envelope, message, now), now=now, place=message.place)


_PERMISSIONS: Mapping[str, Callable[[Envelope, Message, float], PermissionGranted | PermissionRevoked]] = {
    GRANTED: _granted,
    REVOKED: _revoked,
}


def _said_at(envelope: Envelope, message: Message, now: float) -> float | None:
    """When a permission event was said: its time, or its arrival from its own topic; an old log's has none."""
    envelope.text("source")
    envelope.text("id")
    check_size(message)
    time = envelope.time()
    if time is not None:
        return epoch(time)
    return now if message.live else None


_CANONICAL = JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False, separators=(",", ":"))


def data_digest(data: Mapping[str, Any]) -> str:
    """The digest over the content of an event's data: 32 hexadecimal characters."""
    return sha256(_CANONICAL.encode(data).encode()).hexdigest()[:32]
