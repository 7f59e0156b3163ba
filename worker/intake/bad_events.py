"""Bad events that only intake finds: sound in themselves, but they can't be taken."""

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import version

from mappers.events.faults import BadEvent, Rule
from mappers.events.messages import Message
from mappers.events.permissions import GRANTED, REVOKED, PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.mapping_file import MappingFile
from mappers.parsing import Event
from worker.permission.grants import GrantRefused

AGAIN_SECONDS = 3600.0
"""How often it is looked at whether what an event contradicts has ended."""


@cache
def _program() -> str:
    return version("orcid-sync")


def decided_by(mapping: MappingFile) -> str:
    """What decides which events can be taken: the version of this program, and all that the mapping file says."""
    plain = mapping.model_dump(mode="json", exclude_defaults=True, fallback=lambda expression: expression.text)
    return f"{_program()} {sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]}"


def internal(event: Event, message: Message, error: Exception) -> BadEvent:
    """The dead letter of an event whose taking failed inside us."""
    record = event.record if isinstance(event, RecordEvent) else None
    return BadEvent(
        rule=Rule.INTERNAL,
        field="",
        value="",
        message=f"taking it failed inside orcid-sync ({type(error).__name__}): please report this",
        place=message.place,
        type=type_of(event),
        source=record.source if record else "",
        entity=record.entity if record else "",
        subject=record.subject if record else "",
    )


def refused(event: PermissionGranted, message: Message, error: GrantRefused, now: float) -> BadEvent:
    """The dead letter of a permission that contradicts another one, which may end."""
    return BadEvent(
        rule=Rule.CONFLICT,
        field="data.orcid",
        value=event.orcid,
        message=f"data.orcid: {error}",
        place=message.place,
        type=GRANTED,
        again_at=now + AGAIN_SECONDS,
    )


def type_of(event: Event) -> str:
    """The event's type, as it came."""
    match event:
        case RecordEvent():
            return event.type
        case PermissionGranted():
            return GRANTED
        case PermissionRevoked():
            return REVOKED
