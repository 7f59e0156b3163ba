"""Jobs: work that operators leave to the daemon, in memory."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest

from state.job_facts import GOT_ON_SECONDS, MOST_ATTEMPTS, WORN_OUT, Job, JobEnd, JobState
from state.memory.state import Handle
from state.memory.tables import KeptJob, Tables


class MemoryJobs:
    """Work that operators leave to the daemon."""

    def __init__(self, handle: Handle, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now

    def add(self, kind: str, order: str, person: str = "") -> int:
        """At the end of the queue."""
        with self._handle.writing as tables:
            number = tables.number("job")
            tables.jobs.put(number, KeptJob(Job(number, kind, order, person, self._now())))
            return number

    def job(self, job: int) -> Job | None:
        """By id."""
        with self._handle.reading as tables:
            kept = tables.jobs.get(job)
            return None if kept is None else kept.job

    def all(self) -> Sequence[Job]:
        """By id."""
        with self._handle.reading as tables:
            return sorted((kept.job for kept in tables.jobs), key=lambda job: job.id)

    def result(self, job: int) -> str:
        """As it was written."""
        with self._handle.reading as tables:
            kept = tables.jobs.get(job)
            return kept.result if kept else ""

    def take(self, holder: str, seconds: float) -> Job | None:
        """The oldest that is not ended instead."""
        with self._handle.writing as tables:
            while (kept := self._next(tables)) is not None:
                job = kept.job
                if job.cancel_asked:
                    self._close(tables, kept, JobEnd(JobState.CANCELLED))
                elif job.attempts >= MOST_ATTEMPTS:
                    self._close(tables, kept, JobEnd(JobState.FAILED, 1, WORN_OUT))
                else:
                    now = self._now()
                    begun = replace(job, state=JobState.RUNNING, began_at=now, attempts=job.attempts + 1, progress="")
                    tables.jobs.put(job.id, KeptJob(begun, holder, now + seconds))
                    return begun
            return None

    def _next(self, tables: Tables) -> KeptJob | None:
        """The oldest that has not ended; None while somebody works at one."""
        left = sorted((kept for kept in tables.jobs if kept.job.ended_at is None), key=lambda kept: kept.job.id)
        held = any(kept.job.state is JobState.RUNNING and kept.free_at > self._now() for kept in left)
        return None if held else next(iter(left), None)

    def hold_on(self, job: int, holder: str, seconds: float, progress: str) -> Job | None:
        """By who holds it."""
        with self._handle.writing as tables:
            kept = _held(tables, job, holder)
            if kept is None:
                return None
            now, began_at = self._now(), kept.job.began_at
            got_on = began_at is not None and began_at <= now - GOT_ON_SECONDS
            told = replace(kept.job, progress=progress, attempts=1 if got_on else kept.job.attempts)
            tables.jobs.put(job, replace(kept, job=told, free_at=now + seconds))
            return told

    def put_back(self, job: int, holder: str, progress: str = "") -> bool:
        """The attempt does not count: it ended in order."""
        with self._handle.writing as tables:
            kept = _held(tables, job, holder)
            if kept is None:
                return False
            before = replace(kept.job, began_at=None, progress=progress, attempts=kept.job.attempts - 1)
            cancelled = before.cancel_asked
            state = JobState.CANCELLED if cancelled else JobState.QUEUED
            tables.jobs.put(job, KeptJob(replace(before, state=state, ended_at=self._now() if cancelled else None)))
            return True

    def end(self, job: int, holder: str, end: JobEnd) -> bool:
        """By who holds it."""
        with self._handle.writing as tables:
            kept = _held(tables, job, holder)
            if kept is not None:
                self._close(tables, kept, end)
            return kept is not None

    def _close(self, tables: Tables, kept: KeptJob, end: JobEnd) -> None:
        over = replace(kept.job, state=end.state, ended_at=self._now(), exit_code=end.exit_code, failure=end.failure)
        tables.jobs.put(over.id, KeptJob(over, result=end.result))

    def cancel(self, job: int) -> Job | None:
        """What is held is asked for; whoever holds it ends it."""
        with self._handle.writing as tables:
            kept = tables.jobs.get(job)
            if kept is None:
                return None
            if kept.job.ended_at is not None:
                return kept.job
            if kept.job.state is JobState.RUNNING and kept.free_at > self._now():
                tables.jobs.put(job, replace(kept, job=replace(kept.job, cancel_asked=True)))
            else:
                self._close(tables, kept, JobEnd(JobState.CANCELLED))
            return kept.job

    def rewrite(self, job: int, result: str) -> None:
        """By id."""
        with self._handle.writing as tables:
            kept = tables.jobs.get(job)
            if kept is not None:
                tables.jobs.put(job, replace(kept, result=result))

    def drop(self, job: int) -> None:
        """By id."""
        with self._handle.writing as tables:
            tables.jobs.drop(job)

    def forget_ended(self, before: float, limit: int) -> int:
        """By when they ended."""
        with self._handle.writing as tables:
            ended = ((kept.job.ended_at, kept.job.id) for kept in tables.jobs if kept.job.ended_at is not None)
            old = nsmallest(limit, ((at, job) for at, job in ended if at < before))
            for _, job in old:
                tables.jobs.drop(job)
            return len(old)

    def counts(self, since: float) -> Mapping[JobState, int]:
        """In the order of the states."""
        with self._handle.reading as tables:
            found = Counter(
                kept.job.state for kept in tables.jobs if kept.job.ended_at is None or kept.job.ended_at >= since
            )
            return {state: found[state] for state in JobState}


def _held(tables: Tables, job: int, holder: str) -> KeptJob | None:
    kept = tables.jobs.get(job)
    is_held = kept is not None and kept.job.state is JobState.RUNNING and kept.holder == holder
    return kept if is_held else None
