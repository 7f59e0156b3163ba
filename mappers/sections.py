"""The sections of an ORCID record that a member may write, and what ORCID asks of each (API_FACTS.md 1, 4, 10)."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from mappers.forms import Version


class Section(StrEnum):
    """A section, by its path in the API, as it is written to."""

    EMPLOYMENT = "employment"
    EDUCATION = "education"
    QUALIFICATION = "qualification"
    INVITED_POSITION = "invited-position"
    DISTINCTION = "distinction"
    MEMBERSHIP = "membership"
    SERVICE = "service"
    WORK = "work"
    FUNDING = "funding"
    PEER_REVIEW = "peer-review"
    RESEARCH_RESOURCE = "research-resource"
    OTHER_NAMES = "other-names"
    KEYWORDS = "keywords"
    RESEARCHER_URLS = "researcher-urls"
    ADDRESS = "address"
    EXTERNAL_IDENTIFIERS = "external-identifiers"

    @property
    def list_path(self) -> str:
        """The path that lists the section's items."""
        return self.value if self.is_of_person else f"{self.value}s"

    @property
    def add_scopes(self) -> frozenset[str]:
        """Any one of these scopes lets us add an item."""
        return _ADD_SCOPES[self]

    @property
    def change_scopes(self) -> frozenset[str]:
        """Any one of these scopes lets us update an item of ours."""
        return _CHANGE_SCOPES[self]

    @property
    def remove_scopes(self) -> frozenset[str]:
        """Any one of these scopes lets us delete an item of ours."""
        return _BIO if self is Section.EXTERNAL_IDENTIFIERS else _CHANGE_SCOPES[self]

    @property
    def is_affiliation(self) -> bool:
        """One of the affiliation kinds, which carry our own external-id on v3.0."""
        return self in AFFILIATIONS

    @property
    def is_of_person(self) -> bool:
        """One of the sections that hold facts about the person, not activities: each item is known by its content."""
        return self in PERSON_SECTIONS

    @property
    def takes_bulk(self) -> bool:
        """Whether items are added, and read, up to a hundred in one call (API_FACTS.md 1.4)."""
        return self is Section.WORK

    @property
    def notifies(self) -> bool:
        """Whether a write leaves a message in the researcher's inbox (API_FACTS.md 10)."""
        return not self.is_of_person

    @property
    def lists_whole_items(self) -> bool:
        """Whether its list tells all there is to an item, so that none has to be read alone."""
        return self.is_of_person or self.is_affiliation

    def is_in(self, version: Version) -> bool:
        """Whether this version of the API has the section."""
        return version is Version.V3_0 or self not in _SINCE_V3

    def is_deduplicated(self, version: Version) -> bool:
        """Whether ORCID refuses to add what stands there already, by its identifiers or its content (9021, 9030).

        It does not for an address, nor for v2.1's affiliations, which carry no external-ids (API_FACTS.md 4).
        """
        return self is not Section.ADDRESS and not (self.is_affiliation and version is Version.V2_1)


AFFILIATIONS = frozenset(
    {
        Section.EMPLOYMENT,
        Section.EDUCATION,
        Section.QUALIFICATION,
        Section.INVITED_POSITION,
        Section.DISTINCTION,
        Section.MEMBERSHIP,
        Section.SERVICE,
    }
)
PERSON_SECTIONS = frozenset(
    {
        Section.OTHER_NAMES,
        Section.KEYWORDS,
        Section.RESEARCHER_URLS,
        Section.ADDRESS,
        Section.EXTERNAL_IDENTIFIERS,
    }
)
_SINCE_V3 = AFFILIATIONS - {Section.EMPLOYMENT, Section.EDUCATION} | {Section.RESEARCH_RESOURCE}

_BIO = frozenset({"/orcid-bio/update", "/person/update"})


def _adding(section: Section) -> frozenset[str]:
    match section:
        case Section.WORK:
            return frozenset({"/orcid-works/create", "/orcid-works/update", "/activities/update"})
        case Section.FUNDING | Section.PEER_REVIEW:
            return frozenset({f"/{section}/create", f"/{section}/update", "/activities/update"})
        case Section.EXTERNAL_IDENTIFIERS:
            return frozenset({"/orcid-bio/external-identifiers/create", "/person/update"})
        case _ if section.is_of_person:
            return _BIO
        case _:  # research resources go with the affiliations' scopes
            return frozenset({"/affiliations/create", "/affiliations/update", "/activities/update"})


def _changing(section: Section) -> frozenset[str]:
    adding = _adding(section)
    return adding if section.is_of_person else frozenset(scope for scope in adding if not scope.endswith("/create"))


_ADD_SCOPES = {section: _adding(section) for section in Section}
_CHANGE_SCOPES = {section: _changing(section) for section in Section}


def may_add(section: Section, scopes: AbstractSet[str]) -> bool:
    """Whether a grant with these scopes lets us add to the section."""
    return not section.add_scopes.isdisjoint(scopes)


def may_change(section: Section, scopes: AbstractSet[str]) -> bool:
    """Whether a grant with these scopes lets us update an item of ours in the section."""
    return not section.change_scopes.isdisjoint(scopes)


def may_remove(section: Section, scopes: AbstractSet[str]) -> bool:
    """Whether a grant with these scopes lets us delete an item of ours in the section."""
    return not section.remove_scopes.isdisjoint(scopes)
