"""Leases and the request budget, in SQL."""

from collections.abc import Callable
from dataclasses import asdict

from mappers.identifiers import OrcidId
from state.budget import Bucket
from state.sql.engine import Engine

_COLUMNS = "tokens, at, not_before, rate, burst, ceiling, halved_at"
_VALUES = ":tokens, :at, :not_before, :rate, :burst, :ceiling, :halved_at"


class SqlTurns:
    """Leases of iDs and the request budget, by the database's own clock.

    They wait for nobody who writes something else: they go by the locks of their rows. No outcome of an old lease is
    recorded as if it were of the newest all the same. Who records reads the `epoch` in the transaction that records,
    and keeps the row as it is until that ends: nobody takes the lease over between the look and the commit. Who takes
    a lease over finds the row locked while its holder records, and goes away; or finds it free, and then all that its
    former holder recorded is committed, for that one held the row until then. What comes later finds a newer epoch,
    and is late. Within one transaction of the queue (`Engine.transaction`) all this holds anyway.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def acquire(self, orcid: OrcidId, holder: str, seconds: float) -> int | None:
        """Free, ours, or expired for as long as it lasted; a row that somebody holds just now is none of these."""
        clock, base = self._engine.clock, self._engine.epoch_base
        wanted = {"orcid": orcid, "holder": holder, "span": 2 * seconds}
        rows = self._engine.run(
            "UPDATE leases SET holder = :holder,"
            f" epoch = 1 + CASE WHEN epoch < {base} THEN {base} ELSE epoch END, free_at = {clock} + :span"
            " WHERE orcid ="
            f" (SELECT orcid FROM leases WHERE orcid = :orcid AND (free_at <= {clock} OR holder = :holder)"
            f"{self._engine.skip_locked}) RETURNING epoch",
            wanted,
            queues=False,
        ) or self._engine.run(
            # Looks for itself: ON CONFLICT would wait for who is just changing the row.
            f"INSERT INTO leases (orcid, holder, epoch, free_at) SELECT :orcid, :holder, 1 + {base}, {clock} + :span"
            " WHERE NOT EXISTS (SELECT 1 FROM leases WHERE orcid = :orcid) ON CONFLICT DO NOTHING RETURNING epoch",
            wanted,
            queues=False,
        )
        return int(rows[0]["epoch"]) if rows else None

    def renew(self, orcid: OrcidId, epoch: int, seconds: float) -> bool:
        """While it was not taken over."""
        rows = self._engine.run(
            f"UPDATE leases SET free_at = {self._engine.clock} + :span WHERE orcid = :orcid AND epoch = :epoch"
            " RETURNING epoch",
            {"orcid": orcid, "epoch": epoch, "span": 2 * seconds},
            queues=False,
        )
        return bool(rows)

    def release(self, orcid: OrcidId, epoch: int) -> None:
        """Free at once."""
        sql = "UPDATE leases SET free_at = 0 WHERE orcid = :orcid AND epoch = :epoch"
        self._engine.write(sql, {"orcid": orcid, "epoch": epoch}, queues=False)

    def epoch(self, orcid: OrcidId) -> int:
        """Of the newest lease; nobody takes it over until the transaction ends."""
        sql = f"SELECT epoch FROM leases WHERE orcid = :orcid{self._engine.for_share}"
        rows = self._engine.run(sql, {"orcid": orcid})
        return int(rows[0]["epoch"]) if rows else 0

    def _bucket(self, lock: str = "") -> tuple[Bucket | None, float]:
        """The bucket, and the time: told after its row was locked, so that times in it never go back."""
        rows = self._engine.run(
            f"SELECT {_COLUMNS}, {self._engine.clock} AS now"
            f" FROM (SELECT {_COLUMNS} FROM budget WHERE id = 1{lock}) AS bucket"
        )
        if not rows:
            return None, self._engine.now()
        columns = dict(rows[0])
        now = float(columns.pop("now"))
        return Bucket(**columns), now

    def _change(self, tokens: float, change: Callable[[Bucket, float], tuple[Bucket, float]]) -> float:
        """Changes the bucket, which holds `tokens` before anybody spent; what the change tells besides it."""
        with self._engine.brief():
            bucket, now = self._bucket(self._engine.for_update)
            if bucket is None:
                first = Bucket(tokens, now)
                sql = f"INSERT INTO budget (id, {_COLUMNS}) VALUES (1, {_VALUES}) ON CONFLICT DO NOTHING"
                self._engine.write(sql, asdict(first))
                bucket, now = self._bucket(self._engine.for_update)
                bucket = bucket or first
            changed, told = change(bucket, now)
            if changed != bucket:
                sql = f"UPDATE budget SET ({_COLUMNS}) = ({_VALUES}) WHERE id = 1"
                self._engine.write(sql, asdict(changed))
            return told

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """A token bucket; nothing is taken unless all is."""
        return self._change(burst, lambda bucket, now: bucket.spent(requests, now, rate, burst))

    def owe(self, requests: int) -> None:
        """Below zero if need be; a budget that nobody spent from yet counts as empty."""
        self._change(0.0, lambda bucket, now: (bucket.owing(requests, now), 0.0))

    def slow_down(self, until: float) -> None:
        """The bucket is empty as well, so that all do not come at once then."""
        self._change(0.0, lambda bucket, now: (bucket.slowed(until, now), 0.0))

    def used_ratio(self, burst: float) -> float:
        """Filled up at the rate that was spent by last."""
        bucket, now = self._bucket()
        return 0.0 if bucket is None else bucket.used_ratio(now, burst)

    def rate_now(self, rate: float) -> float:
        """Under the ceiling."""
        bucket, now = self._bucket()
        return rate if bucket is None else bucket.rate_now(now, rate)
