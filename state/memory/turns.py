"""Leases and the request budget, in memory."""

from collections.abc import Callable
from dataclasses import replace

from mappers.identifiers import OrcidId
from state.budget import Bucket
from state.memory.state import Handle
from state.memory.tables import Lease, Tables


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
            bucket, wait = (tables.buckets.get(None) or Bucket(burst, now)).spent(requests, now, rate, burst)
            tables.buckets.put(None, bucket)
            return wait

    def owe(self, requests: int) -> None:
        """Below zero if need be; a budget that nobody spent from yet counts as empty."""
        with self._handle.writing as tables:
            now = self._now()
            tables.buckets.put(None, (tables.buckets.get(None) or Bucket(0.0, now)).owing(requests, now))

    def slow_down(self, until: float) -> None:
        """The bucket is empty as well, so that all do not come at once then."""
        with self._handle.writing as tables:
            now = self._now()
            tables.buckets.put(None, (tables.buckets.get(None) or Bucket(0.0, now)).slowed(until, now))

    def used_ratio(self, burst: float) -> float:
        """Filled up at the rate that was spent by last."""
        with self._handle.reading as tables:
            bucket = tables.buckets.get(None)
            return 0.0 if bucket is None else bucket.used_ratio(self._now(), burst)

    def rate_now(self, rate: float) -> float:
        """Under the ceiling."""
        with self._handle.reading as tables:
            bucket = tables.buckets.get(None)
            return rate if bucket is None else bucket.rate_now(self._now(), rate)


def _move(tables: Tables, orcid: OrcidId, epoch: int, free_at: float) -> bool:
    lease = tables.leases.get(orcid)
    if lease is None or lease.epoch != epoch:
        return False
    tables.leases.put(orcid, replace(lease, free_at=free_at))
    return True
