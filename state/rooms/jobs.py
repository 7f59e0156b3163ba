"""Jobs: work that operators leave to the daemon, one at a time over all processes, by the store's clock."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from state.job_facts import Job, JobEnd, JobState


class Jobs(Protocol):
    """Work that operators leave to the daemon. Ids grow in the order jobs are added, and are never used again."""

    def add(self, kind: str, order: str, person: str = "") -> int:
        """Queues a job; returns its id."""
        ...

    def job(self, job: int) -> Job | None:
        """By id."""
        ...

    def all(self) -> Sequence[Job]:
        """Every job, oldest first."""
        ...

    def result(self, job: int) -> str:
        """What it ended with, as JSON; empty when there is nothing."""
        ...

    def take(self, holder: str, seconds: float) -> Job | None:
        """Begins the oldest job that nobody works at, for `seconds` unless it is held on; None when there is none.

        None as well while anybody works at another: jobs run one at a time, in the order they were added. A job whose
        holder did not hold on in time is begun again; it has failed when that happened MOST_ATTEMPTS times, and is
        cancelled when that was asked for.
        """
        ...

    def hold_on(self, job: int, holder: str, seconds: float, progress: str) -> Job | None:
        """Goes on holding a job, and notes how far it is; None when it is this holder's no more.

        When it was begun GOT_ON_SECONDS ago, this attempt counts as the first.
        """
        ...

    def put_back(self, job: int, holder: str, progress: str = "") -> bool:
        """Queues it again, as if not begun, or cancels it if that was asked for; false when it is not this holder's.

        `progress` may say what it waits for.
        """
        ...

    def end(self, job: int, holder: str, end: JobEnd) -> bool:
        """It is over; false, with nothing written, when it is not this holder's."""
        ...

    def cancel(self, job: int) -> Job | None:
        """Cancels what nobody works at, and asks whoever does to stop; returns how the job was before."""
        ...

    def rewrite(self, job: int, result: str) -> None:
        """Puts another result in place of the one it ended with."""
        ...

    def drop(self, job: int) -> None:
        """Forgets it; whoever works at it holds it no more."""
        ...

    def forget_ended(self, before: float, limit: int) -> int:
        """Forgets at most `limit` of those that ended before then, the oldest first; returns how many."""
        ...

    def counts(self, since: float) -> Mapping[JobState, int]:
        """How many there are in each state; of those that ended, how many since then."""
        ...
