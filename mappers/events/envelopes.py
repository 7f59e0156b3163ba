"""Envelopes: CloudEvents 1.0, structured or binary, taken off a message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappers.events.faults import Fault, Rule, shown
from mappers.events.json_text import read_json
from mappers.events.messages import Message
from mappers.events.versions import canonical_sequence
from mappers.times import canonical_time

MAX_BYTES = 1024 * 1024
"""How large an event's value may be."""
MAX_NAME = 255
"""How many characters a source, a subject or a person's id may have: they are keys in the store."""
MAX_NAME_BYTES = 512
"""How many bytes of UTF-8 those may be: four of them are one key, and PostgreSQL's have 2,704 at most."""

_STRUCTURED = b"application/cloudevents+json"
_JSON_TYPE = re.compile(r"[\w.+-]+/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event's CloudEvents attributes as they were given, and its data: bytes still to be read, or a value."""

    attributes: Mapping[str, Any]
    value: bytes | None
    tombstone: bool = False

    def text(self, name: str) -> str:
        """A required attribute that names something; raises Fault when it is missing or can't be a name."""
        value = self.attributes.get(name)
        if value is None:
            wants = ": an empty value needs ce_type, ce_source and ce_subject" if self.tombstone else ""
            raise Fault(Rule.MISSING_FIELD, name, None, f"is missing{wants}")
        if not isinstance(value, str):
            raise Fault(Rule.WRONG_TYPE, name, value, "is not a string")
        if len(value) > MAX_NAME:
            raise Fault(Rule.TOO_LONG, name, value, f"is longer than {MAX_NAME} characters")
        if wrong := name_fault(value):
            raise Fault(Rule.WRONG_FORM, name, value, wrong)
        return value

    def time(self) -> str | None:
        """The time in its canonical form, if there is one."""
        value = self.attributes.get("time")
        if value is None:
            return None
        if not isinstance(value, str):
            raise Fault(Rule.WRONG_TYPE, "time", value, "is not a string")
        try:
            return canonical_time(value)
        except ValueError as error:
            raise Fault(Rule.WRONG_FORM, "time", value, str(error)) from None

    def sequence(self) -> str | None:
        """The sequence in its canonical form, if there is one."""
        value = self.attributes.get("sequence")
        if value is None:
            return None
        try:
            return canonical_sequence(value)
        except ValueError as error:
            raise Fault(Rule.WRONG_FORM, "sequence", value, str(error)) from None

    def data(self) -> Any:
        """The data, read; None when there is none. Raises Fault when it is said to be something other than JSON."""
        if "data_base64" in self.attributes:
            raise Fault(Rule.DATA_ENCODING, "data_base64", None, "is not taken: data is JSON")
        said = self.attributes.get("datacontenttype")
        if said is not None and not (isinstance(said, str) and _JSON_TYPE.fullmatch(said.strip())):
            raise Fault(Rule.DATA_ENCODING, "datacontenttype", said, "is not JSON")
        return self.attributes.get("data") if self.value is None else read_json(self.value, "data")


def is_cloud_event(message: Message) -> bool:
    """Whether its headers say that it is a CloudEvent; without such headers only the value can tell."""
    headers = _headers(message)
    return _is_structured(headers) or _is_binary(headers)


def open_envelope(message: Message) -> Envelope:
    """Takes the envelope off: by content type, else binary where there are `ce_` headers. Raises Fault."""
    headers = _headers(message)
    if _is_binary(headers) and (not message.value or not _is_structured(headers)):
        return Envelope(_from_headers(headers), message.value or None, tombstone=not message.value)
    if not message.value:
        raise Fault(
            Rule.MISSING_FIELD, "ce_type", None, "is missing: an empty value needs ce_type, ce_source and ce_subject"
        )
    check_size(message)
    found = read_json(message.value, "")
    if not isinstance(found, dict):
        kind = "a string" if isinstance(found, str) else shown(found) or "null"
        raise Fault(Rule.NOT_AN_OBJECT, "", None, f"is {kind}, not an object")
    return Envelope(found, None)


def check_size(message: Message) -> None:
    """Raises Fault when the event's value is too large."""
    size = message.oversize or len(message.value or b"")
    if size > MAX_BYTES:
        raise Fault(Rule.TOO_LARGE, "", None, f"has {size} bytes, more than {MAX_BYTES}")


def name_fault(text: str) -> str:
    """What keeps a text from naming something, or nothing. Spaces around a name would make two of one."""
    bare = text.strip()
    if not bare:
        return "is empty"
    if len(bare) < len(text):
        return "has a space at its start or end"
    if not text.isprintable():
        return "holds a character that can't be printed"
    return f"is longer than {MAX_NAME_BYTES} bytes of UTF-8" if len(text.encode()) > MAX_NAME_BYTES else ""


def _headers(message: Message) -> Mapping[str, bytes]:
    return {name.lower(): value for name, value in reversed(message.headers)}


def _is_structured(headers: Mapping[str, bytes]) -> bool:
    return headers.get("content-type", b"").split(b";")[0].strip().lower() == _STRUCTURED


def _is_binary(headers: Mapping[str, bytes]) -> bool:
    return any(name.startswith("ce_") for name in headers)


def _from_headers(headers: Mapping[str, bytes]) -> Mapping[str, Any]:
    attributes: dict[str, Any] = {}
    for name, value in headers.items():
        if name.startswith("ce_"):
            try:
                attributes[name.removeprefix("ce_")] = value.decode()
            except UnicodeDecodeError:
                raise Fault(Rule.NOT_UTF8, name, None, "is not UTF-8") from None
    if kind := headers.get("content-type"):
        attributes["datacontenttype"] = kind.decode("ascii", "replace")
    return attributes
