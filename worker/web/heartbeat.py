"""The heartbeat: when the loop came round last."""

from collections.abc import Callable

LATE_SECONDS = 120.0
"""A loop that has not come round for this long is stuck: its longest wait for the store, Kafka or ORCID is shorter."""


class Heartbeat:
    """Beaten by the loop's thread at each turn, read by others. `clock` never jumps (time.monotonic)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begins with a beat, so that starting up counts as alive."""
        self._clock = clock
        self._last = clock()

    def beat(self) -> None:
        """The loop came round."""
        self._last = self._clock()

    def age(self) -> float:
        """Seconds since the last beat."""
        return max(0.0, self._clock() - self._last)

    @property
    def is_late(self) -> bool:
        """Whether the loop is stuck."""
        return self.age() > LATE_SECONDS
