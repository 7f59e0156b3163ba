"""Grants and suspensions, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappers.identifiers import OrcidId
from state.facts import Grant, GrantState, Suspension
from state.memory.state import Handle
from state.memory.tables import Tables


class MemoryGrants:
    """What people allowed us, and records that take no writes."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, grant: Grant) -> None:
        """At most one of a person stays active."""
        with self._handle.writing as tables:
            if grant.state is GrantState.ACTIVE:
                _replace_others(tables, grant)
            tables.grants.put((grant.person, grant.orcid), grant)

    def active(self, person: str) -> Grant | None:
        """The person's active grant."""
        with self._handle.reading as tables:
            return _newest(tables, person, GrantState.ACTIVE)

    def current(self, person: str) -> Grant | None:
        """Active before broken."""
        with self._handle.reading as tables:
            return current_grant(tables, person)

    def of_person(self, person: str) -> Sequence[Grant]:
        """Newest first."""
        with self._handle.reading as tables:
            return sorted(tables.grants.group("person", person), key=lambda grant: (-grant.granted_at, grant.orcid))

    def of_orcid(self, orcid: OrcidId) -> Sequence[Grant]:
        """Newest first."""
        with self._handle.reading as tables:
            return sorted(tables.grants.group("orcid", orcid), key=lambda grant: (-grant.granted_at, grant.person))

    def all(self) -> Sequence[Grant]:
        """By person."""
        with self._handle.reading as tables:
            return sorted(tables.grants, key=lambda grant: (grant.person, grant.granted_at, grant.orcid))

    def counts(self) -> Mapping[GrantState, int]:
        """Every state, zero included."""
        with self._handle.reading as tables:
            found = Counter(grant.state for grant in tables.grants)
        return {state: found[state] for state in GrantState}

    def mark(self, person: str, orcid: OrcidId, state: GrantState, reason: str) -> None:
        """Sets state and reason."""
        with self._handle.writing as tables:
            grant = tables.grants.get((person, orcid))
            if grant is not None:
                tables.grants.put((person, orcid), replace(grant, state=state, reason=reason))

    def suspend(self, suspension: Suspension) -> None:
        """The newest counts."""
        with self._handle.writing as tables:
            tables.suspensions.put(suspension.orcid, suspension)

    def lift_for(self, person: str) -> None:
        """Of all the person's iDs."""
        with self._handle.writing as tables:
            for grant in list(tables.grants.group("person", person)):
                tables.suspensions.drop(grant.orcid)

    def lift(self, orcid: OrcidId) -> None:
        """Takes it away."""
        with self._handle.writing as tables:
            tables.suspensions.drop(orcid)


def current_grant(tables: Tables, person: str) -> Grant | None:
    """The person's active grant, else the newest broken one."""
    return _newest(tables, person, GrantState.ACTIVE) or _newest(tables, person, GrantState.BROKEN)


def _newest(tables: Tables, person: str, state: GrantState) -> Grant | None:
    found = [grant for grant in tables.grants.group("person", person) if grant.state is state]
    return min(found, key=lambda grant: (-grant.granted_at, grant.orcid), default=None)


def _replace_others(tables: Tables, grant: Grant) -> None:
    for other in tables.grants.group("person", grant.person):
        if other.orcid != grant.orcid and other.state is GrantState.ACTIVE:
            reason = f"replaced by a grant on {grant.orcid}"
            replaced = replace(other, state=GrantState.REPLACED, reason=reason)
            tables.grants.put((other.person, other.orcid), replaced)
