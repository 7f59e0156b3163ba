"""Consents: walks through the consent pages, each from its link to its end, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from state.memory.state import Handle
from state.memory.tables import Tables
from state.permission_facts import Consent, ConsentStage
from state.store import StoreError


class MemoryConsents:
    """Walks through the consent pages."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, consent: Consent) -> None:
        """By id."""
        with self._handle.writing as tables:
            if _code_is_taken(tables, consent):
                raise StoreError("the state in memory failed: two consents cannot have come with one code")
            tables.consents.put(consent.id, _owned(consent))

    def consent(self, consent_id: str) -> Consent | None:
        """By id."""
        with self._handle.reading as tables:
            return tables.consents.get(consent_id)

    def advance(self, consent: Consent, expected: ConsentStage) -> bool:
        """Only one of several that come at once may."""
        with self._handle.writing as tables:
            before = tables.consents.get(consent.id)
            if before is None or before.stage is not expected or _code_is_taken(tables, consent):
                return False
            tables.consents.put(consent.id, _owned(consent))
            return True

    def with_code(self, code: str) -> Consent | None:
        """By the code's digest."""
        with self._handle.reading as tables:
            return next(iter(tables.consents.group("code", code)), None) if code else None

    def at(self, stage: ConsentStage) -> Sequence[Consent]:
        """The first to expire first."""
        with self._handle.reading as tables:
            return sorted((consent for consent in tables.consents if consent.stage is stage), key=_end)

    def of_person(self, person: str) -> Sequence[Consent]:
        """The last to expire first."""
        with self._handle.reading as tables:
            walks = tables.consents.group("person", person)
        return sorted(walks, key=lambda consent: (-consent.until, consent.id))

    def expired(self, now: float, limit: int) -> Sequence[Consent]:
        """The first to expire first."""
        with self._handle.reading as tables:
            return sorted((consent for consent in tables.consents if consent.until < now), key=_end)[:limit]

    def drop(self, consent_id: str) -> None:
        """By id."""
        with self._handle.writing as tables:
            tables.consents.drop(consent_id)


def _end(consent: Consent) -> tuple[float, str]:
    return consent.until, consent.id


def _owned(consent: Consent) -> Consent:
    """What ORCID gave in a walk is its person's."""
    grant = consent.grant
    return consent if grant is None else replace(consent, grant=replace(grant, person=consent.person))


def _code_is_taken(tables: Tables, consent: Consent) -> bool:
    others = tables.consents.group("code", consent.code) if consent.code else []
    return any(other.id != consent.id for other in others)
