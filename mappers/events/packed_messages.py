"""Packed messages: a whole message as bytes, so that a dead letter can be tried again as it came."""

import json
from base64 import b64decode, b64encode

from mappers.events.messages import LogId, Message, Place


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


def may_hold_token(text: str) -> bool:
    """Whether an event speaks of permissions or tokens anywhere, however it is spelled: then it is not shown."""
    folded = text.casefold()
    return any(word in folded for word in ("permission", "token", "secret", "authorization", "\\u"))


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
