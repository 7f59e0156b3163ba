"""Consents: walks through the consent pages, each from its link to its end."""

from collections.abc import Sequence
from typing import Protocol

from state.permission_facts import Consent, ConsentStage


class Consents(Protocol):
    """Walks through the consent pages. What ORCID gave in them is sealed at rest."""

    def put(self, consent: Consent) -> None:
        """Writes a walk by its id; what ORCID gave in it is its person's. Two never have one code: StoreError."""
        ...

    def consent(self, consent_id: str) -> Consent | None:
        """One walk."""
        ...

    def advance(self, consent: Consent, expected: ConsentStage) -> bool:
        """Writes the walk if it still is at the stage `expected`, compared and written in one statement.

        Not, either, when another walk came with the same code: false then, too.
        """
        ...

    def with_code(self, code: str) -> Consent | None:
        """The walk that came with this code (its keyed digest)."""
        ...

    def at(self, stage: ConsentStage) -> Sequence[Consent]:
        """The walks at a stage, the first to expire first."""
        ...

    def of_person(self, person: str) -> Sequence[Consent]:
        """The person's walks, the last to expire first."""
        ...

    def expired(self, now: float, limit: int) -> Sequence[Consent]:
        """Walks that expired before now, at most `limit`."""
        ...

    def drop(self, consent_id: str) -> None:
        """Forgets a walk."""
        ...
