"""Whether what a process committed is still there: it counts its commits in a row of its own.

After a failover to a server that had not got the last of them nothing else tells so: that server gives the same numbers
of transactions again, to whoever comes first, and behind a pooler a connection outlives the failover. The row is
written with whatever a transaction writes, and read as it begins: in messages that are sent anyway. What went before a
commit in the queue of all writers is there if that commit is; so a process that finds its own misses nobody's.
"""

import threading
import time
from dataclasses import dataclass
from uuid import uuid4

from state.postgres.clock import CLOCK

TABLE = "orcid_sync_commits"
CREATE = (
    f"CREATE TABLE IF NOT EXISTS {TABLE}"
    " (process TEXT PRIMARY KEY, commits BIGINT NOT NULL, at DOUBLE PRECISION NOT NULL)"
)
KEPT_SECONDS = 30 * 86_400.0
"""How long the row of a process that commits nothing stays; most of them have ended."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a process knew when a transaction was about to begin: its commits, and how often it had lost some."""

    commits: int
    losses: int


class PostgresCommits:
    """The commits of one process. For all threads."""

    def __init__(self) -> None:
        self.losses = 0
        """How often some were gone."""
        self.lost_at = 0.0
        """When the newest of those had been committed, by the database's clock."""
        self._process = uuid4().hex
        self._lock = threading.Lock()
        self._commits = 0
        self._at = 0.0
        self._heard_at = time.monotonic()

    def expected(self) -> Expected:
        """To be asked before a transaction begins."""
        with self._lock:
            # Longer than that its row may have been cleared away: by half, for then nobody can have done so yet.
            is_known = time.monotonic() - self._heard_at < KEPT_SECONDS / 2
            return Expected(self._commits if is_known else 0, self.losses)

    @property
    def question(self) -> str:
        """How many there are, as a value in SQL: none before the first."""
        return f"(SELECT commits FROM {TABLE} WHERE process = '{self._process}')"  # noqa: S608

    def compare(self, commits: int | None, expected: Expected) -> None:
        """What a transaction found as it began; a loss that another thread found meanwhile is not counted again."""
        with self._lock:
            if (commits or 0) < expected.commits and self.losses == expected.losses:
                self.losses += 1
                self.lost_at, self._commits = self._at, commits or 0

    def statement(self, expected: Expected) -> str:
        """Counts the transaction in which it is the last statement, where that wrote anything; its first clears up."""
        clear = f"WITH gone AS (DELETE FROM {TABLE} WHERE at < {CLOCK} - {KEPT_SECONDS}) "  # noqa: S608
        return (
            f"{'' if expected.commits else clear}INSERT INTO {TABLE} (process, commits, at)"
            f" SELECT '{self._process}', 1, {CLOCK} WHERE pg_current_xact_id_if_assigned() IS NOT NULL"
            f" ON CONFLICT (process) DO UPDATE SET commits = {TABLE}.commits + 1, at = excluded.at"
            " RETURNING commits, at"
        )

    def count(self, commits: int, at: float, expected: Expected) -> None:
        """What that statement gave, once it is committed."""
        with self._lock:
            if self.losses == expected.losses and commits > self._commits:
                self._commits, self._at, self._heard_at = commits, at, time.monotonic()
