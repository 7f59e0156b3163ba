"""Trace contexts: where an event comes from, as W3C Trace Context says it in a `traceparent`."""

import re
from collections.abc import Mapping
from typing import Any

from mappers.events.messages import Message

_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent_of(message: Message, attributes: Mapping[str, Any]) -> str:
    """The event's own context (the CloudEvents extension), else that of the message's header; empty without one.

    It never makes an event a bad one: whoever may not look at traces does not care.
    """
    header = next((value for name, value in message.headers if name.lower() == "traceparent"), b"")
    for given in (attributes.get("traceparent"), header.decode("ascii", "replace")):
        if isinstance(given, str) and _FORM.fullmatch(given):
            return given
    return ""
