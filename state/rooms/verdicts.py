"""Verdicts: what ORCID said lately about people's records, while it may turn out to be about us."""

from collections.abc import Sequence
from typing import Protocol

from state.verdict_facts import ProvisionalVerdict, VerdictKind


class Verdicts(Protocol):
    """What ORCID said lately about people's records."""

    def note(self, verdict: ProvisionalVerdict) -> None:
        """Writes a verdict by (iD, kind, what)."""
        ...

    def of_kind(self, kind: VerdictKind) -> Sequence[ProvisionalVerdict]:
        """All of a kind, confirmed ones included, the oldest first."""
        ...

    def of_person(self, person: str) -> Sequence[ProvisionalVerdict]:
        """The person's, the oldest first."""
        ...

    def people_since(self, kind: VerdictKind, at: float) -> int:
        """How many people got one of a kind since then that is not confirmed."""
        ...

    def confirmed_at(self, kind: VerdictKind) -> float | None:
        """When verdicts of a kind were confirmed last; None when none is."""
        ...

    def confirm(self, kind: VerdictKind, at: float) -> None:
        """All of a kind that are not confirmed yet stand from now on."""
        ...

    def drop(self, verdict: ProvisionalVerdict) -> None:
        """Forgets one."""
        ...

    def forget(self, before: float) -> None:
        """Forgets those that came before then, and were not confirmed since."""
        ...
