"""Error bodies: what ORCID, its token service or a proxy says of a call that went wrong (API_FACTS.md 2.1, 7.5)."""

import json
import re
from dataclasses import dataclass

from mappers.wire.xml import error_of_xml

LONGEST = 20_000
"""Bytes of an error body that are looked at: ORCID's are some hundreds."""

_TOKEN = re.compile(r"(?i)(token|denied|expired)(:?\s+)[0-9a-f]{8}-?[0-9a-f-]{8,}")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""ORCID's tokens are UUIDs, wherever in a message they stand."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error body says: ORCID's error-code if it has one, OAuth's word if it has one, and a scrubbed message."""

    code: int | None
    word: str
    message: str


def read_fault(body: bytes) -> Fault:
    """Reads an error body in JSON or XML; a proxy's HTML and all else is a fault without a code. Never raises."""
    try:
        parsed = json.loads(body[:LONGEST].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        error = error_of_xml(body[:LONGEST])
        if error is None:
            return Fault(None, "", "")
        return Fault(whole_number(error.error_code, 9999), "", scrubbed(error.developer_message))
    if not isinstance(parsed, dict):
        return Fault(None, "", "")
    code_value, word = parsed.get("error-code"), parsed.get("error")
    message_value = parsed.get("developer-message") or parsed.get("error_description") or ""
    return Fault(
        code=whole_number(code_value, 9999),
        word=scrubbed(word) if isinstance(word, str) else "",
        message=scrubbed(message_value) if isinstance(message_value, str) else "",
    )


def scrubbed(message: str) -> str:
    """A message in one line without control characters, and without the token that ORCID's 401 echoes."""
    line = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    return _UUID.sub("…", _TOKEN.sub(r"\1\2…", line))[:500]


def whole_number(value: object, most: int) -> int | None:
    """A whole number from 1 to `most`: what else stands there is none that ORCID gave."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most else None
