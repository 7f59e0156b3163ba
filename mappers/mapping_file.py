"""The mapping file: what an institution says about its organizations, units, terms, sources and formats, as TOML.

What it says about planning is in `mapping_policy.py`, about formats of its own in `source_formats.py`.
"""

import json
import tomllib
from collections.abc import Set as AbstractSet
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from mappers.documents import Organization, Relationship
from mappers.drafts import Refused
from mappers.events.data import Name, OrganizationData
from mappers.events.faults import shown
from mappers.events.source_formats import FormatEntry, Formats
from mappers.mapping_policy import Entry, ExclusionEntry, Leavers, Pilot, SectionEntry, SectionName, Source, Visibility
from mappers.organizations import organization
from mappers.rules import check_organization
from mappers.rules.parts import text
from mappers.sections import Section
from mappers.vocabularies.activity_terms import FUNDING_TYPES, GROUP_TYPES, RESOURCE_TYPES, REVIEW_TYPES, REVIEWER_ROLES
from mappers.vocabularies.contributor_roles import FUNDING_ROLES, WORK_ROLES
from mappers.vocabularies.countries import COUNTRIES
from mappers.vocabularies.currencies import CURRENCIES
from mappers.vocabularies.identifier_types import IDENTIFIER_TYPES, identifier_type
from mappers.vocabularies.languages import LANGUAGES
from mappers.vocabularies.work_types import WORK_TYPES

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
    folded = {term.strip().lower(): value for term, value in terms.items()}
    if len(folded) < len(terms):
        raise PydanticCustomError("whole", "has a term twice, but for case")
    return folded


def _by_identifier_type(terms: dict[str, Term]) -> dict[str, Term]:
    named = {identifier_type(term, {}): value for term, value in terms.items()}
    for kind in named:
        if kind not in IDENTIFIER_TYPES:
            wrong = f"{kind} is not an identifier type that ORCID knows"
            raise PydanticCustomError("whole", "{text}", {"text": wrong})
    if len(named) < len(terms):
        raise PydanticCustomError("whole", "has a term twice, but for spelling")
    return named


def _department(name: str) -> str:
    for wrong in text("department", name, 4000):
        raise PydanticCustomError("wrong_form", "{text}", {"text": wrong.rule})
    return name


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
            wrong = str(refusal).removeprefix("organization.")
            raise PydanticCustomError("unsound", "{text}", {"text": wrong})
        return self

    @cached_property
    def document(self) -> Organization:
        """The organization for a document."""
        return organization(self, {})


class Unit(Entry):
    """A unit that events name by its code: the department and, unless it is the default, the organization."""

    department: Annotated[str, AfterValidator(_department)] | None = None
    organization: OrganizationEntry | None = None


class MappingFile(Entry):
    """All that the file may hold. Terms map as the source spells them (case does not matter) to ORCID's own."""

    name: str | None = None
    organization: OrganizationEntry | None = None
    units: dict[Name, Unit] = Field(default_factory=dict)
    sources: dict[Name, Source] = Field(default_factory=dict)
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
    funding_roles: Annotated[
        dict[str, Annotated[str, _known(FUNDING_ROLES, "a role of a funding")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    currencies: Annotated[dict[str, Annotated[str, _known(CURRENCIES, "a currency code")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    funding_types: Annotated[
        dict[str, Annotated[str, _known(FUNDING_TYPES, "a funding type")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    review_types: Annotated[
        dict[str, Annotated[str, _known(REVIEW_TYPES, "a review type")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    reviewer_roles: Annotated[
        dict[str, Annotated[str, _known(REVIEWER_ROLES, "a reviewer's role")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    group_types: Annotated[dict[str, Annotated[str, _known(GROUP_TYPES, "a group type")]], AfterValidator(_folded)] = (
        Field(default_factory=dict)
    )
    resource_types: Annotated[
        dict[str, Annotated[str, _known(RESOURCE_TYPES, "a resource type")]], AfterValidator(_folded)
    ] = Field(default_factory=dict)
    relationships: Annotated[
        dict[str, Annotated[Relationship, Field(strict=False)]], AfterValidator(_by_identifier_type)
    ] = Field(default_factory=dict)
    sections: dict[SectionName, SectionEntry] = Field(default_factory=dict)
    pilot: Pilot = Field(default_factory=Pilot)
    exclusions: list[ExclusionEntry] = Field(default_factory=list)
    leavers: Leavers | None = None
    formats: dict[str, FormatEntry] = Field(default_factory=dict)

    @cached_property
    def revision(self) -> str:
        """16 hexadecimal characters, equal for files that map alike.

        Comments don't count, nor what planning alone goes by, nor formats, which the next event goes by. What is not
        set doesn't either, so that a setting this program learns changes no institution's revision.
        """
        plain = self.model_dump(mode="json", exclude=_NOT_MAPPING, exclude_defaults=True)
        return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def source_formats(self) -> Formats:
        """The formats of the institution's own messages."""
        return Formats(self.formats)

    def visibility_of(self, section: Section) -> Visibility | None:
        """The visibility to send when an item of the section is created, None when the file does not say."""
        return self.sections[section].visibility if section in self.sections else None


_NOT_MAPPING = {"name", "sources", "sections", "pilot", "exclusions", "leavers", "formats"}


def parse_mapping(content: str) -> MappingFile:
    """Reads a mapping file; raises MappingFaults with everything that is wrong with it."""
    try:
        return MappingFile.model_validate(tomllib.loads(content))
    except ValidationError as error:
        faults = error.errors(include_url=False)
    except ValueError as error:  # also a number of too many digits
        raise MappingFaults((f"is not TOML: {error}",)) from None
    except RecursionError:
        raise MappingFaults(("is not TOML: it is nested too deep",)) from None
    raise MappingFaults(tuple(_line(fault) for fault in faults))


EMPTY = MappingFile()
"""The mapping of an institution that has no mapping file."""


def _line(error: ErrorDetails) -> str:
    """One line: the setting's path, its value, and what is wrong with it."""
    path = ".".join(_step(step) for step in error["loc"] if not (isinstance(step, str) and step.startswith("[")))
    match error["type"]:
        case "extra_forbidden":
            return f"{path}: is not a setting of the mapping file"
        case "missing":
            return f"{path}: is missing"
        case "whole":
            return f"{path}: {error['msg']}"
        case "unsound":
            return f"{path}.{error['msg']}"
        case "unknown_term" | "wrong_form":
            return f"{path}: {shown(error['input'])} {error['msg']}"
        case _:
            return f"{path}: {shown(error['input'])} is wrong: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _step(step: Any) -> str:
    name = str(step)
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name, ensure_ascii=False)
