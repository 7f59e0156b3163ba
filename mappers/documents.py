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
    email: str | None = None


class Amount(_Part):
    """An amount of money, as text that reads as a number, in a currency of ISO 4217."""

    value: str
    currency: str


class Resource(_Part):
    """One resource that a proposal was granted."""

    name: str
    type: str
    hosts: tuple[Organization, ...]
    external_ids: tuple[ExternalId, ...] = ()
    url: str | None = None


class Affiliation(_Part):
    """An affiliation of any kind; its `section` is the kind."""

    section: Literal[
        Section.EMPLOYMENT,
        Section.EDUCATION,
        Section.QUALIFICATION,
        Section.INVITED_POSITION,
        Section.DISTINCTION,
        Section.MEMBERSHIP,
        Section.SERVICE,
    ] = Section.EMPLOYMENT
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


class Funding(_Part):
    """A funding; `organization` is the funder."""

    section: Literal[Section.FUNDING] = Section.FUNDING
    title: str
    type: str
    organization: Organization
    translated_title: TranslatedTitle | None = None
    organization_defined_type: str | None = None
    short_description: str | None = None
    amount: Amount | None = None
    url: str | None = None
    start_date: Date | None = None
    end_date: Date | None = None
    external_ids: tuple[ExternalId, ...] = ()
    contributors: tuple[Contributor, ...] = ()


class PeerReview(_Part):
    """A peer review. `external_ids` are its review-identifiers; `subject_…` is what was reviewed."""

    section: Literal[Section.PEER_REVIEW] = Section.PEER_REVIEW
    reviewer_role: str
    review_type: str
    completion_date: Date
    review_group_id: str
    organization: Organization
    external_ids: tuple[ExternalId, ...] = ()
    url: str | None = None
    subject_external_id: ExternalId | None = None
    subject_container_name: str | None = None
    subject_type: str | None = None
    subject_name: str | None = None
    subject_subtitle: str | None = None
    subject_translated_name: TranslatedTitle | None = None
    subject_url: str | None = None


class ResearchResource(_Part):
    """A research resource: the proposal, whose identifiers are `external_ids`, and what it was granted."""

    section: Literal[Section.RESEARCH_RESOURCE] = Section.RESEARCH_RESOURCE
    title: str
    hosts: tuple[Organization, ...]
    resources: tuple[Resource, ...]
    translated_title: TranslatedTitle | None = None
    external_ids: tuple[ExternalId, ...] = ()
    start_date: Date | None = None
    end_date: Date | None = None
    url: str | None = None


class OtherName(_Part):
    """Another name of the person."""

    section: Literal[Section.OTHER_NAMES] = Section.OTHER_NAMES
    content: str


class Keyword(_Part):
    """A keyword."""

    section: Literal[Section.KEYWORDS] = Section.KEYWORDS
    content: str


class ResearcherUrl(_Part):
    """A web address of the person."""

    section: Literal[Section.RESEARCHER_URLS] = Section.RESEARCHER_URLS
    url: str
    name: str | None = None


class Address(_Part):
    """The country of the person."""

    section: Literal[Section.ADDRESS] = Section.ADDRESS
    country: str


class PersonExternalId(_Part):
    """An identifier of the person, such as in another registry. Its type is free text; always `self`."""

    section: Literal[Section.EXTERNAL_IDENTIFIERS] = Section.EXTERNAL_IDENTIFIERS
    type: str
    value: str
    url: str

    @property
    def identity(self) -> str:
        """`type:value`, and no two identifiers the same: a type that has a colon, or ends with a backslash, is escaped.

        So the first colon after no backslash ends the type.
        """
        kind = self.type
        if ":" in kind or kind.endswith("\\"):
            kind = kind.replace("\\", "\\\\").replace(":", "\\:")
        return f"{kind}:{self.value}"


Activity = Affiliation | Work | Funding | PeerReview | ResearchResource
"""What carries external-ids, and with them our own."""
Document = Activity | OtherName | Keyword | ResearcherUrl | Address | PersonExternalId
_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Annotated[Document, Field(discriminator="section")])


def dump(document: Document) -> str:
    """The document as the store keeps it: JSON without what is not set."""
    return document.model_dump_json(exclude_none=True)


def load(text: str) -> Document:
    """Reads what `dump` wrote; raises pydantic's ValidationError for anything else."""
    return _DOCUMENT.validate_json(text)


def self_ids(document: Document) -> frozenset[str]:
    """The identities by which ORCID would call another item the same one.

    An activity's `self` identifiers; in the person sections the content that ORCID compares (API_FACTS.md 4), and of
    an address its country. ORCID compares a funding's identifiers as they stand; normalised ones meet sooner, never
    later, so two of ours are one before ORCID could refuse the second.
    """
    match document:
        case OtherName() | Keyword():
            return frozenset({document.content})
        case ResearcherUrl():
            return frozenset({document.url})
        case Address():
            return frozenset({document.country})
        case PersonExternalId():
            return frozenset({document.identity})
        case _:
            return frozenset(one.identity for one in document.external_ids if one.relationship is Relationship.SELF)


def digest(document: Document) -> str:
    """32 hexadecimal characters, equal for documents that say the same.

    Taken over the canonical form: text trimmed and white space within folded, external-ids normalised and in order,
    nothing that is not set. Never over bytes, so version and format don't matter (ARCHITECTURE.md 5).
    """
    canonical = _canonical(document)
    if isinstance(document, Affiliation | Work | Funding | PeerReview | ResearchResource):
        canonical.setdefault("external_ids", [])
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    match value:
        case ExternalId():
            return [value.type, normalised(value.type, value.value), value.relationship.value, value.url or ""]
        case BaseModel():
            parts = {name: _canonical(getattr(value, name)) for name in type(value).model_fields}
            return {name: part for name, part in parts.items() if part not in (None, "", [])}
        case (ExternalId(), *_):
            return sorted(_canonical(one) for one in value)
        case tuple():
            return [_canonical(one) for one in value]
        case FuzzyDate():
            return str(value)
        case str():
            return " ".join(value.split())
        case _:
            return value
