"""Forgetting: a person is erased for good, once what was asked for is removed and every token is revoked.

stop → remove items if asked → revoke → erase → keep marks (ARCHITECTURE.md 9). It is durable: whoever runs goes on
with what another began.
"""

from uuid import uuid4

import structlog

from state.facts import Standing
from state.permission_facts import Forgetting
from state.store import Store
from worker.people.erasing import erase_person
from worker.permission.grants import Permissions
from worker.permission.walks import end_walks, has_exchange
from worker.planning.gates import suspended

LEASE_SECONDS = 30.0

log = structlog.get_logger()


def begin_forgetting(store: Store, person: str, *, remove_items: bool, now: float) -> str:
    """Stops everything for a person and has their tokens revoked, in one transaction; returns whom it is kept under.

    Asked again, what is asked now counts.
    """
    with store.transaction():
        person = store.people.canonical(person)
        if store.blocks.forgetting(person) is None:
            _end_permissions(store, person, now)
        store.blocks.begin(Forgetting(person, remove_items, now))
        store.agenda.changed(person, 0.0, 0.0)
    return person


def _end_permissions(store: Store, person: str, now: float) -> None:
    Permissions(store).revoke_all(person, now, "the person is being forgotten")
    end_walks(store, person, now)
    store.tokens.revoke_all(person)


def hindrances(store: Store, person: str) -> tuple[str, ...]:
    """Why somebody who is being forgotten is not erased yet, a line each."""
    forgetting = store.blocks.forgetting(person)
    facts = store.items.facts(person)
    tokens = store.tokens.of_person(person)
    standing = [one for one in facts.published if one.standing in (Standing.LIVE, Standing.MISSING)]
    found = []
    if facts.intents:
        found.append(f"{len(facts.intents)} calls got no clear answer yet")
    if standing and forgetting is not None and forgetting.remove_items:
        found.append(f"{len(standing)} items still stand on ORCID; without --remove-items they stay there")
        suspensions = [facts.suspension, *(one.suspension for one in facts.former)]
        found.extend(suspended(one) for one in suspensions if one is not None)
    if has_exchange(store, person, store.now()):
        found.append("ORCID is being asked for a token at this moment")
    if tokens:
        found.append(f"{len(tokens)} tokens are not revoked at ORCID yet")
    return tuple(found)


def erase_if_done(store: Store, person: str) -> bool:
    """Erases somebody who is being forgotten when nothing is left to do; true when it did. Not within a transaction.

    A call that is under way keeps it from happening: nothing of the person may be written afterwards.
    """
    with store.transaction():
        if store.blocks.forgetting(person) is None or hindrances(store, person):
            return False
        holder = uuid4().hex
        orcids = sorted({one.orcid for one in store.grants.of_person(person)})
        held = [(orcid, store.turns.acquire(orcid, holder, LEASE_SECONDS)) for orcid in orcids]
        done = all(epoch is not None for _, epoch in held)
        records = erase_person(store, person) if done else 0
        for orcid, epoch in held:
            if epoch is not None:
                store.turns.release(orcid, epoch)
    if done:
        store.scrub()
        log.info("person_forgotten", source_records=records)
    return done


def finish_forgetting(store: Store) -> int:
    """Erases everybody whose forgetting has come to its end; returns how many. Not within a transaction."""
    return sum(erase_if_done(store, one.person) for one in store.blocks.under_way())
