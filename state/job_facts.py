"""Jobs: work that operators leave to the daemon. Frozen data."""

from dataclasses import dataclass
from enum import StrEnum

MOST_ATTEMPTS = 5
"""How often a job is begun whose process dies, which hangs, or whose store fails: the sixth time would end likewise."""
GOT_ON_SECONDS = 3600.0
"""An attempt that lasted so long counts as the first. A job of many hours outlives any number of short failures that
have nothing to do with it, such as a database that restarts; one that ends its own process does that once an hour."""
WORN_OUT = (
    f"it was begun {MOST_ATTEMPTS} times, and each time its process died, it hung or the state failed: the log tells"
    " why; mend that, and add it again"
)
"""The line that such a job ends with."""


class JobState(StrEnum):
    """How far a job has come. `done` ran to its end, whatever its exit code; `failed` ended with an error to read."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
"""States that are the end."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job. `order` is what is asked for, as JSON; `person` the one whom alone it is about, or empty.

    `attempts` counts how often it was begun and not put back in order, from the last that got on; `progress` is a line
    on how far it is, and `failure` the line it ended with. Times are seconds since 1970.
    """

    id: int
    kind: str
    order: str
    person: str
    added_at: float
    state: JobState = JobState.QUEUED
    began_at: float | None = None
    ended_at: float | None = None
    attempts: int = 0
    cancel_asked: bool = False
    progress: str = ""
    exit_code: int | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended. `result` is what its command prints with --json; empty when there is nothing."""

    state: JobState
    exit_code: int | None = None
    failure: str = ""
    result: str = ""
