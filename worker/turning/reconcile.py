"""Reconciling to the end: turns of the loop until nothing is due, for `replay` and `sync`."""

from collections.abc import Callable
from dataclasses import dataclass

from state.store import Store
from worker.ports import Clock
from worker.turning.loop import Loop
from worker.turning.records import is_paused
from worker.watching.tally import Tally

LONGEST_WAIT = 0.5
"""Seconds that one turn waits at the most, so that an interrupt and the progress bar are served."""


SHORTEST_TRY = 5.0
"""Seconds without a change for which what is due is still tried, however short the wait."""


@dataclass(frozen=True, slots=True)
class Until:
    """When to end: nothing due, nor within `wait` seconds after the last call that changed something."""

    wait: float
    interrupted: Callable[[], bool]
    progress: Callable[[], None]
    person: str | None = None
    """Nobody's record but this person's; None: everybody's."""
    before: float | None = None
    """Whoever comes due after this time is left to whoever runs beside us; None: nobody is."""


def reconcile(loop: Loop, store: Store, tally: Tally, clock: Clock, until: Until) -> bool:
    """Runs turns until nothing is due; false when it was interrupted before.

    When nothing changed for so long, or everything is paused, nothing new is sent, and the end is when the calls in
    flight are in.
    """
    began = clock.now()
    while not until.interrupted():
        next_at = _next_at(store, until.person)
        now = clock.now()
        last_change = max(began, tally.last_change_at or began)
        latest = last_change + until.wait
        for_others = next_at is not None and until.before is not None and next_at > until.before
        loop.may_send = now <= max(latest, last_change + SHORTEST_TRY) and not for_others
        nothing_comes = next_at is None or not loop.may_send or (next_at > now and next_at > latest)
        if not loop.calls_in_flight and (nothing_comes or is_paused(store)):
            return True
        turn = loop.turn(now, 0.0 if next_at is not None and next_at <= now else _pause(next_at, now))
        until.progress()
        if turn.idle:
            loop.rest(LONGEST_WAIT if loop.calls_in_flight else _pause(next_at, now))
    return False


def _next_at(store: Store, person: str | None) -> float | None:
    if person is None:
        return store.agenda.next_at()
    due = store.agenda.of(person)
    return None if due is None else due.due_at


def _pause(next_at: float | None, now: float) -> float:
    """How long to wait before looking again."""
    return LONGEST_WAIT if next_at is None else min(LONGEST_WAIT, max(0.01, next_at - now))
