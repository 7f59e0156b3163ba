"""Leases and the request budget, in SQL."""

from dataclasses import asdict, dataclass, replace

from mappers.identifiers import OrcidId
from state.sql.engine import Engine

ROUNDING = 1e-3
"""Tokens that may be missing: times of today are exact to some 1e-7 s, and who waited as told shall not wait again."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The request budget: `tokens` as of `at`, filling by `rate` up to `burst` as last spent by."""

    tokens: float
    at: float
    not_before: float = 0.0
    rate: float = 0.0
    burst: float = 0.0

    def filled(self, now: float, rate: float, burst: float) -> float:
        """The tokens in it now."""
        return min(burst, self.tokens + max(0.0, now - self.at) * rate)


class SqlTurns:
    """Leases of iDs and the request budget, by the store's own clock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def acquire(self, orcid: OrcidId, holder: str, seconds: float) -> int | None:
        """In one statement: free, ours, or expired for as long as it lasted."""
        now = self._engine.now()
        rows = self._engine.run(
            "INSERT INTO leases (orcid, holder, epoch, free_at) VALUES (:orcid, :holder, 1, :free_at)"
            " ON CONFLICT (orcid) DO UPDATE SET holder = excluded.holder, epoch = leases.epoch + 1,"
            " free_at = excluded.free_at"
            " WHERE leases.free_at <= :now OR leases.holder = excluded.holder RETURNING epoch",
            {"orcid": orcid, "holder": holder, "free_at": now + 2 * seconds, "now": now},
        )
        return int(rows[0]["epoch"]) if rows else None

    def renew(self, orcid: OrcidId, epoch: int, seconds: float) -> bool:
        """While it was not taken over."""
        rows = self._engine.run(
            "UPDATE leases SET free_at = :free_at WHERE orcid = :orcid AND epoch = :epoch RETURNING epoch",
            {"orcid": orcid, "epoch": epoch, "free_at": self._engine.now() + 2 * seconds},
        )
        return bool(rows)

    def release(self, orcid: OrcidId, epoch: int) -> None:
        """Free at once."""
        self._engine.run(
            "UPDATE leases SET free_at = 0 WHERE orcid = :orcid AND epoch = :epoch", {"orcid": orcid, "epoch": epoch}
        )

    def epoch(self, orcid: OrcidId) -> int:
        """Of the newest lease."""
        rows = self._engine.run("SELECT epoch FROM leases WHERE orcid = :orcid", {"orcid": orcid})
        return int(rows[0]["epoch"]) if rows else 0

    def _bucket(self) -> Bucket | None:
        rows = self._engine.run("SELECT tokens, at, not_before, rate, burst FROM budget WHERE id = 1")
        return Bucket(**rows[0]) if rows else None

    def _keep(self, bucket: Bucket) -> None:
        self._engine.run(
            "INSERT INTO budget (id, tokens, at, not_before, rate, burst)"
            " VALUES (1, :tokens, :at, :not_before, :rate, :burst)"
            " ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens, at = excluded.at,"
            " not_before = excluded.not_before, rate = excluded.rate, burst = excluded.burst",
            asdict(bucket),
        )

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """A token bucket; nothing is taken unless all is."""
        with self._engine.transaction():
            now = self._engine.now()
            bucket = self._bucket() or Bucket(burst, now)
            if now < bucket.not_before:
                return bucket.not_before - now
            tokens = bucket.filled(now, rate, burst)
            if tokens < requests - ROUNDING:
                return (requests - tokens) / rate
            self._keep(Bucket(tokens - requests, now, bucket.not_before, rate, burst))
            return 0.0

    def owe(self, requests: int) -> None:
        """Below zero if need be; a budget that nobody spent from yet counts as empty."""
        with self._engine.transaction():
            now = self._engine.now()
            bucket = self._bucket() or Bucket(0.0, now)
            # Filled first: what the bucket cannot hold any more must not pay for what is owed.
            tokens = bucket.filled(now, bucket.rate, bucket.burst) - requests
            self._keep(replace(bucket, tokens=tokens, at=max(bucket.at, now)))

    def slow_down(self, until: float) -> None:
        """The bucket is empty as well, so that all do not come at once then."""
        with self._engine.transaction():
            now = self._engine.now()
            bucket = self._bucket() or Bucket(0.0, now)
            latest = max(until, bucket.not_before)
            tokens = min(0.0, bucket.filled(now, bucket.rate, bucket.burst))
            self._keep(replace(bucket, tokens=tokens, at=max(latest, now), not_before=latest))

    def used_ratio(self, burst: float) -> float:
        """Filled up at the rate that was spent by last."""
        bucket = self._bucket()
        if bucket is None:
            return 0.0
        return min(1.0, max(0.0, 1.0 - bucket.filled(self._engine.now(), bucket.rate, burst) / burst))
