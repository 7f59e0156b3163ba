"""Grants and suspensions, in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from mappers.identifiers import OrcidId
from state.formers import current_grant
from state.memory.state import Handle
from state.memory.tables import Tables
from state.permission_facts import Found, Grant, GrantState, PersonPermission, Sought, Suspension


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
        """The person's active grant; the newest if several were marked so."""
        current = self.current(person)
        return current if current is not None and current.state is GrantState.ACTIVE else None

    def current(self, person: str) -> Grant | None:
        """Active before broken before ending."""
        with self._handle.reading as tables:
            return current_grant(tables.grants.group("person", person))

    def of_person(self, person: str) -> Sequence[Grant]:
        """Newest first."""
        with self._handle.reading as tables:
            return grants_of(tables, person)

    def of_orcid(self, orcid: OrcidId) -> Sequence[Grant]:
        """Newest first."""
        with self._handle.reading as tables:
            return sorted(tables.grants.group("orcid", orcid), key=lambda grant: (-grant.granted_at, grant.person))

    def all(self) -> Iterator[Grant]:
        """By person."""
        with self._handle.reading as tables:
            return iter(sorted(tables.grants, key=lambda grant: (grant.person, grant.granted_at, grant.orcid)))

    def counts(self) -> Mapping[GrantState, int]:
        """Every state, zero included."""
        with self._handle.reading as tables:
            found = Counter(grant.state for grant in tables.grants)
        return {state: found[state] for state in GrantState}

    def permissions(self) -> Iterator[PersonPermission]:
        """In order."""
        with self._handle.reading as tables:
            return iter([_permission(tables, person) for person in _everyone(tables)])

    def search(self, sought: Sought, now: float, after: str, limit: int) -> Found:
        """At all of them."""
        with self._handle.reading as tables:
            ahead = (_permission(tables, person) for person in _everyone(tables) if person > after)
            found = list(islice((one for one in ahead if sought.finds(one, now)), limit))
        return Found(found, found[-1].person if len(found) == limit else None)

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


def grants_of(tables: Tables, person: str) -> list[Grant]:
    """The person's, newest first."""
    return sorted(tables.grants.group("person", person), key=lambda grant: (-grant.granted_at, grant.orcid))


def _everyone(tables: Tables) -> list[str]:
    everyone = {kept.wanted.key.person for kept in tables.wanted}
    everyone.update(stands.published.person for stands in tables.published)
    everyone.update(grant.person for grant in tables.grants)
    everyone.update(known.id for known in tables.people)
    return sorted(everyone)


def _permission(tables: Tables, person: str) -> PersonPermission:
    known = tables.people.get(person)
    denied_at = known.denied_at if known else 0.0
    grants = sorted(grants_of(tables, person), key=lambda grant: grant.state is not GrantState.ACTIVE)
    if not grants:
        return PersonPermission(person, None, "", None, "", 0.0, 0.0, denied_at)
    one = grants[0]
    return PersonPermission(
        person, one.orcid, one.name, one.state, one.reason, one.granted_at, one.expires_at, denied_at
    )


def _replace_others(tables: Tables, grant: Grant) -> None:
    for other in tables.grants.group("person", grant.person):
        if other.orcid != grant.orcid and other.state is GrantState.ACTIVE:
            reason = f"replaced by a grant on {grant.orcid}"
            replaced = replace(other, state=GrantState.REPLACED, reason=reason)
            tables.grants.put((other.person, other.orcid), replaced)
