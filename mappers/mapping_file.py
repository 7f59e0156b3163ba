"""The mapping file: what an institution says about its organizations, units, terms and sources, as TOML."""

import json
import tomllib
from collections.abc import Set as AbstractSet
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from mappers.contributor_roles import WORK_ROLES
from mappers.countries import COUNTRIES
from mappers.documents import Organization, Relationship
from mappers.drafts import Refused
from mappers.event_data import Name, OrganizationData
from mappers.faults import shown
from mappers.identifier_types import IDENTIFIER_TYPES
from mappers.languages import LANGUAGES
from mappers.organizations import organization
from mappers.rules import check_organization
from mappers.work_types import WORK_TYPES

Term = TypeVar("Term", bound=str)


class MappingFaults(Exception):  # noqa: N818 - several, and each is one line
    """The mapping file can't be used: all that is wrong with it, one line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _known(terms: AbstractSet[str], what: str) -> AfterValidator:
    def check(term: str) -> str:
        if term not in terms:
            raise PydanticCustomError("unknown_term", "{text}", {"text": f"is not {what} that ORCID knows"})
        return term

    return AfterValidator(check)


def _folded(terms: dict[str, Term]) -> dict[str, Term]:
    return {term.strip().lower(): value for term, value in terms.items()}


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OrganizationEntry(OrganizationData):
    """An organization as in an event; checked when the file is read, as far as every kind of item needs it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        try:
            refusal = check_organization(self.document)
        except Refused as refused:
            refusal = refused.refusal
        if refusal is not None:
            text = str(refusal).removeprefix("organization.")
            raise PydanticCustomError("unsound", "{text}", {"text": text})
        return self

    @cached_property
    def document(self) -> Organization:
        """The organization for a document."""
        return organization(self, {})


class Unit(_Entry):
    """A unit that events name by its code: the department and, unless it is the default, the organization."""

    department: str | None = None
    organization: OrganizationEntry | None = None


class Source(_Entry):
    """A source of events: namespace of our own identifiers, what orders its events, which source wins a slot."""

    namespace: Name | None = None
    order: Literal["sequence", "time"] | None = None
    precedence: int = 0
    """Of two items that ORCID would count as one, that of the source with the greater number stands."""


class Pilot(_Entry):
    """The people that a pilot is limited to (ORCID_SYNC_SEND=pilot)."""

    people: list[Name] = Field(default_factory=list)


class MappingFile(_Entry):
    """All that the file may hold. Terms map as the source spells them (case does not matter) to ORCID's own."""

    name: str | None = None
    organization: OrganizationEntry | None = None
    units: dict[str, Unit] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    work_types: Annotated[dict[str, Annotated[str, _known(WORK_TYPES, "a work type")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    identifier_types: Annotated[
        dict[str, Annotated[str, _known(IDENTIFIER_TYPES, "an identifier type")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    languages: Annotated[dict[str, Annotated[str, _known(LANGUAGES, "a language code")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    countries: Annotated[dict[str, Annotated[str, _known(COUNTRIES, "a country code")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    roles: Annotated[dict[str, Annotated[str, _known(WORK_ROLES, "a contributor role")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    relationships: Annotated[dict[str, Annotated[Relationship, Field(strict=False)]], AfterValidator(_folded)] = Field(
        default_factory=dict
    )
    pilot: Pilot = Field(default_factory=Pilot)

    @cached_property
    def revision(self) -> str:
        """16 hexadecimal characters, equal for files that map alike: comments, sources and pilot don't count."""
        plain = self.model_dump(mode="json", exclude={"name", "sources", "pilot"}, exclude_none=True)
        return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def parse_mapping(text: str) -> MappingFile:
    """Reads a mapping file; raises MappingFaults with everything that is wrong with it."""
    try:
        return MappingFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise MappingFaults((f"is not TOML: {error}",)) from None
    except ValidationError as error:
        faults = error.errors(include_url=False)
    raise MappingFaults(tuple(_line(fault) for fault in faults))


EMPTY = MappingFile()
"""The mapping of an institution that has no mapping file."""


def _line(error: ErrorDetails) -> str:
    """One line: the setting's path, its value, and what is wrong with it."""
    path = ".".join(_step(step) for step in error["loc"] if step != "[key]")
    match error["type"]:
        case "extra_forbidden":
            return f"{path}: is not a setting of the mapping file"
        case "unsound":
            return f"{path}.{error['msg']}"
        case "unknown_term" | "wrong_form":
            return f"{path}: {shown(error['input'])} {error['msg']}"
        case _:
            return f"{path}: {shown(error['input'])} is wrong: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _step(step: Any) -> str:
    text = str(step)
    return text if text.replace("_", "").replace("-", "").isalnum() else json.dumps(text, ensure_ascii=False)
