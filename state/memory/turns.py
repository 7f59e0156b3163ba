"""Leases and the request budget, in memory."""

from collections.abc import Callable
from dataclasses import replace

from mappers.identifiers import OrcidId
from state.memory.state import Handle
from state.memory.tables import Bucket, Lease, Tables

ROUNDING = 1e-3
"""Tokens that may be missing: times of today are exact to some 1e-7 s, and who waited as told shall not wait again."""


class MemoryTurns:
    """Leases of iDs and the request budget, by the store's own clock."""

    def __init__(self, handle: Handle, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now

    def acquire(self, orcid: OrcidId, holder: str, seconds: float) -> int | None:
        """Free, ours, or expired for as long as it lasted."""
        now = self._now()
        with self._handle.writing as tables:
            lease = tables.leases.get(orcid) or Lease(holder, epoch=0, free_at=now)
            if lease.free_at > now and lease.holder != holder:
                return None
            tables.leases.put(orcid, Lease(holder, lease.epoch + 1, now + 2 * seconds))
            return lease.epoch + 1

    def renew(self, orcid: OrcidId, epoch: int, seconds: float) -> bool:
        """While it was not taken over."""
        with self._handle.writing as tables:
            return _move(tables, orcid, epoch, self._now() + 2 * seconds)

    def release(self, orcid: OrcidId, epoch: int) -> None:
        """Free at once."""
        with self._handle.writing as tables:
            _move(tables, orcid, epoch, 0.0)

    def epoch(self, orcid: OrcidId) -> int:
        """Of the newest lease."""
        with self._handle.reading as tables:
            lease = tables.leases.get(orcid)
            return 0 if lease is None else lease.epoch

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """A token bucket; nothing is taken unless all is."""
        with self._handle.writing as tables:
            now = self._now()
            bucket = tables.buckets.get(None) or Bucket(burst, now)
            if now < bucket.not_before:
                return bucket.not_before - now
            tokens = filled(bucket, now, rate, burst)
            if tokens < requests - ROUNDING:
                return (requests - tokens) / rate
            tables.buckets.put(None, Bucket(tokens - requests, now, bucket.not_before, rate, burst))
            return 0.0

    def owe(self, requests: int) -> None:
        """Below zero if need be; a budget that nobody spent from yet counts as empty."""
        with self._handle.writing as tables:
            now = self._now()
            bucket = tables.buckets.get(None) or Bucket(0.0, now)
            tokens = filled(bucket, now, bucket.rate, bucket.burst) - requests
            tables.buckets.put(None, replace(bucket, tokens=tokens, at=max(bucket.at, now)))

    def slow_down(self, until: float) -> None:
        """The bucket is empty as well, so that all do not come at once then."""
        with self._handle.writing as tables:
            now = self._now()
            bucket = tables.buckets.get(None) or Bucket(0.0, now)
            latest = max(until, bucket.not_before)
            tokens = min(0.0, filled(bucket, now, bucket.rate, bucket.burst))
            tables.buckets.put(None, replace(bucket, tokens=tokens, at=max(latest, now), not_before=latest))

    def used_ratio(self, burst: float) -> float:
        """Filled up at the rate that was spent by last."""
        with self._handle.reading as tables:
            bucket = tables.buckets.get(None)
            if bucket is None:
                return 0.0
            return min(1.0, max(0.0, 1.0 - filled(bucket, self._now(), bucket.rate, burst) / burst))


def filled(bucket: Bucket, now: float, rate: float, burst: float) -> float:
    """The tokens in the bucket now."""
    return min(burst, bucket.tokens + max(0.0, now - bucket.at) * rate)


def _move(tables: Tables, orcid: OrcidId, epoch: int, free_at: float) -> bool:
    lease = tables.leases.get(orcid)
    if lease is None or lease.epoch != epoch:
        return False
    tables.leases.put(orcid, replace(lease, free_at=free_at))
    return True
