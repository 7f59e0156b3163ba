"""Job results: what the ends of jobs tell of people."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from state.job_facts import Job
from state.kept import kept_data
from state.store import Store

TOLD = ("differences", "skipped")
"""The lists of a result whose rows are each about one person."""


def is_about(store: Store, job: Job, names: Collection[str]) -> bool:
    """Whether a job is about nobody but this person, or tells of them in what it ended with."""
    result = store.jobs.result(job.id)
    return job.person in names or without(result, names.__contains__) != result


def erase_from_job(store: Store, job: Job, names: Collection[str]) -> None:
    """Drops a job about nobody but this person; takes the person out of what another ended with."""
    if job.person in names:
        store.jobs.drop(job.id)
    else:
        store.jobs.rewrite(job.id, without(store.jobs.result(job.id), names.__contains__))


def without(result: str, is_gone: Callable[[str], bool]) -> str:
    """A result without the rows on people who are gone; the same text when there are none."""
    told = _told(result)
    left = {
        name: [row for row in rows if not is_gone(row["person"])] if name in TOLD else rows
        for name, rows in told.items()
    }
    return result if left == told else json.dumps(left, ensure_ascii=False)


def jobs_about(store: Store, names: Collection[str]) -> list[dict[str, Any]]:
    """The jobs about a person, and of others' ends the rows on them."""
    found = []
    for job in store.jobs.all():
        told = _told(store.jobs.result(job.id))
        rows = [row for name in TOLD for row in told.get(name, ()) if row["person"] in names]
        if rows or job.person in names:
            found.append({"id": job.id, "kind": job.kind, "added_at": job.added_at, "told": rows})
    return found


def _told(result: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = kept_data(result) if result else {}
    return told
