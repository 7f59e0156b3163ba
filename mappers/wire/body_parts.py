"""Parts of a body: how a value of a document stands in ORCID's message, written and read back by one description.

A body is the message as JSON of v3.0 holds it, its keys in the order in which XML wants the elements (API_FACTS.md
6.1 to 6.3). The other forms are spelled from it (writing.py, orcid_xml.py).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from mappers.dates import FuzzyDate
from mappers.documents import Amount, Citation, Contributor, ExternalId, Organization, Relationship, TranslatedTitle
from mappers.identifiers import parse_orcid_id
from mappers.wire.json_reply import JsonReply, Unreadable

Json = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Part:
    """How one kind of value is written, and read from under a key; None is what is not set."""

    write: Callable[[Any], Any]
    read: Callable[[JsonReply, str], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A value under `key`: the attribute `name` of the document."""

    key: str
    name: str
    part: Part


@dataclass(frozen=True, slots=True)
class Within:
    """Values of the same document one level deeper. `always` is for what ORCID's schema wants even if it is empty."""

    key: str
    entries: "Entries"
    always: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """What ORCID wants to be told and a document cannot change."""

    key: str
    value: str


Entries = tuple[Field | Within | Fixed, ...]


def write_entries(entries: Entries, source: BaseModel) -> Json:
    """The message of a document, or of a part of one: without what is not set."""
    written = ((entry.key, _written(entry, source)) for entry in entries)
    return {key: value for key, value in written if value is not None}


def _written(entry: Field | Within | Fixed, source: BaseModel) -> Any:
    match entry:
        case Field():
            value = getattr(source, entry.name)
            return None if value is None else entry.part.write(value)
        case Within():
            return write_entries(entry.entries, source) or ({} if entry.always else None)
        case Fixed():
            return entry.value


def read_entries(model: type[Model], entries: Entries, reply: JsonReply, **given: Any) -> Model:
    """What `write_entries` wrote; raises Unreadable naming the field that is missing or can't be understood."""
    return _made(model, entries, reply, _values(entries, reply) | given)


def _values(entries: Entries, reply: JsonReply) -> Json:
    values: Json = {}
    for entry in entries:
        match entry:
            case Field():
                values[entry.name] = entry.part.read(reply, entry.key)
            case Within():
                values |= _values(entry.entries, reply.within(entry.key))
            case Fixed():
                pass
    return {name: value for name, value in values.items() if value is not None}


def _made(model: type[Model], entries: Entries, reply: JsonReply, values: Json) -> Model:
    for key, name in _keys(entries):
        if name not in values and model.model_fields[name].is_required():
            raise Unreadable(f"{reply.named(key)}: is missing")
    return model.model_validate(values)


def _keys(entries: Entries, path: str = "") -> Iterator[tuple[str, str]]:
    """Where each attribute stands."""
    for entry in entries:
        match entry:
            case Field():
                yield path + entry.key, entry.name
            case Within():
                yield from _keys(entry.entries, f"{path}{entry.key}.")
            case Fixed():
                pass


def _read_term(reply: JsonReply, key: str) -> str | None:
    """A term as v3.0 spells it: v2.1's JSON has it in capitals, and `dissertation` for a thesis."""
    if (text := reply.text(key)) is None:
        return None
    folded = text.strip().lower().replace("_", "-")
    return "dissertation-thesis" if folded == "dissertation" else folded


def _one_of(allowed: Iterable[str]) -> Part:
    known = frozenset(allowed)

    def read(reply: JsonReply, key: str) -> str | None:
        if (term := _read_term(reply, key)) is not None and term not in known:
            raise Unreadable(f"{reply.named(key)}: is none of {', '.join(sorted(known))}")
        return term

    return Part(str, read)


def _write_date(date: FuzzyDate) -> Json:
    parts = {"year": f"{date.year:04d}", "month": _two_digits(date.month), "day": _two_digits(date.day)}
    return {key: {"value": part} for key, part in parts.items() if part is not None}


def _two_digits(number: int | None) -> str | None:
    return None if number is None else f"{number:02d}"


def _read_date(reply: JsonReply, key: str) -> FuzzyDate | None:
    within = reply.within(key)
    parts = [within.text(part) for part in ("year", "month", "day")]
    known = parts[: parts.index(None)] if None in parts else parts
    if not known:
        return None
    try:
        return FuzzyDate.parse("-".join(part.strip() for part in known if part))
    except ValueError as error:
        raise Unreadable(f"{within.path}: {error}") from None


def _write_orcid(orcid: str) -> Json:
    return {"uri": f"https://orcid.org/{orcid}", "path": orcid, "host": "orcid.org"}


def _read_orcid(reply: JsonReply, key: str) -> str | None:
    within = reply.within(key)
    if (path := within.text("path") or within.text("uri")) is None:
        return None
    try:
        return parse_orcid_id(path)
    except ValueError as error:
        raise Unreadable(f"{within.path}: {error}") from None


def one(model: type[BaseModel], entries: Entries) -> Part:
    """A part of its own kind; an object of which nothing is set counts as none."""

    def read(reply: JsonReply, key: str) -> Any:
        within = reply.within(key)
        values = _values(entries, within)
        return _made(model, entries, within, values) if values else None

    return Part(lambda value: write_entries(entries, value), read)


def many(model: type[BaseModel], entries: Entries, inner: str | None = None) -> Part:
    """A list of such parts, under the key `inner` of an object where ORCID wraps it; an empty one isn't written."""

    def write(values: tuple[Any, ...]) -> Any:
        written = [write_entries(entries, value) for value in values]
        if not written:
            return None
        return {inner: written} if inner else written

    def read(reply: JsonReply, key: str) -> tuple[Any, ...]:
        found = reply.within(key).objects(inner) if inner else reply.objects(key)
        return tuple(read_entries(model, entries, each) for each in found)

    return Part(write, read)


TEXT = Part(lambda text: text, JsonReply.text)
VALUE = Part(lambda text: {"value": text}, JsonReply.text)
"""A text in an object of its own: `{"value": …}`. Both are read alike."""
TERM = Part(str, _read_term)
DATE = Part(_write_date, _read_date)

EXTERNAL_ID: Entries = (
    Field("external-id-type", "type", TEXT),
    Field("external-id-value", "value", TEXT),
    Field("external-id-url", "url", VALUE),
    Field("external-id-relationship", "relationship", _one_of(Relationship)),
)
EXTERNAL_IDS = many(ExternalId, EXTERNAL_ID, "external-id")
_ORGANIZATION: Entries = (
    Field("name", "name", TEXT),
    Within(
        "address",
        (Field("city", "city", TEXT), Field("region", "region", TEXT), Field("country", "country", TEXT)),
        always=True,
    ),
    Within(
        "disambiguated-organization",
        (
            Field("disambiguated-organization-identifier", "identifier", TEXT),
            Field("disambiguation-source", "identifier_source", TEXT),
        ),
    ),
)
ORGANIZATION = one(Organization, _ORGANIZATION)
HOSTS = many(Organization, _ORGANIZATION, "organization")
TRANSLATED_TITLE = one(TranslatedTitle, (Field("value", "value", TEXT), Field("language-code", "language", TEXT)))
CITATION = one(Citation, (Field("citation-type", "type", TERM), Field("citation-value", "value", TEXT)))
AMOUNT = one(Amount, (Field("value", "value", TEXT), Field("currency-code", "currency", TEXT)))


def _contributors(*attributes: Field) -> Part:
    return many(
        Contributor,
        (
            Field("contributor-orcid", "orcid", Part(_write_orcid, _read_orcid)),
            Field("credit-name", "name", VALUE),
            Field("contributor-email", "email", TEXT),
            Within("contributor-attributes", attributes),
        ),
        "contributor",
    )


_SEQUENCE = Field("contributor-sequence", "sequence", _one_of(("first", "additional")))
_ROLE = Field("contributor-role", "role", TERM)
CONTRIBUTORS = _contributors(_SEQUENCE, _ROLE)
FUNDING_CONTRIBUTORS = _contributors(_ROLE)
"""Those of a funding have no sequence (API_FACTS.md 6.2)."""
