"""Permissions: takes grants and their end, in the order in which ORCID issued them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mappers.events.permissions import PermissionGranted
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import Grant, GrantState, KeptToken, token_mark
from state.store import Store

ENDS = frozenset({GrantState.ACTIVE, GrantState.BROKEN, GrantState.REPLACED})
"""The states of a grant that a revocation ends; the others have ended."""


class Taken(StrEnum):
    """What became of a grant or a revocation. `erased`: the person was forgotten, so nothing is taken."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    ERASED = "erased"


class GrantRefused(Exception):  # noqa: N818 - it names what happened to the grant
    """A grant that can't be taken: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Takes grants into a store, in the caller's transaction. Persons may be named by what they were merged from."""

    store: Store

    def grant(self, grant: Grant) -> Taken:
        """Takes a grant. What was issued before the newest that we know of the person is superseded.

        A token that was told before is known by its mark, and changes nothing any more: no replay revives an old
        consent, whatever it claims of its time. A superseded token is kept, for it lives at ORCID until it is revoked.
        Raises GrantRefused when the iD belongs to another person.
        """
        if is_forgotten(self.store, grant.person):
            return Taken.ERASED
        grant = replace(grant, person=self.store.people.canonical(grant.person))
        told = None if grant.access_token is None else self.store.tokens.known(token_mark(grant.access_token))
        known = self.store.grants.of_person(grant.person)
        if (told is not None and told.person == grant.person) or any(_is_same(one, grant) for one in known):
            return Taken.UNCHANGED
        revoked_at = self.store.people.person(grant.person).revoked_at
        if grant.granted_at <= revoked_at or any(_precedes(grant, one) for one in known):
            self.keep(grant, to_revoke=grant.granted_at <= revoked_at)
            return Taken.SUPERSEDED
        self._refuse_anothers(grant)
        if told is not None:
            return Taken.SUPERSEDED
        self._take(grant, known)
        return Taken.APPLIED

    def revoke(self, person: str, at: float, reason: str) -> Taken:
        """Ends the person's grants that were issued up to then, and has all their tokens revoked at ORCID.

        What is published keeps its put-codes. It is remembered without any grant, too: one issued before it may be
        told of later.
        """
        if is_forgotten(self.store, person):
            return Taken.ERASED
        person = self.store.people.canonical(person)
        known = self.store.people.person(person)
        if at > known.revoked_at:
            self.store.people.put(replace(known, revoked_at=at))
        ended = [one for one in self.store.grants.of_person(person) if one.granted_at <= at and one.state in ENDS]
        for one in ended:
            self.keep(one, to_revoke=True)
            self.store.grants.mark(person, one.orcid, GrantState.ENDING, reason)
        living = [
            token for token in self.store.tokens.of_person(person) if token.granted_at <= at and not token.to_revoke
        ]
        for token in living:
            self.store.tokens.keep(replace(token, to_revoke=True))
        if not ended and not living:
            return Taken.UNCHANGED
        self.store.agenda.changed(person, 0.0, 0.0)
        return Taken.APPLIED

    def revoke_all(self, person: str, now: float, reason: str) -> Taken:
        """As `revoke`, of all that there is: also of what is dated ahead, within what clocks may differ."""
        person = self.store.people.canonical(person)
        dated = [one.granted_at for one in self.store.grants.of_person(person)]
        dated += [token.granted_at for token in self.store.tokens.of_person(person)]
        return self.revoke(person, max([now, *dated]), reason)

    def keep(self, grant: Grant, *, to_revoke: bool) -> None:
        """Keeps a grant's token in the ledger, if it has one; to be revoked, it is so the next time it is their turn.

        A token that another person's grant holds stays theirs.
        """
        if grant.access_token is None:
            return
        mark = token_mark(grant.access_token)
        told = self.store.tokens.known(mark)
        if told is not None and told.person != grant.person:
            return
        self.store.tokens.keep(
            KeptToken(mark, grant.person, grant.orcid, grant.granted_at, grant.access_token, to_revoke)
        )
        if to_revoke:
            self.store.agenda.changed(grant.person, 0.0, 0.0)

    def owner(self, orcid: OrcidId) -> str | None:
        """The person that an iD is connected to, and so can be no other's: also after a revocation.

        Who is connected to another iD by now has left it, whatever became of their permission there.
        """
        people = {one.person: one.state for one in self.store.grants.of_orcid(orcid)}
        return next((person for person, state in people.items() if self._is_theirs(person, orcid, state)), None)

    def _is_theirs(self, person: str, orcid: OrcidId, state: GrantState) -> bool:
        current = self.store.grants.current(person)
        return state is not GrantState.REPLACED and (current is None or current.orcid == orcid)

    def _refuse_anothers(self, grant: Grant) -> None:
        owner = self.owner(grant.orcid)
        if owner not in (None, grant.person):
            raise GrantRefused(
                f"{grant.orcid} belongs to {owner} already, so not to {grant.person}: one iD, one person;"
                f" {owner} leaves it by connecting another one, or with `orcid-sync forget {owner}`"
            )

    def _take(self, grant: Grant, known: Sequence[Grant]) -> None:
        for one in known:
            self.keep(one, to_revoke=False)
        self.keep(grant, to_revoke=False)
        self.store.grants.put(grant)
        self.store.grants.lift(grant.orcid)
        self.store.moves.drop(grant.person, grant.orcid)
        person = self.store.people.person(grant.person)
        if 0.0 < person.denied_at <= grant.granted_at:
            self.store.people.put(replace(person, denied_at=0.0))
        self.store.agenda.changed(grant.person, 0.0, 0.0)


def is_forgotten(store: Store, person: str) -> bool:
    """Whether a person is being, or was, forgotten, under this id or the one they were merged into."""
    blocks, canonical = store.blocks, store.people.canonical(person)
    return blocks.blocks_person(person) or blocks.blocks_person(canonical)


def _is_same(one: Grant, other: Grant) -> bool:
    return one.orcid == other.orcid and one.access_token == other.access_token


def _precedes(grant: Grant, other: Grant) -> bool:
    """Whether it was issued before the other; of two at the same moment the tokens' marks decide, for want of else."""
    return (grant.granted_at, _mark(grant.access_token)) < (other.granted_at, _mark(other.access_token))


def _mark(token: Secret | None) -> str:
    return "" if token is None else token_mark(token)


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
