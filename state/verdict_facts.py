"""Verdict facts: what ORCID said about one person's record, kept for as long as it may turn out to be about us."""

from dataclasses import dataclass
from enum import StrEnum

from mappers.identifiers import OrcidId


class VerdictKind(StrEnum):
    """Verdicts that count as provisional while many people get the same one (ARCHITECTURE.md section 7)."""

    TOMBSTONE = "tombstone"
    BROKEN_GRANT = "broken_grant"
    SMALL_SCOPE = "small_scope"
    SUSPENDED = "suspended"
    NOT_OURS = "not_ours"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ProvisionalVerdict:
    """A verdict as it came. `what` is told by whoever noted it, and is all that undoing it needs besides.

    From `confirmed_at` on it stands for good; it is kept so that its kind is believed for a while.
    """

    person: str
    orcid: OrcidId
    kind: VerdictKind
    what: str
    at: float
    confirmed_at: float | None = None
