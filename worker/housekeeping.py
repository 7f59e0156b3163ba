"""Housekeeping: what is old goes, a portion at each turn, so that no turn takes long however much there is."""

from state.store import Store
from worker.permission.walks import tidy

HOUSEKEEPING_SECONDS = 3600.0
"""How often it is looked whether something is old."""
PORTION = 5000
"""Events and closed intents that go in one transaction."""
JOBS = 100
"""Jobs that do: each may have a long result."""
DAY_SECONDS = 86_400.0


class Housekeeping:
    """Used by the loop's thread: forgets history, jobs and consent walks by their age."""

    def __init__(self, store: Store, history_days: float) -> None:
        self._store = store
        self._history_seconds = history_days * DAY_SECONDS
        self._next_at = 0.0

    def tend(self, now: float) -> None:
        """At each turn; goes on at the next where there is more. Raises StoreError."""
        if now < self._next_at:
            return
        before = now - self._history_seconds
        more = self._store.records.forget_history(before, PORTION) == PORTION
        more |= self._store.jobs.forget_ended(before, JOBS) == JOBS
        more |= tidy(self._store, now)
        if not more:
            self._next_at = now + HOUSEKEEPING_SECONDS
