"""A watch over the leases in a PostgreSQL state: who holds which, and how long the items of a dead holder waited."""

import threading
from dataclasses import dataclass
from time import time
from types import TracebackType
from typing import Self

import psycopg

LOOK_SECONDS = 0.1

HELD = (
    "SELECT orcid, holder, epoch, free_at FROM leases"
    " WHERE free_at > CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
)
OPEN = (
    "SELECT count(*) FROM intents JOIN leases USING (orcid, epoch) WHERE is_open = 1 AND opened_at < %s"
    " AND free_at > CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
)
LEFT = "SELECT closed_at FROM intents WHERE orcid = %s AND epoch = %s AND opened_at < %s AND closed_at > %s"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that somebody held when it was looked at."""

    orcid: str
    holder: str
    epoch: int
    free_at: float


class LeaseWatch:
    """Looks all the time, on a thread of its own, and remembers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._end = threading.Event()
        self._looks: list[tuple[float, frozenset[Lease]]] = []
        self._thread = threading.Thread(target=self._run, name="lease-watch", daemon=True)

    def holders(self) -> int:
        """How many processes held a lease at the last look."""
        return len({lease.holder for lease in self._looks[-1][1]}) if self._looks else 0

    def open_calls(self, since: float) -> int:
        """How many items are in flight since before that time, by the notes of whoever holds their records."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute(OPEN, (since,)).fetchone()
        return 0 if row is None else int(row[0])

    def item_waits(self, killed_at: float) -> list[float]:
        """For each item in flight when its sender was killed: seconds until another process had settled it."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return [
                closed_at - killed_at
                for lease in self._left_by_the_dead(killed_at)
                for (closed_at,) in connection.execute(LEFT, (lease.orcid, lease.epoch, killed_at, killed_at))
            ]

    def _left_by_the_dead(self, killed_at: float) -> set[Lease]:
        """Who died is known by what it does no more: it takes and renews no lease after that."""
        before = [held for at, held in self._looks if at <= killed_at]
        known = {lease for held in before for lease in held}
        alive = {lease.holder for at, held in self._looks if at > killed_at for lease in held - known}
        return {lease for held in before[-1:] for lease in held if lease.holder not in alive}

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._end.wait(LOOK_SECONDS):
                held = frozenset(Lease(*row) for row in connection.execute(HELD).fetchall())
                self._looks.append((time(), held))

    def __enter__(self) -> Self:
        """Begins to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Looks no more."""
        self._end.set()
        self._thread.join()
