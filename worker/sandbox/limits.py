"""The rate limit of the member API: 24 requests a second with a burst of 40, per client (API_FACTS section 9)."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class RateLimit:
    """A bucket per client that refills at `rate`; the clock comes in, so a test owns the time."""

    clock: Callable[[], float]
    rate: float = 24.0
    burst: float = 40.0
    enabled: bool = True
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def admits(self, client: str) -> bool:
        """Whether a request that arrives now is let in; one that is not costs nothing."""
        if not self.enabled:
            return True
        now = self.clock()
        left, since = self._buckets.get(client, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate)
        admitted = left >= 1
        self._buckets[client] = (left - 1 if admitted else left, now)
        return admitted

    def forget(self) -> None:
        """Every bucket is full again."""
        self._buckets.clear()
