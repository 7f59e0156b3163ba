"""The database's clock, told without asking for it each time."""

import threading
import time

CLOCK = "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
"""In SQL, in seconds since 1970: at the moment at which a statement comes to it."""
ASKED_AGAIN_SECONDS = 60.0
"""How long an answer counts: two clocks of today part by some milliseconds in that time at most."""


class PostgresClock:
    """The database's time by this process's own, from the newest answer on. For all threads.

    What is wrong with it is what the answer took on its way (it is late by that) and what the clocks parted since:
    some milliseconds. All that goes by it (due times, deadlines of intents, waits of seconds) leaves room for that;
    leases and the budget, which must not, are reckoned by the database itself (state/sql/turns.py).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = 0.0
        self._heard_at: float | None = None

    def hear(self, at: float) -> None:
        """That it is this time at the database."""
        with self._lock:
            self._heard_at = time.monotonic()
            self._ahead = at - self._heard_at

    def unheard(self) -> None:
        """It was asked in vain: the old answer counts for as long again."""
        with self._lock:
            if self._heard_at is not None:
                self._heard_at = time.monotonic()

    @property
    def is_heard(self) -> bool:
        """Whether there ever was an answer."""
        return self._heard_at is not None

    @property
    def is_due(self) -> bool:
        """Whether it is to be asked again."""
        return self._heard_at is None or time.monotonic() - self._heard_at > ASKED_AGAIN_SECONDS

    def now(self) -> float:
        """Seconds since 1970."""
        return time.monotonic() + self._ahead
