"""Packed messages: a whole message as bytes, so that a dead letter can be tried again as it came."""

import json
import re
from base64 import b64decode, b64encode
from typing import Any
from unicodedata import normalize

from mappers.events.messages import LogId, Message, Place

HIDDEN = "(not shown: it may hold a token)"
"""What stands in place of a value that may hold a token."""

_TOKEN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # as ORCID's
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]*\Z"  # cut off
    r"|(?<![0-9a-z])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{24,}",  # without hyphens, or in base64
    re.ASCII | re.IGNORECASE,
)
_NAME = re.compile(r"permission|token|secret|authori[sz]ation|password|base64|^\s*(?:auth|code)\s*$")
"""Names under which a token may be."""
_SAID = re.compile(
    r"(?:access|refresh|id|bearer|client)[\s_-]*(?:token|secret)|bearer\s|^\W*[\w.-]*(?:token|secret|password)[\w.-]*\W*$"
    r"|(?:token|secret|authori[sz]ation|password)\W*[=:]"
)
"""A text that speaks of a token, as JSON within JSON or a line of a form does."""
_UNREAD = ("permission", "token", "secret", "authorization", "\\u")


def pack_message(message: Message) -> bytes:
    """The message with its place, as bytes to be sealed."""
    place, stream = message.place, message.place.log
    return json.dumps(
        {
            "name": place.name,
            "offset": place.offset,
            "log": [stream.cluster, stream.topic_id, stream.topic, stream.partition] if stream else None,
            "value": _text(message.value),
            "headers": [[name, _text(value)] for name, value in message.headers],
            "key": _text(message.key),
            "live": message.live,
            "oversize": message.oversize,
        }
    ).encode()


def unpack_message(envelope: bytes) -> Message:
    """What `pack_message` packed."""
    packed = json.loads(envelope)
    return Message(
        place=Place(packed["name"], packed["offset"], LogId(*packed["log"]) if packed["log"] else None),
        value=_bytes(packed["value"]),
        headers=tuple((name, _bytes(value) or b"") for name, value in packed["headers"]),
        key=_bytes(packed["key"]),
        live=packed["live"],
        oversize=packed["oversize"],
    )


def shown_value(message: Message) -> str:
    """The value as people may see it: all of it where no token can be, `HIDDEN` where one may be.

    Whatever looks like a token, as ORCID's do (UUIDs, API_FACTS.md 7.2), or like another secret, is `…`; an event of
    permissions, one with a name of a token anywhere, and what can't be read but speaks of them, is not shown at all.
    """
    text = (message.value or b"").decode("utf-8", "replace")
    if any(_speaks_of_permission(value.decode("utf-8", "replace")) for _, value in message.headers):
        return HIDDEN
    masked = _TOKEN.sub("…", text)
    return HIDDEN if may_hold_token(masked) else masked


def may_hold_token(text: str) -> bool:
    """Whether a token may be in an event: in an event of permissions, under a token's name, or in a token's form.

    One that is no JSON may hold one as soon as it speaks of permissions or tokens anywhere, however that is spelled.
    """
    try:
        return _holds(json.loads(text, object_pairs_hook=_Pairs))
    except (ValueError, RecursionError):
        plain = _folded(text)
        return any(word in plain for word in _UNREAD) or _TOKEN.search(plain) is not None


class _Pairs(list[tuple[str, Any]]):
    """An object with all its names, those that stand twice too."""


def _holds(value: Any) -> bool:
    match value:
        case _Pairs():
            return any(_names_token(name, inner) or _holds(inner) for name, inner in value)
        case list():
            return any(map(_holds, value))
        case str():
            plain = _folded(value)
            return _TOKEN.search(plain) is not None or _SAID.search(plain) is not None
        case _:
            return False


def _names_token(name: str, value: Any) -> bool:
    plain = _folded(name)
    of_permission = plain.strip() == "type" and isinstance(value, str) and _speaks_of_permission(value)
    return of_permission or _NAME.search(plain) is not None or _TOKEN.search(plain) is not None


def _speaks_of_permission(text: str) -> bool:
    return "permission" in _folded(text)


def _folded(text: str) -> str:
    """Without what can't be seen, and as it is meant: full-width letters are letters."""
    return "".join(one for one in normalize("NFKC", text) if one.isprintable()).casefold()


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
