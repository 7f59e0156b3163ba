"""Permissions: takes grants and their end, in the order in which ORCID issued them."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mappers.events.permissions import PermissionGranted
from state.facts import Grant, GrantState
from state.store import Store

REVOKED_AT = "revoked-at"
"""The note that says, with a person's id behind it, when the person's newest revocation was said."""


class Taken(StrEnum):
    """What became of a grant or a revocation."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"


class GrantRefused(Exception):  # noqa: N818 - it names what happened to the grant
    """A grant that can't be taken: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Takes grants into a store, in the caller's transaction."""

    store: Store

    def grant(self, grant: Grant) -> Taken:
        """Takes a grant. One issued before what we know of the person is superseded: no replay revives an old consent.

        Raises GrantRefused when the iD belongs to another person.
        """
        for other in self.store.grants.of_orcid(grant.orcid):
            if other.person != grant.person and other.state is not GrantState.REPLACED:
                raise GrantRefused(
                    f"{grant.orcid} belongs to {other.person} already, so not to {grant.person}: one iD, one person"
                )
        known = self.store.grants.of_person(grant.person)
        if any(one.orcid == grant.orcid and one.access_token == grant.access_token for one in known):
            return Taken.UNCHANGED
        if any(one.granted_at > grant.granted_at for one in known) or grant.granted_at < self._revoked_at(grant.person):
            return Taken.SUPERSEDED
        self.store.grants.put(grant)
        self.store.grants.lift(grant.orcid)
        self.store.agenda.changed(grant.person, 0.0, 0.0)
        return Taken.APPLIED

    def revoke(self, person: str, at: float, reason: str) -> Taken:
        """Ends the person's grants that were issued before then; what is published keeps its put-codes.

        It is remembered without any grant, too: one issued before it may be told of later.
        """
        if at > self._revoked_at(person):
            self.store.notes.put(f"{REVOKED_AT} {person}", repr(at))
        ended = [
            one
            for one in self.store.grants.of_person(person)
            if one.granted_at <= at and one.state in (GrantState.ACTIVE, GrantState.BROKEN)
        ]
        for one in ended:
            # From then on: what ORCID issued before the revocation does not revive it.
            self.store.grants.put(replace(one, state=GrantState.REVOKED, reason=reason, granted_at=at))
        if ended:
            self.store.agenda.changed(person, 0.0, 0.0)
        return Taken.APPLIED if ended else Taken.UNCHANGED

    def _revoked_at(self, person: str) -> float:
        return float(self.store.notes.get(f"{REVOKED_AT} {person}") or 0.0)


def grant_of(event: PermissionGranted) -> Grant:
    """The grant that an event, or a line of an import, speaks of."""
    return Grant(
        person=event.person,
        orcid=event.orcid,
        name=event.name,
        scopes=event.scopes,
        access_token=event.access_token,
        refresh_token=event.refresh_token,
        expires_at=event.expires_at,
        granted_at=event.granted_at,
    )
