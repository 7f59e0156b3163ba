"""People named in a message that can't be taken as an event: found as far as its bytes are JSON, by its keys."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mappers.events.messages import Message
from mappers.events.people_in_data import MERGED

_PERSON = ("person", "person_id")
_BY_ID = "hr.person"
"""Events whose type begins so may be called after the person."""

Pairs = list[tuple[str, Any]]


def people_named(message: Message) -> frozenset[str]:
    """Whom of ours a message names: under `person` or `person_id` anywhere, and both of a merge.

    An event about a person that names nobody so may be called after the person. Nobody when the bytes are no JSON.
    """
    found: set[str] = set()

    def look(pairs: Pairs) -> dict[str, Any]:
        found.update(one for key, value in pairs if key in _PERSON for one in _ids(value))
        return dict(pairs)

    whole = _read(message, look)
    kind, subject, data = _attributes(message, whole)
    if kind == MERGED and isinstance(data, dict):
        found.update(one for name in ("from", "into") for one in _ids(data.get(name)))
    return frozenset(found or (_ids(subject) if kind.startswith(_BY_ID) else ()))


def says(message: Message, person: str) -> bool:
    """Whether any text in the message is the person's id, the name of an event or a record of another kind aside.

    Of bytes that are no JSON: whether they hold it.
    """
    found = False

    def look(pairs: Pairs) -> dict[str, Any]:
        nonlocal found
        found = found or any(_holds(value, person) for key, value in pairs if key not in {"id", "subject"})
        return dict(pairs)

    value = message.value or b""
    headers = {name.lower(): text for name, text in message.headers}
    if person in people_named(message) or headers.get("ce_subject", b"").decode("utf-8", "replace") == person:
        return True
    if _read(message, look) is None:
        return person.encode() in value
    return found


def without_named(message: Message, people: frozenset[str]) -> Message:
    """The message without what says that these people are ours; only its JSON is written anew."""

    def leave_out(pairs: Pairs) -> dict[str, Any]:
        return {
            key: value for key, value in pairs if not (key in _PERSON and any(one in people for one in _ids(value)))
        }

    whole = _read(message, leave_out)
    if whole is None:
        return message
    return replace(message, value=json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())


def _ids(value: Any) -> tuple[str, ...]:
    """The id of a person, alone or in an object."""
    named = value.get("id") if isinstance(value, dict) else value
    return (named,) if isinstance(named, str) else ()


def _attributes(message: Message, whole: Any) -> tuple[str, Any, Any]:
    """Type, subject and data, in either of Kafka's modes."""
    headers = {name.lower(): text.decode("utf-8", "replace") for name, text in message.headers}
    given = whole if isinstance(whole, dict) else {}
    kind = given.get("type", headers.get("ce_type", ""))
    data = given.get("data", given)
    return kind if isinstance(kind, str) else "", given.get("subject", headers.get("ce_subject")), data


def _holds(value: Any, person: str) -> bool:
    return value == person or (isinstance(value, list) and person in value)


def _read(message: Message, look: Callable[[Pairs], dict[str, Any]]) -> Any:
    """The message's JSON, each object by way of `look`, innermost first; None when it is none."""
    try:
        return json.loads(message.value or b"", object_pairs_hook=look)
    except (ValueError, RecursionError):
        return None
