"""Documents: the ORCID message for one item, in one neutral model that every version and format is written from.

A document never holds our own opaque external-id: that belongs to the slot (state/facts.py) and is added when the
message is written. So adding it, or a switch of version or format, is never by itself a difference.
"""

import json
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter

from mappers.dates import FuzzyDate
from mappers.identifiers import normalised
from mappers.sections import Section

Date = Annotated[
    FuzzyDate,
    BeforeValidator(lambda value: FuzzyDate.parse(value) if isinstance(value, str) else value),
    PlainSerializer(str, return_type=str),
]
"""A FuzzyDate, kept as its text in stored documents."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Relationship(StrEnum):
    """What an external-id says about the item that carries it."""

    SELF = "self"
    PART_OF = "part-of"
    VERSION_OF = "version-of"
    FUNDED_BY = "funded-by"


class ExternalId(_Part):
    """An external-id. Two with one `identity` and the relationship `self` are one item to ORCID."""

    type: str
    value: str
    relationship: Relationship = Relationship.SELF
    url: str | None = None

    @property
    def identity(self) -> str:
        """Type and normalised value, as ORCID compares them on v3.0."""
        return f"{self.type}:{normalised(self.type, self.value)}"


class Organization(_Part):
    """An organization; `identifier` and `identifier_source` name it in ROR, GRID, RINGGOLD, FUNDREF or LEI."""

    name: str
    city: str | None = None
    region: str | None = None
    country: str | None = None
    identifier: str | None = None
    identifier_source: str | None = None


class TranslatedTitle(_Part):
    """A title in another language."""

    value: str
    language: str


class Citation(_Part):
    """A citation, in one of ORCID's formats."""

    type: str
    value: str


class Contributor(_Part):
    """A contributor as printed: the credit-name, and the iD where an authenticated one is known."""

    name: str | None = None
    orcid: str | None = None
    role: str | None = None
    sequence: Literal["first", "additional"] | None = None


class Affiliation(_Part):
    """An affiliation of any kind; its `section` is the kind."""

    section: Literal[Section.EMPLOYMENT] = Section.EMPLOYMENT
    organization: Organization
    department_name: str | None = None
    role_title: str | None = None
    start_date: Date | None = None
    end_date: Date | None = None
    url: str | None = None
    external_ids: tuple[ExternalId, ...] = ()


class Work(_Part):
    """A work."""

    section: Literal[Section.WORK] = Section.WORK
    title: str
    type: str
    subtitle: str | None = None
    translated_title: TranslatedTitle | None = None
    journal_title: str | None = None
    short_description: str | None = None
    citation: Citation | None = None
    publication_date: Date | None = None
    external_ids: tuple[ExternalId, ...] = ()
    url: str | None = None
    contributors: tuple[Contributor, ...] = ()
    language_code: str | None = None
    country: str | None = None


Document = Affiliation | Work
_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Annotated[Document, Field(discriminator="section")])


def dump(document: Document) -> str:
    """The document as the store keeps it: JSON without what is not set."""
    return document.model_dump_json(exclude_none=True)


def load(text: str) -> Document:
    """Reads what `dump` wrote; raises pydantic's ValidationError for anything else."""
    return _DOCUMENT.validate_json(text)


def self_ids(document: Document) -> frozenset[str]:
    """The identities by which ORCID would call another item the same one."""
    return frozenset(one.identity for one in document.external_ids if one.relationship is Relationship.SELF)


def digest(document: Document) -> str:
    """32 hexadecimal characters, equal for documents that say the same.

    Taken over the canonical form: text trimmed and white space within folded, external-ids normalised and in order,
    nothing that is not set. Never over bytes, so version and format don't matter (ARCHITECTURE.md 5).
    """
    canonical = json.dumps(_canonical(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:32]


def _canonical(document: Document) -> dict[str, Any]:
    plain: dict[str, Any] = _folded(document.model_dump(mode="json", exclude_none=True))
    ids = [
        [one.type, normalised(one.type, one.value), one.relationship.value, one.url or ""]
        for one in document.external_ids
    ]
    return plain | {"external_ids": sorted(ids)}


def _folded(value: Any) -> Any:
    match value:
        case str():
            return " ".join(value.split())
        case list():
            return [_folded(one) for one in value]
        case dict():
            return {key: folded for key, one in value.items() if (folded := _folded(one)) not in ("", [])}
        case _:
            return value
