"""Jobs: work that operators leave to the daemon, in SQL."""

from collections.abc import Mapping, Sequence

from state.job_facts import GOT_ON_SECONDS, MOST_ATTEMPTS, WORN_OUT, Job, JobEnd, JobState
from state.sql.engine import Engine, Row, reading
from state.sql.portions import Old, forget_oldest

_COLUMNS = (
    "id, kind, order_json, person, added_at, state, began_at, ended_at, attempts, cancel_asked, progress, exit_code,"
    " failure"
)
_OLD = Old("jobs", "ended_at < :before", "ended_at")
_OPEN = "ended_at IS NULL"
_HELD = "id = :id AND holder = :holder AND state = 'running'"


@reading
def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        order=row["order_json"],
        person=row["person"],
        added_at=row["added_at"],
        state=JobState(row["state"]),
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        attempts=row["attempts"],
        cancel_asked=bool(row["cancel_asked"]),
        progress=row["progress"],
        exit_code=row["exit_code"],
        failure=row["failure"],
    )


class SqlJobs:
    """Work that operators leave to the daemon."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, kind: str, order: str, person: str = "") -> int:
        """At the end of the queue."""
        rows = self._engine.run(
            "INSERT INTO jobs (kind, order_json, person, added_at, state)"
            " VALUES (:kind, :order, :person, :now, 'queued') RETURNING id",
            {"kind": kind, "order": order, "person": person, "now": self._engine.now()},
        )
        return int(rows[0]["id"])

    def job(self, job: int) -> Job | None:
        """By id."""
        rows = self._engine.run(f"SELECT {_COLUMNS} FROM jobs WHERE id = :id", {"id": job})
        return _job(rows[0]) if rows else None

    def all(self) -> Sequence[Job]:
        """By id."""
        return [_job(row) for row in self._engine.run(f"SELECT {_COLUMNS} FROM jobs ORDER BY id")]

    def result(self, job: int) -> str:
        """As it was written."""
        rows = self._engine.run("SELECT result FROM jobs WHERE id = :id", {"id": job})
        return str(rows[0]["result"]) if rows else ""

    def take(self, holder: str, seconds: float) -> Job | None:
        """Looks before it writes: most often there is nothing to do."""
        if not self._is_free():
            return None
        with self._engine.together():
            while self._is_free():
                taken = self._begin(holder, seconds)
                if taken is not None:
                    return taken
        return None

    def _is_free(self) -> bool:
        """Whether there is a job to begin, and nobody works at any."""
        rows = self._engine.run(
            f"SELECT count(*) AS n, sum(CASE WHEN state = 'running' AND free_at > :now THEN 1 ELSE 0 END) AS held"
            f" FROM jobs WHERE {_OPEN}",
            {"now": self._engine.now()},
        )
        return bool(rows[0]["n"]) and not rows[0]["held"]

    def _begin(self, holder: str, seconds: float) -> Job | None:
        """The oldest; None when it was ended instead."""
        (row,) = self._engine.run(f"SELECT {_COLUMNS} FROM jobs WHERE {_OPEN} ORDER BY id LIMIT 1")
        job, now = _job(row), self._engine.now()
        if job.cancel_asked:
            self._close(job.id, JobEnd(JobState.CANCELLED), now)
            return None
        if job.attempts >= MOST_ATTEMPTS:
            self._close(job.id, JobEnd(JobState.FAILED, 1, WORN_OUT), now)
            return None
        rows = self._engine.run(
            "UPDATE jobs SET state = 'running', holder = :holder, free_at = :free_at, began_at = :now,"
            f" attempts = attempts + 1, progress = '' WHERE id = :id RETURNING {_COLUMNS}",
            {"id": job.id, "holder": holder, "free_at": now + seconds, "now": now},
        )
        return _job(rows[0])

    def hold_on(self, job: int, holder: str, seconds: float, progress: str) -> Job | None:
        """By who holds it."""
        now = self._engine.now()
        rows = self._engine.run(
            "UPDATE jobs SET free_at = :free_at, progress = :progress,"
            " attempts = CASE WHEN began_at <= :long_ago THEN 1 ELSE attempts END"
            f" WHERE {_HELD} RETURNING {_COLUMNS}",
            {
                "id": job,
                "holder": holder,
                "free_at": now + seconds,
                "progress": progress,
                "long_ago": now - GOT_ON_SECONDS,
            },
        )
        return _job(rows[0]) if rows else None

    def put_back(self, job: int, holder: str, progress: str = "") -> bool:
        """The attempt does not count: it ended in order."""
        rows = self._engine.run(
            "UPDATE jobs SET state = CASE WHEN cancel_asked = 1 THEN 'cancelled' ELSE 'queued' END, holder = '',"
            " ended_at = CASE WHEN cancel_asked = 1 THEN :now ELSE NULL END, began_at = NULL, progress = :progress,"
            f" attempts = attempts - 1 WHERE {_HELD} RETURNING id",
            {"id": job, "holder": holder, "now": self._engine.now(), "progress": progress},
        )
        return bool(rows)

    def end(self, job: int, holder: str, end: JobEnd) -> bool:
        """By who holds it."""
        with self._engine.together():
            held = self._engine.run(f"SELECT 1 AS held FROM jobs WHERE {_HELD}", {"id": job, "holder": holder})
            if held:
                self._close(job, end, self._engine.now())
        return bool(held)

    def _close(self, job: int, end: JobEnd, now: float) -> None:
        self._engine.run(
            "UPDATE jobs SET state = :state, holder = '', ended_at = :now, exit_code = :exit_code, failure = :failure,"
            " result = :result WHERE id = :id",
            {
                "id": job,
                "state": end.state.value,
                "now": now,
                "exit_code": end.exit_code,
                "failure": end.failure,
                "result": end.result,
            },
        )

    def cancel(self, job: int) -> Job | None:
        """What is held is asked for; whoever holds it ends it."""
        with self._engine.together():
            found, now = self.job(job), self._engine.now()
            if found is None or found.state not in (JobState.QUEUED, JobState.RUNNING):
                return found
            asked = self._engine.run(
                "UPDATE jobs SET cancel_asked = 1 WHERE id = :id AND state = 'running' AND free_at > :now RETURNING id",
                {"id": job, "now": now},
            )
            if not asked:
                self._close(job, JobEnd(JobState.CANCELLED), now)
            return found

    def rewrite(self, job: int, result: str) -> None:
        """By id."""
        self._engine.run("UPDATE jobs SET result = :result WHERE id = :id", {"id": job, "result": result})

    def drop(self, job: int) -> None:
        """By id."""
        self._engine.run("DELETE FROM jobs WHERE id = :id", {"id": job})

    def forget_ended(self, before: float, limit: int) -> int:
        """By when they ended: all are looked through, for they are few."""
        return forget_oldest(self._engine, _OLD, before, limit)

    def counts(self, since: float) -> Mapping[JobState, int]:
        """In the order of the states."""
        rows = self._engine.run(
            "SELECT state, count(*) AS n FROM jobs WHERE ended_at IS NULL OR ended_at >= :since GROUP BY state",
            {"since": since},
        )
        found = {row["state"]: int(row["n"]) for row in rows}
        return {state: found.get(state.value, 0) for state in JobState}
