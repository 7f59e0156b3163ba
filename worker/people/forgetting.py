"""Forgetting: a person is erased for good, once what was asked for is removed and every token is revoked.

stop → remove items if asked → revoke → erase → keep marks (ARCHITECTURE.md 9). It is durable: whoever runs goes on
with what another began.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import structlog

from state.facts import Standing
from state.permission_facts import Forgetting
from state.store import Store
from worker.people.erasing import erase_rest, portions
from worker.people.knowing import names_of
from worker.permission.grants import Permissions
from worker.permission.walks import end_walks, has_exchange
from worker.planning.gates import suspended

LEASE_SECONDS = 30.0
STEPS = 20
"""Steps in one turn of the loop, which must stay short: a step takes milliseconds, or tenths where much is erased."""

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


class Eraser:
    """Erases people whose forgetting has come to its end, a few short steps at a time. Used by one thread.

    What it looks for and has not erased yet is not kept: it is begun again after a failure, and by whoever else runs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._walk: Iterator[bool] | None = None

    def go_on(self) -> bool:
        """Takes at most STEPS; true while there is more to do. Not within a transaction; raises StoreError."""
        walk, self._walk = self._walk or self._everybody(), None  # a walk that fails is over
        for _ in range(STEPS):
            if next(walk, None) is None:
                return False
        self._walk = walk
        return True

    def _everybody(self) -> Iterator[bool]:
        erased = False
        for one in self._store.blocks.under_way():
            yield False
            for done in _steps(self._store, one.person):
                erased |= done
                yield done
        if erased:
            self._store.scrub()


def erase_if_done(store: Store, person: str) -> bool:
    """Erases somebody who is being forgotten when nothing is left to do; true when it did. Not within a transaction.

    A call that is under way keeps it from happening: nothing of the person may be written afterwards.
    """
    done = any(_steps(store, person))
    if done:
        store.scrub()
    return done


def finish_forgetting(store: Store, interrupted: Callable[[], bool] = lambda: False) -> None:
    """Erases everybody whose forgetting has come to its end. Not within a transaction."""
    eraser = Eraser(store)
    while not interrupted() and eraser.go_on():
        pass


def _steps(store: Store, person: str) -> Iterator[bool]:
    """Steps that each take a short while, and keep others from writing for less; the last is true when it was done.

    Whoever has to wait is only looked at: nobody else is kept from writing by that.
    """
    if store.blocks.forgetting(person) is None or hindrances(store, person):
        return
    names = names_of(store, person)
    for portion in portions(store, person):
        if portion is not None:
            with _undisturbed(store, person) as is_undisturbed:
                if not is_undisturbed:
                    return
                portion()
        yield False
    with _undisturbed(store, person) as is_undisturbed:
        if not is_undisturbed or names != names_of(store, person):
            return
        erase_rest(store, person)
    log.info("person_forgotten")
    yield True


@contextmanager
def _undisturbed(store: Store, person: str) -> Iterator[bool]:
    """A transaction, within which nobody is at the person's records if it is true, and nothing hinders to erase."""
    with store.transaction():
        if store.blocks.forgetting(person) is None or hindrances(store, person):
            yield False
            return
        holder = uuid4().hex
        orcids = sorted({one.orcid for one in store.grants.of_person(person)})
        held = [(orcid, store.turns.acquire(orcid, holder, LEASE_SECONDS)) for orcid in orcids]
        yield all(epoch is not None for _, epoch in held)
        for orcid, epoch in held:
            if epoch is not None:
                store.turns.release(orcid, epoch)
