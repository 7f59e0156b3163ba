"""Faults: why an event can't be taken, in one line that names field, value and rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mappers.events.messages import Place

SHOWN = 80
"""How many characters of a value a line shows."""

LEFT = "hr.person.left"
RETURNED = "hr.person.returned"

_HARMLESS = re.compile(r"[0-9X:.+TZ-]{0,30}", re.ASCII)
"""What a line shows of a permission event's data: iDs, dates, numbers. Anything else may be a token gone astray."""


class Rule(StrEnum):
    """The rule that an event broke, as a short code for dead letters and metrics."""

    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    NOT_JSON = "not-json"
    NOT_AN_OBJECT = "not-an-object"
    DUPLICATE_KEY = "duplicate-key"
    TOO_DEEP = "too-deep"
    BAD_CHARACTER = "bad-character"
    BAD_NUMBER = "bad-number"
    SPEC_VERSION = "spec-version"
    DATA_ENCODING = "data-encoding"
    MISSING_FIELD = "missing-field"
    WRONG_TYPE = "wrong-type"
    WRONG_FORM = "wrong-form"
    NOT_ALLOWED = "not-allowed"
    TOO_LONG = "too-long"
    TOO_MANY = "too-many"
    UNKNOWN_TYPE = "unknown-type"
    NO_ORDER = "no-order"
    TIME_AHEAD = "time-ahead"
    FORMAT = "format"
    CONFLICT = "conflict"
    INTERNAL = "internal"


class Reason(StrEnum):
    """The class of a rule: by whom, and how, its dead letters can be mended.

    `unreadable` and `shape`: by who sends them. `format`: in the mapping file's source formats. `unknown-type`: there,
    or nothing is to be done. `order`: by what orders their source. `conflict`: what they contradict has to end.
    `internal`: by us.
    """

    UNREADABLE = "unreadable"
    SHAPE = "shape"
    FORMAT = "format"
    UNKNOWN_TYPE = "unknown-type"
    ORDER = "order"
    CONFLICT = "conflict"
    INTERNAL = "internal"


REASONS: Mapping[Rule, Reason] = {
    Rule.TOO_LARGE: Reason.UNREADABLE,
    Rule.NOT_UTF8: Reason.UNREADABLE,
    Rule.NOT_JSON: Reason.UNREADABLE,
    Rule.NOT_AN_OBJECT: Reason.UNREADABLE,
    Rule.DUPLICATE_KEY: Reason.UNREADABLE,
    Rule.TOO_DEEP: Reason.UNREADABLE,
    Rule.BAD_CHARACTER: Reason.UNREADABLE,
    Rule.BAD_NUMBER: Reason.UNREADABLE,
    Rule.SPEC_VERSION: Reason.SHAPE,
    Rule.DATA_ENCODING: Reason.SHAPE,
    Rule.MISSING_FIELD: Reason.SHAPE,
    Rule.WRONG_TYPE: Reason.SHAPE,
    Rule.WRONG_FORM: Reason.SHAPE,
    Rule.NOT_ALLOWED: Reason.SHAPE,
    Rule.TOO_LONG: Reason.SHAPE,
    Rule.TOO_MANY: Reason.SHAPE,
    Rule.UNKNOWN_TYPE: Reason.UNKNOWN_TYPE,
    Rule.NO_ORDER: Reason.ORDER,
    Rule.TIME_AHEAD: Reason.ORDER,
    Rule.FORMAT: Reason.FORMAT,
    Rule.CONFLICT: Reason.CONFLICT,
    Rule.INTERNAL: Reason.INTERNAL,
}


_BY_CODE = {rule.value: reason for rule, reason in REASONS.items()}


def reason_of(rule: str) -> Reason:
    """The class of a rule by its code; `internal` for one that this version does not know."""
    return _BY_CODE.get(rule, Reason.INTERNAL)


@dataclass(frozen=True, slots=True)
class BadEvent:
    """An event that can't be taken: material for its dead letter. `message` is one clear line and never holds a token.

    From `again_at` on (seconds since 1970) it may be taken, when it only came too early or may not stay so. `type`,
    `source`, `entity` and `subject` are empty where they could not be read.
    """

    rule: Rule
    field: str
    value: str
    message: str
    place: Place
    type: str = ""
    source: str = ""
    entity: str = ""
    subject: str = ""
    again_at: float | None = None


class Fault(Exception):  # noqa: N818 - it is no error of ours: whoever catches it makes a BadEvent of it
    """Raised where an event breaks a rule. `value` is what stood in the field; `text` says what is wrong with it."""

    def __init__(self, rule: Rule, field: str, value: Any, text: str) -> None:
        super().__init__(rule, field, text)
        self.rule = rule
        self.field = field
        self.value = value
        self.text = text

    def about(self, place: Place, attributes: Mapping[str, Any]) -> BadEvent:
        """The fault as a BadEvent, naming the source record as far as its CloudEvents attributes can be read."""
        kind = _readable(attributes, "type")
        value = shown(self.value)
        if self.field not in attributes and _may_carry_tokens(kind) and not _HARMLESS.fullmatch(value):
            value = ""
        return BadEvent(
            rule=self.rule,
            field=self.field,
            value=value,
            message=" ".join(filter(None, (f"{self.field}:" if self.field else "the event", value, self.text))),
            place=place,
            type=kind,
            source=_readable(attributes, "source"),
            entity=entity_of(kind),
            subject=_readable(attributes, "subject"),
        )


def entity_of(event_type: str) -> str:
    """The entity of an event type: the type without `.changed` or `.removed`; who returns ends having left."""
    if event_type == RETURNED:
        return LEFT
    return event_type.removesuffix(".changed").removesuffix(".removed")


def shown(value: Any) -> str:
    """A value as a line shows it: shortened, control characters escaped; a list or an object by its kind alone."""
    match value:
        case None:
            return ""
        case str():
            return escaped(value) or '""'
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return escaped(str(value))


def escaped(text: str) -> str:
    """The text on one line: shortened, and what can't be printed escaped."""
    if len(text) <= SHOWN and text.isprintable():
        return text
    head = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text[:SHOWN])
    return head[: SHOWN - 1] + "…" if len(text) > SHOWN or len(head) > SHOWN else head


def _may_carry_tokens(event_type: str) -> bool:
    return event_type.strip().lower().startswith("permission")


def _readable(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    return escaped(value) if isinstance(value, str) else ""
