"""Source formats: an institution's own JSON on a topic, turned into CloudEvents by expressions of the mapping file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from mappers.events.envelopes import Envelope, check_size, is_cloud_event
from mappers.events.expressions import EvaluationError, Expression
from mappers.events.faults import Fault, Rule, entity_of
from mappers.events.fields import EVENT_FIELDS
from mappers.events.json_text import read_json
from mappers.events.messages import Message, Place


def _compiled(text: Any) -> Expression:
    if not isinstance(text, str):
        raise PydanticCustomError("wrong_form", "is not a JMESPath expression in quotes")
    try:
        return Expression(text)
    except ValueError as error:
        raise PydanticCustomError("wrong_form", "{wrong}", {"wrong": str(error)}) from None


def _topic(text: str) -> str:
    if text.startswith("^"):
        try:
            re.compile(text)
        except re.error as error:
            wrong = f"is not a pattern: {error}"
            raise PydanticCustomError("wrong_form", "{wrong}", {"wrong": wrong}) from None
    if not text.strip("^ "):
        raise PydanticCustomError("wrong_form", "is empty")
    return text


def _kind(value: Any) -> str:
    return "[table]" if isinstance(value, dict) else "[text]"


Query = Annotated[Expression, BeforeValidator(_compiled)]
if TYPE_CHECKING:  # mypy reads no recursive alias that carries annotations
    Node = Expression | dict[str, "Node"]
else:
    Node = TypeAliasType(
        "Node",
        Annotated[
            Annotated[Query, Tag("[text]")] | Annotated[dict[str, "Node"], Tag("[table]")],
            Discriminator(_kind),
        ],
    )


class FormatEntry(BaseModel):
    """How messages of these topics become CloudEvents. Texts are JMESPath: a constant is a raw string ('…').

    `topics` are names of topics, or of log files without folder and compression (`stdin`); a leading ^ makes a pattern.
    `when`: it takes the messages of which this is true. `skip`: those of which this is true say nothing to us.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    topics: Annotated[list[Annotated[str, AfterValidator(_topic)]], Field(min_length=1)]
    when: Query | None = None
    skip: Query | None = None
    type: Query
    source: Query
    subject: Query
    id: Query | None = None
    time: Query | None = None
    sequence: Query | None = None
    data: dict[str, Node] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _type_is_no_path(self) -> "FormatEntry":
        """What looks like an event type would be looked up in the message, and never be found."""
        if entity_of(self.type.text) in EVENT_FIELDS:
            wrong = f"type: {self.type.text} is an expression: a constant stands in quotes of its own, \"'…'\""
            raise PydanticCustomError("unsound", "{text}", {"text": wrong})
        return self

    @model_validator(mode="after")
    def _fields_are_known(self) -> "FormatEntry":
        """Unknown fields of events are passed over, so a misspelt one would be lost without a word."""
        known = _fields_of(self.type.literal)
        for name in self.data:
            if known and name not in known:
                wrong = f"data.{name}: is not a field of {self.type.literal or 'any event'}"
                raise PydanticCustomError("unsound", "{text}", {"text": wrong})
        return self

    def is_of(self, topic: str) -> bool:
        """Whether messages of this topic, or of the log of this name, may be of this format."""
        return any(re.match(one, topic) is not None if one.startswith("^") else one == topic for one in self.topics)


def _fields_of(event_type: str | None) -> frozenset[str]:
    """The fields that data of this type may have; of any type when there is None, and nothing when it is not known."""
    if event_type is None:
        return frozenset(name for fields in EVENT_FIELDS.values() for name in fields) | _GRANT
    return frozenset(EVENT_FIELDS.get(entity_of(event_type), ()))


_GRANT = frozenset(
    {"person_id", "access_token", "token_type", "refresh_token", "expires_in", "scope", "name", "orcid", "granted_at"}
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that says nothing to us: the mapping file skips it."""

    place: Place
    format: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message in an institution's own format."""

    name: str
    entry: FormatEntry
    value: Any
    key: Any
    place: Place
    tombstone: bool
    """An empty value, which withdraws the source record that its key names. JSON's null is a value."""

    def open(self, attributes: dict[str, Any]) -> Envelope:
        """The message as an envelope; `attributes` is filled as far as it gets. Raises Fault."""
        attributes["specversion"] = "1.0"
        for name in ("type", "source", "subject", "id", "time", "sequence"):
            said = self._evaluated(name, getattr(self.entry, name))
            if said is not None:
                attributes[name] = said
        attributes.setdefault("id", str(self.place))
        kind = attributes.get("type")
        if not self.tombstone and not (isinstance(kind, str) and kind.endswith(".removed")):
            attributes["data"] = self._data("data", self.entry.data)
        return Envelope(attributes, None, tombstone=self.tombstone)

    def holds(self, name: str, expression: Expression) -> bool:
        """Whether one of the format's conditions is true of the message; raises Fault."""
        return bool(self._guarded(name, lambda: expression.holds(self.value, self.key)))

    def named(self, fault: Fault) -> Fault:
        """The fault, naming the format's key that the field comes from."""
        place = f"formats.{self.name}.{fault.field}" if fault.field else f"formats.{self.name}"
        return Fault(fault.rule, place, fault.value, fault.text)

    def _data(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The data; what comes to nothing is left out, a table of which nothing is left included."""
        found: dict[str, Any] = {}
        for name, node in fields.items():
            inner = f"{path}.{name}"
            value = self._evaluated(inner, node) if isinstance(node, Expression) else self._data(inner, node) or None
            if value is not None:
                found[name] = value
        return found

    def _evaluated(self, name: str, expression: Expression | None) -> Any:
        if expression is None:
            return None
        return self._guarded(name, lambda: expression.evaluate(self.value, self.key))

    def _guarded(self, name: str, evaluate: Callable[[], Any]) -> Any:
        try:
            return evaluate()
        except EvaluationError as error:
            raise Fault(Rule.FORMAT, name, None, str(error)) from None


@dataclass(frozen=True)
class Formats:
    """The formats of the mapping file, by name."""

    entries: Mapping[str, FormatEntry] = field(default_factory=dict)

    def recognise(self, message: Message) -> Foreign | Skipped | None:
        """What the message is; None for one of no format, or that is a CloudEvent already. Raises Fault.

        A message that its topic's formats neither take nor skip is a fault: no event is lost without a word.
        """
        topic = message.place.name if message.place.log is None else message.place.log.topic
        entries = {name: entry for name, entry in self.entries.items() if entry.is_of(topic)}
        if not entries or is_cloud_event(message):
            return None
        check_size(message)
        value = read_json(message.value, "") if message.value else None
        if isinstance(value, dict) and "specversion" in value:
            return None
        key = _key(message)
        for name, entry in entries.items():
            found = Foreign(name, entry, value, key, message.place, tombstone=not message.value)
            verdict = self._verdict(found)
            if verdict is not None:
                return verdict
        tried = ", ".join(f"formats.{name}" for name in entries)
        raise Fault(Rule.FORMAT, "", None, f"is neither taken nor skipped by a format of its topic ({tried})")

    def _verdict(self, found: Foreign) -> Foreign | Skipped | None:
        """Taken by this format, skipped by it, or left to the next one."""
        try:
            if found.entry.skip is not None and found.holds("skip", found.entry.skip):
                return Skipped(found.place, found.name)
            return found if found.entry.when is None or found.holds("when", found.entry.when) else None
        except Fault as fault:
            raise found.named(fault) from None


NO_FORMATS = Formats()


def _key(message: Message) -> Any:
    """The key as JSON when it is JSON, else as text."""
    if not message.key:
        return None
    try:
        return read_json(message.key, "")
    except Fault:
        return message.key.decode("utf-8", "replace")
