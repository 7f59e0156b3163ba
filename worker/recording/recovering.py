"""Recovering: what is done about a state that was lost or restored, until it knows all records again.

While it lasts, each section in which something is wanted is listed once before anything else is done there: what
stands there and we don't know is adopted, and a put-code that we know may be another one by now (ARCHITECTURE.md 8).
"""

from dataclasses import dataclass

import structlog

from mappers.sections import Section
from state.store import Store
from worker.note_names import RECOVERY
from worker.planning.policy import Policy

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Recovery:
    """Since when it lasts, and how many sections of connected people's records are left to be listed, and done."""

    since: float
    left: int
    done: int


def begin_recovery(store: Store, now: float, why: str) -> None:
    """Everybody is looked at again. In the caller's transaction."""
    log.error("recovery_began", why=why)
    store.notes.put(RECOVERY, repr(now))
    store.agenda.everybody_changed()


def recovers_since(store: Store, at: float) -> bool:
    """Whether one is under way that began after that time."""
    said = store.notes.get(RECOVERY)
    return said is not None and float(said) > at


def recovery_of(store: Store, policy: Policy, now: float) -> Recovery | None:
    """How far it has come; None when there is none."""
    said = store.notes.get(RECOVERY)
    if said is None:
        return None
    since = float(said)
    left, done = store.items.relisting(since, listable(policy), now)
    return Recovery(since, left, done)


def listable(policy: Policy) -> frozenset[Section]:
    """The sections that are written to, and so listed."""
    return frozenset(one for one in Section if one.is_in(policy.version) and one not in policy.switched_off)


def end_recovery(store: Store, policy: Policy, now: float) -> bool:
    """Ends it once all that can be listed was; true when it is over by that.

    What was not listed, for want of a permission say, counts as never listed nor filled from then on: what was known
    of it is as old as the state that was restored. An empty state, into which nothing was read yet, goes on.
    """
    found = recovery_of(store, policy, now)  # a look at everything, which nobody is kept from writing by
    if found is None or found.left or not found.done:
        return False
    with store.transaction():
        said = store.notes.get(RECOVERY)
        if said is None or float(said) != found.since:
            return False
        store.items.forget_listings(found.since)  # what is wanted since we looked is among it, if it was not listed
        store.notes.put(RECOVERY, None)
    log.info("recovery_ended", sections=found.done, seconds=round(now - found.since, 1))
    return True
