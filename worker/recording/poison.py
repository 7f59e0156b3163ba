"""Poison: documents that ORCID fails on, time and again (500/9008; ARCHITECTURE.md 7).

Only ORCID's own failure counts, never a proxy's or a cut. Whether it was carried out stays in doubt.
"""

from collections.abc import Iterator
from dataclasses import replace

from state.facts import Intent, Outcome
from state.store import Store
from worker.recording.standing import reopen

FAILS = 9008
TIMES = 5
WHY = f"ORCID fails on it (500/{FAILS}) {TIMES} times in a row"
"""The reason of a document that is given up, and of a removal that is tried daily from then on."""

NEUTRAL = frozenset({"repeated", "split"})
"""Verdicts of calls that say nothing about a document alone."""


def note_failure(store: Store, intents: tuple[Intent, ...], reply: Outcome, ripe_at: float) -> bool:
    """Leaves a call that ORCID failed on in doubt, a bulk in halves; whether its single document is given up by now.

    It is only while ORCID carries out other people's calls.
    """
    if len(intents) > 1:
        half = len(intents) // 2
        for part in (intents[:half], intents[half:]):
            reopen(store, part, replace(reply, verdict="split"), ripe_at)
        return False
    reopen(store, intents, reply, ripe_at)
    since = _failing_since(store, intents[0])
    return since is not None and store.intents.others_succeed(intents[0].person, since)


def times(store: Store, intent: Intent, code: int | None) -> int:
    """How often in a row ORCID answered this document with this error-code."""
    return len(list(_streak(store, intent, code)))


def _failing_since(store: Store, intent: Intent) -> float | None:
    """When it failed on it for the first time, if that was often enough in a row."""
    failures = list(_streak(store, intent, FAILS))
    return failures[-1].at if len(failures) >= TIMES else None


def _streak(store: Store, intent: Intent, code: int | None) -> Iterator[Outcome]:
    """How the calls of this method that carried the same for the same item ended, newest first, while with the code."""
    of = (intent.item, intent.method, intent.digest)
    for one in reversed(store.intents.story(intent.item.record)):
        if one.outcome is None or (one.intent.item, one.intent.method, one.intent.digest) != of:
            continue
        if one.outcome.verdict in NEUTRAL:
            continue
        if one.outcome.error_code != code:
            return
        yield one.outcome
