"""Waits: how long a turn of the loop may wait for something to happen."""

LONGEST_SECONDS = 1.0
"""Stopping, and the end of a pause, take at most this long to be noticed."""
SHORTEST_SECONDS = 0.02


class Waits:
    """No longer than till somebody is due; who is due and has to wait all the same is looked for less and less often.

    That is so while all is paused, or the circuit is open, for as long as it may last; and for moments while the
    request budget is used up, or another process is at somebody's record. Then it waits at most as long again as it
    has for nothing.
    """

    def __init__(self) -> None:
        self._least = SHORTEST_SECONDS
        self._somebody_due = False

    def next(self, next_at: float | None, now: float) -> float:
        """How long the next turn may wait, when somebody is due at `next_at`; None: nobody will be."""
        self._somebody_due = next_at is not None and next_at <= now
        if next_at is None:
            return LONGEST_SECONDS
        if self._somebody_due:
            return self._least
        return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, next_at - now))

    def hear(self, *, idle: bool) -> None:
        """Whether that turn did nothing at all."""
        vain = idle and self._somebody_due
        self._least = min(LONGEST_SECONDS, 2 * self._least) if vain else SHORTEST_SECONDS
