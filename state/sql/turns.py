"""Leases and the request budget, in SQL."""

from dataclasses import asdict

from mappers.identifiers import OrcidId
from state.budget import Bucket
from state.sql.engine import Engine


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
        columns = "tokens, at, not_before, rate, burst, ceiling, halved_at"
        rows = self._engine.run(f"SELECT {columns} FROM budget WHERE id = 1")
        return Bucket(**rows[0]) if rows else None

    def _keep(self, bucket: Bucket) -> None:
        self._engine.run(
            "INSERT INTO budget (id, tokens, at, not_before, rate, burst, ceiling, halved_at)"
            " VALUES (1, :tokens, :at, :not_before, :rate, :burst, :ceiling, :halved_at)"
            " ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens, at = excluded.at,"
            " not_before = excluded.not_before, rate = excluded.rate, burst = excluded.burst,"
            " ceiling = excluded.ceiling, halved_at = excluded.halved_at",
            asdict(bucket),
        )

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """A token bucket; nothing is taken unless all is."""
        with self._engine.transaction():
            now = self._engine.now()
            bucket, wait = (self._bucket() or Bucket(burst, now)).spent(requests, now, rate, burst)
            if wait == 0.0:
                self._keep(bucket)
            return wait

    def owe(self, requests: int) -> None:
        """Below zero if need be; a budget that nobody spent from yet counts as empty."""
        with self._engine.transaction():
            now = self._engine.now()
            self._keep((self._bucket() or Bucket(0.0, now)).owing(requests, now))

    def slow_down(self, until: float) -> None:
        """The bucket is empty as well, so that all do not come at once then."""
        with self._engine.transaction():
            now = self._engine.now()
            self._keep((self._bucket() or Bucket(0.0, now)).slowed(until, now))

    def used_ratio(self, burst: float) -> float:
        """Filled up at the rate that was spent by last."""
        bucket = self._bucket()
        return 0.0 if bucket is None else bucket.used_ratio(self._engine.now(), burst)

    def rate_now(self, rate: float) -> float:
        """Under the ceiling."""
        bucket = self._bucket()
        return rate if bucket is None else bucket.rate_now(self._engine.now(), rate)
