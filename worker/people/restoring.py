"""Restoring: yesterday's state put in place of today's. What was revoked or forgotten since does not come back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from mappers.events.named_people import people_named
from mappers.events.packed_messages import unpack_message
from mappers.events.people_in_data import people_in
from state.kept import kept_data
from state.permission_facts import Grant, GrantState, token_mark
from state.store import Store
from worker.note_names import RESTORED
from worker.people.erasing import erase_person
from worker.people.forgetting import begin_forgetting
from worker.people.merging import merge_people
from worker.permission.grants import Permissions
from worker.recording.recovering import begin_recovery

NAMES = 10_000
"""So many ids are remembered while it is looked who of those that a backup names was forgotten."""
REVOKED = "it was revoked after the backup that was restored"


@dataclass(frozen=True, slots=True)
class Carried:
    """What the state that is replaced did to the backup: people erased from it, permissions ended in it."""

    erased: int
    revoked: int


def carry_over(present: Store, backup: Store) -> Carried:
    """Makes of a backup what may be put in place of the present state, within transactions of both.

    It is told who are one, what was revoked, and who is or was forgotten: they are erased from it, or their forgetting
    goes on. In recovery mode from then on: sections are listed before anything is added to them (ARCHITECTURE.md 8).
    """
    for person, into in present.people.merged():
        merge_people(backup, person, into)
    revoked = _carry_permissions(present, backup)
    _carry_words(present, backup)
    for one in present.blocks.under_way():
        begin_forgetting(backup, one.person, remove_items=one.remove_items, now=one.since)
    backup.blocks.add_marks(present.blocks.marks())
    erased = 0
    if backup.blocks.any():
        erased = _erase_people(backup)
        _erase_records(backup)
    begin_recovery(backup, backup.now(), "a backup was restored")
    backup.notes.put(RESTORED, repr(backup.now()))
    return Carried(erased, revoked)


def _erase_people(store: Store) -> int:
    """Everybody who was forgotten; returns how many."""
    is_gone = lru_cache(NAMES)(partial(_was_forgotten, store))
    gone = {person for person in _everybody(store) if is_gone(person)}
    for person in sorted(gone):
        erase_person(store, person)
    return len(gone)


def _was_forgotten(store: Store, person: str) -> bool:
    under_way = store.blocks.forgetting(store.people.canonical(person)) is not None
    return store.blocks.blocks_person(person) and not under_way


def _carry_permissions(present: Store, backup: Store) -> int:
    """Permissions are as they are now: what ended stays ended, what was given or refreshed since is kept.

    So are the tokens, what was decided about records that people moved away from, and what they were asked.
    """
    for known in present.people.all():
        before = backup.people.person(known.id)
        denied_at = max(known.denied_at, before.denied_at)
        backup.people.put(replace(before, denied_at=denied_at))
        if known.revoked_at > before.revoked_at:
            Permissions(backup).revoke(known.id, known.revoked_at, REVOKED)
    revoked = sum(_carry_grant(backup, grant) for grant in present.grants.all())
    for token in present.tokens.all():
        backup.tokens.keep(token)
        if token.token is None:
            backup.tokens.drop(token.mark)
    for grant in backup.grants.all():
        kept = backup.tokens.known(token_mark(grant.access_token)) if grant.access_token else None
        if grant.state is GrantState.ACTIVE and kept is not None and kept.token is None:
            backup.grants.mark(grant.person, grant.orcid, GrantState.BROKEN, REVOKED)
            revoked += 1
    for move, _ in present.moves.all():
        backup.moves.put(move)
    for ask in present.asks.all():
        backup.asks.put(ask)
    return revoked


def _carry_grant(backup: Store, grant: Grant) -> bool:
    """True when the backup's grant on this iD counts no more."""
    theirs = backup.grants.of_person(grant.person)
    before = next((one for one in theirs if one.orcid == grant.orcid), None)
    ended = grant.state in (GrantState.ENDING, GrantState.REVOKED)
    if ended and (before is None or before.granted_at <= grant.granted_at):
        backup.grants.put(grant)
        return before is not None and before.state is not grant.state
    if before is None or before.granted_at < grant.granted_at:
        overtaken = grant.state is GrantState.ACTIVE and any(one.granted_at > grant.granted_at for one in theirs)
        backup.grants.put(replace(grant, state=GrantState.REPLACED) if overtaken else grant)
        backup.moves.drop(grant.person, grant.orcid)
        backup.agenda.changed(grant.person, 0.0, 0.0)
        return False
    if grant.granted_at == before.granted_at and grant.refreshed_at > before.refreshed_at:
        newer = replace(grant, state=before.state, reason=before.reason)
        backup.grants.put(newer)
        Permissions(backup).keep(newer, to_revoke=False)
    left = grant.state is GrantState.REPLACED and before.state is GrantState.ACTIVE
    if left and grant.granted_at == before.granted_at:
        backup.grants.mark(grant.person, grant.orcid, grant.state, grant.reason)
        return True
    return False


def _carry_words(present: Store, backup: Store) -> None:
    """What operators said not to send is as they said it last."""
    for brake in backup.brakes.all():
        backup.brakes.release(brake)
    for brake in present.brakes.all():
        backup.brakes.put(brake)
    for one in backup.suppressions.all():
        backup.suppressions.drop(one.person, one.record)
    for one in present.suppressions.all():
        backup.suppressions.put(one)


def _everybody(store: Store) -> Iterator[str]:
    """Every id that is named anywhere, again and again: nobody keeps them all."""
    yield from store.items.persons()
    yield from (one.id for one in store.people.all())
    yield from (one.person for one in store.tokens.all())
    yield from (one for pair in store.people.merged() for one in pair)
    yield from (one.person for one in store.asks.all())
    yield from _named_in_records(store)
    for letter in store.letters.all():
        if letter.envelope:
            yield from people_named(unpack_message(letter.envelope))


def _named_in_records(store: Store) -> Iterator[str]:
    for record in store.records.all():
        if record.data:
            yield from people_in(record.key.entity, kept_data(record.data))
        if record.key.entity.startswith("hr.person"):
            yield record.key.subject


def _erase_records(store: Store) -> None:
    """Those that were erased with somebody, and of which nothing but their version is there: nobody else's."""
    for record in store.records.all():
        if record.removed and store.blocks.erased(record.key) is not None and not store.items.people_of(record.key):
            store.people.erase_record(record.key)
