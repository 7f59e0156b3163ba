"""Bad events that only intake finds: sound in themselves, but they can't be taken."""

from mappers.events.faults import BadEvent, Rule
from mappers.events.messages import Message
from mappers.events.permissions import GRANTED, REVOKED, PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.parsing import Event
from worker.permission.grants import GrantRefused


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


def refused(event: PermissionGranted, message: Message, error: GrantRefused) -> BadEvent:
    """The dead letter of a permission that contradicts another one."""
    return BadEvent(Rule.NOT_ALLOWED, "data.orcid", event.orcid, f"data.orcid: {error}", message.place, GRANTED)


def type_of(event: Event) -> str:
    """The event's type, as it came."""
    match event:
        case RecordEvent():
            return event.type
        case PermissionGranted():
            return GRANTED
        case PermissionRevoked():
            return REVOKED
