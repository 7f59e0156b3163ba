"""Group-id records: what peer reviews belong to. They are our client's, not a person's (API_FACTS.md 4.2)."""

from dataclasses import dataclass

ISSN_PREFIX = "issn:"


@dataclass(frozen=True, slots=True)
class GroupIdRecord:
    """A group as an event names it. ORCID compares `id` without regard to case or to white space around it."""

    id: str
    name: str | None = None
    type: str | None = None
    description: str | None = None

    @property
    def key(self) -> str:
        """What two names of one group have in common."""
        return self.id.strip().lower()

    @property
    def is_issn(self) -> bool:
        """ORCID makes these by itself, from the ISSN portal: one is never posted."""
        return self.key.startswith(ISSN_PREFIX)

    @property
    def is_complete(self) -> bool:
        """Whether it says enough to be created."""
        return bool(self.name and self.type)
