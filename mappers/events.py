"""Events: the one way in, from a message's bytes to an event, or to the line that says why it can't be taken."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from json import JSONEncoder
from typing import Any

from mappers.envelopes import Envelope, check_size, open_envelope
from mappers.event_data import read_data
from mappers.families import FAMILIES, Family
from mappers.faults import BadEvent, Fault, Rule, entity_of
from mappers.messages import Message
from mappers.permissions import (
    GRANTED,
    REVOKED,
    PermissionGranted,
    PermissionRevoked,
    read_grant,
    read_revocation,
)
from mappers.record_event import RecordEvent
from mappers.times import epoch
from mappers.wanted import SourceKey

Event = RecordEvent | PermissionGranted | PermissionRevoked


def parse(message: Message, now: float) -> Event | BadEvent:
    """Reads one event (CONTRACT.md section 4). Never raises, whatever the bytes: what can't be taken is a BadEvent."""
    attributes: Mapping[str, Any] = {}
    try:
        envelope = open_envelope(message)
        attributes = envelope.attributes
        return _event(envelope, message, now)
    except Fault as fault:
        return fault.about(message.place, attributes)


def _event(envelope: Envelope, message: Message, now: float) -> Event:
    version = envelope.attributes.get("specversion")
    if version != "1.0" and not (envelope.tombstone and version is None):
        rule = Rule.MISSING_FIELD if version is None else Rule.SPEC_VERSION
        raise Fault(rule, "specversion", version, "is missing" if version is None else "is not 1.0")
    kind = envelope.text("type")
    entity = entity_of(kind)
    if kind in _PERMISSIONS:
        return _PERMISSIONS[kind](envelope, message, now)
    if entity not in FAMILIES or entity == kind:
        raise Fault(Rule.UNKNOWN_TYPE, "type", kind, "is an unknown event type")
    record = SourceKey(envelope.text("source"), entity, envelope.text("subject"))
    return _record_event(envelope, message, kind, record, FAMILIES[entity])


def _record_event(
    envelope: Envelope, message: Message, kind: str, record: SourceKey, family: Family[Any]
) -> RecordEvent:
    identity = str(message.place) if envelope.tombstone and "id" not in envelope.attributes else envelope.text("id")
    time, sequence = envelope.time(), envelope.sequence()
    removed = envelope.tombstone or kind.endswith(".removed")
    check_size(message)
    given = None if envelope.tombstone else envelope.data()
    data = None if removed else read_data(family.model, given).model_dump(exclude_none=True)
    return RecordEvent(
        record=record,
        type=kind,
        id=identity,
        place=message.place,
        removed=removed,
        time=time,
        sequence=sequence,
        data=data,
        digest="" if data is None else _digest(data),
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


def _digest(data: Mapping[str, Any]) -> str:
    return sha256(_CANONICAL.encode(data).encode()).hexdigest()[:32]
