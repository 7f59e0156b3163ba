"""The request budget: a token bucket that heeds ORCID's word to slow down. Pure; every store keeps one of these."""

from dataclasses import dataclass, replace
from itertools import pairwise

ROUNDING = 1e-3
"""Tokens that may be missing: times of today are exact to some 1e-7 s, and who waited as told shall not wait again."""
GROWS_BACK_SECONDS = 20.0
"""From nothing to the whole rate: the ceiling grows by as much a second as that takes."""
HALVES_SECONDS = 1.0
"""The ceiling is halved at most so often: calls that were in flight together are told together."""
LONGEST_WAIT = 3600.0
"""As long as ORCID's word to wait is believed (worker/calling/replies.py), in seconds."""
CLOCK_JITTER = 1.0
"""So far clocks may part without one having been set back, in seconds."""
LOWEST_RATE = 1.0
"""Requests a second that are left however often ORCID asks to slow down, for we have to find out when it is over."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` as of `at`, filling by `rate` up to `burst` as last spent by; nothing is spent until `not_before`.

    `ceiling` is what the rate was cut down to at `halved_at`, 0 when it never was.
    """

    tokens: float
    at: float
    not_before: float = 0.0
    rate: float = 0.0
    burst: float = 0.0
    ceiling: float = 0.0
    halved_at: float = 0.0

    def rate_at(self, at: float, rate: float) -> float:
        """The requests a second that the ceiling lets through of `rate`: it begins to grow when sending may go on."""
        if self.ceiling <= 0.0:
            return rate
        grown = max(0.0, at - self._grows_from) * rate / GROWS_BACK_SECONDS
        return min(rate, self.ceiling + grown)

    @property
    def _grows_from(self) -> float:
        return max(self.not_before, self.halved_at)

    def filled(self, now: float, rate: float, burst: float) -> float:
        """The tokens in it now: the rate over the time that passed, summed exactly over where it bends."""
        until = max(now, self.at)
        whole_at = self._grows_from + max(0.0, 1.0 - self.ceiling / rate) * GROWS_BACK_SECONDS if rate > 0 else until
        bends = sorted({self.at, until, *(at for at in (self._grows_from, whole_at) if self.at < at < until)})
        gained = sum(
            (after - before) * (self.rate_at(before, rate) + self.rate_at(after, rate)) / 2
            for before, after in pairwise(bends)
        )
        return min(burst, self.tokens + gained)

    def set_back(self, now: float) -> "Bucket":
        """The bucket by a clock that was set back: it holds what it held, and fills and opens by the new time.

        Without this it would stay shut until the clock shows again what it showed before.
        """
        not_before = self.not_before if self.not_before <= now + LONGEST_WAIT else now
        at = self.at if self.at <= max(now, not_before) + CLOCK_JITTER else now
        halved_at = self.halved_at if self.halved_at <= now + CLOCK_JITTER else now
        return replace(self, not_before=not_before, at=at, halved_at=halved_at)

    def spent(self, requests: int, now: float, rate: float, burst: float) -> tuple["Bucket", float]:
        """The bucket without the requests and 0.0; or the bucket as it is and the seconds to wait."""
        bucket = self.set_back(now)
        if now < bucket.not_before:
            return bucket, bucket.not_before - now
        tokens = bucket.filled(now, rate, burst)
        if tokens < requests - ROUNDING:
            return bucket, (requests - tokens) / bucket.rate_at(now, rate)
        return replace(bucket, tokens=tokens - requests, at=now, rate=rate, burst=burst), 0.0

    def owing(self, requests: int, now: float) -> "Bucket":
        """Less so many, below zero if need be. What flowed over before does not pay for what is owed."""
        tokens = self.filled(now, self.rate, self.burst) - requests
        return replace(self, tokens=tokens, at=max(self.at, now))

    def slowed(self, until: float, now: float) -> "Bucket":
        """Empty, closed until then, and its ceiling halved."""
        latest = max(until, self.not_before)
        tokens = min(0.0, self.filled(now, self.rate, self.burst))
        slowed = replace(self, tokens=tokens, at=max(latest, now), not_before=latest)
        if self.rate <= 0.0 or 0.0 <= now - self.halved_at < HALVES_SECONDS:
            return slowed
        ceiling = max(min(LOWEST_RATE, self.rate), self.rate_at(now, self.rate) / 2)
        return replace(slowed, ceiling=ceiling, halved_at=now)

    def used_ratio(self, now: float, burst: float) -> float:
        """The share of the burst that is spent, 0 to 1, at the rate that was spent by last."""
        return min(1.0, max(0.0, 1.0 - self.filled(now, self.rate, burst) / burst))

    def rate_now(self, now: float, rate: float) -> float:
        """The requests a second that may be sent now."""
        return 0.0 if now < self.not_before else self.rate_at(now, rate)
