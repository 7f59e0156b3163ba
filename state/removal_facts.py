"""Removals as the guard counts them (ARCHITECTURE.md 6, Guard), as frozen data without SQL."""

from dataclasses import dataclass
from enum import StrEnum

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey

Place = tuple[OrcidId, Section, int, str]
"""An iD, a section, a put-code there, and the digest of the emptied document; none for a removal."""


class RemovalState(StrEnum):
    """Whether a removal may go out. `rejected`: what it is about stays until its source speaks of the record again."""

    DUE = "due"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Removal:
    """What would be taken off a record: what stands under a put-code, or what an update empties there.

    `digest` is that of the emptied document, and empty for a removal. `number` is its place in the order in which
    removals were asked for. `sent`: it was, and counts, whatever becomes of it. `at` is when: it was sent, or else
    asked for.
    """

    number: int
    orcid: OrcidId
    put_code: int
    item: ItemKey
    digest: str
    at: float
    state: RemovalState = RemovalState.DUE
    sent: bool = False

    @property
    def person(self) -> str:
        """Whose record it is."""
        return self.item.person

    @property
    def place(self) -> Place:
        """What tells it from the others of its person."""
        return self.orcid, self.item.section, self.put_code, self.digest

    @property
    def stopped(self) -> bool:
        """Whether it must not be sent now."""
        return self.state in (RemovalState.HELD, RemovalState.REJECTED) and not self.sent


@dataclass(frozen=True, slots=True)
class HeldCount:
    """How many removals of a source are held, `emptied` of them updates that only empty fields.

    `last` is the greatest of their numbers.
    """

    source: str
    removals: int
    emptied: int
    last: int


@dataclass(frozen=True, slots=True)
class RemovalWindow:
    """The time over which a source's removals are counted: since when, and how many items it had published then.

    `gone` were sent and are over, `let` those of them that an operator had approved.
    """

    source: str
    began_at: float
    published: int
    gone: int = 0
    let: int = 0
