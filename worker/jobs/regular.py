"""The regular drift check: a job that the daemon adds by itself when the last one ended long ago."""

import structlog

from state.store import Store
from worker.jobs.orders import VERIFY, VerifyOrder, packed

HOUR_SECONDS = 3600.0

log = structlog.get_logger()


def plan_check(store: Store, hours: float | None) -> int | None:
    """Adds a drift check of everybody when none is open and the last ended `hours` ago; returns its id.

    One over all processes, for it looks again in the transaction that adds it. However the last one ended: one that
    failed, or was cancelled, has its next turn like any other.
    """
    if hours is None or not _is_due(store, hours):
        return None
    with store.transaction():
        if not _is_due(store, hours):
            return None
        number = store.jobs.add(VERIFY, packed(VerifyOrder()))
    log.info("drift_check_added", job=number)
    return number


def _is_due(store: Store, hours: float) -> bool:
    checks = [job for job in store.jobs.all() if job.kind == VERIFY and not job.person]
    ended = [job.ended_at for job in checks if job.ended_at is not None]
    return len(ended) == len(checks) and store.now() - max(ended, default=0.0) >= hours * HOUR_SECONDS
