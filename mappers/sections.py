"""The sections of an ORCID record that a member may write, and what ORCID asks of each (API_FACTS.md 1.2, 1.3)."""

from collections.abc import Set as AbstractSet
from enum import StrEnum


class Section(StrEnum):
    """A section, by its path in the API (singular, as it is written)."""

    EMPLOYMENT = "employment"
    WORK = "work"

    @property
    def list_path(self) -> str:
        """The path that lists the section's items."""
        return f"{self.value}s"

    @property
    def add_scopes(self) -> frozenset[str]:
        """Any one of these scopes lets us add an item."""
        return _ADD_SCOPES[self]

    @property
    def change_scopes(self) -> frozenset[str]:
        """Any one of these scopes lets us update or delete an item of ours."""
        return _CHANGE_SCOPES[self]

    @property
    def is_affiliation(self) -> bool:
        """One of the affiliation kinds, which carry our own external-id on v3.0."""
        return self is Section.EMPLOYMENT

    @property
    def notifies(self) -> bool:
        """Whether a write leaves a message in the researcher's inbox (API_FACTS.md 10)."""
        return True


_AFFILIATIONS_ADD = frozenset({"/affiliations/create", "/affiliations/update", "/activities/update"})
_AFFILIATIONS_CHANGE = frozenset({"/affiliations/update", "/activities/update"})
_ADD_SCOPES = {
    Section.EMPLOYMENT: _AFFILIATIONS_ADD,
    Section.WORK: frozenset({"/orcid-works/create", "/orcid-works/update", "/activities/update"}),
}
_CHANGE_SCOPES = {
    Section.EMPLOYMENT: _AFFILIATIONS_CHANGE,
    Section.WORK: frozenset({"/orcid-works/update", "/activities/update"}),
}


def may_add(section: Section, scopes: AbstractSet[str]) -> bool:
    """Whether a grant with these scopes lets us add to the section."""
    return not section.add_scopes.isdisjoint(scopes)


def may_change(section: Section, scopes: AbstractSet[str]) -> bool:
    """Whether a grant with these scopes lets us update or delete in the section."""
    return not section.change_scopes.isdisjoint(scopes)
