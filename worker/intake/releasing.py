"""Releasing: dead letters whose cause may be gone are tried again without being asked.

That is so when their time has come, and when what decides about events has changed: the mapping file, or this program.
What fails again stays as it is, once.
"""

from collections.abc import Iterator, Sequence

import structlog

from mappers.events.packed_messages import unpack_message
from state.store import Store
from worker.intake.intake import Intake
from worker.note_names import LETTERS_TRIED

BATCH = 50
"""Dead letters tried in one transaction, so that other processes get their turn to write."""

log = structlog.get_logger()


def release_due(intake: Intake, store: Store, now: float) -> int:
    """Tries again what came too early, and what may contradict nothing any more; returns how many were taken."""
    return sum(_release(intake, store, chunk, now) for chunk in _chunks(store.letters.due(now)))


def release_changed(intake: Intake, store: Store) -> Iterator[int]:
    """Tries all again when something else decided when they were tried last, in steps: how many each took.

    One that is cut off begins anew the next time.
    """
    if store.notes.get(LETTERS_TRIED) == intake.decided_by:
        return
    for chunk in _chunks(store.letters.due()):
        yield _release(intake, store, chunk, store.now())
    store.notes.put(LETTERS_TRIED, intake.decided_by)


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def _release(intake: Intake, store: Store, ids: Sequence[str], now: float) -> int:
    with store.transaction():
        letters = (letter for letter in map(store.letters.letter, ids) if letter is not None)
        taken = [
            (one.place, one.rule)
            for one in letters
            if one.state == "open" and intake.retry(one, unpack_message(one.envelope), now)
        ]
    for place, rule in taken:
        log.info("event_released", place=place, rule=rule)
    return len(taken)
