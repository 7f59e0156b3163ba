"""Positions and gaps of logs, in SQL."""

from collections.abc import Mapping, Sequence

from mappers.events.messages import LogId
from state.facts import GapNote
from state.sql.engine import Engine, Row, reading


def _columns(log: LogId) -> dict[str, str | int]:
    return {"cluster": log.cluster, "topic_id": log.topic_id, "topic": log.topic, "partition": log.partition}


@reading
def _log(row: Row) -> LogId:
    return LogId(row["cluster"], row["topic_id"], row["topic"], row["partition"])


class SqlLogs:
    """How far each log was read, and what it no longer had."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self, log: LogId) -> int | None:
        """The next offset to read."""
        rows = self._engine.run(
            "SELECT next_offset FROM positions WHERE cluster = :cluster AND topic_id = :topic_id"
            " AND topic = :topic AND partition = :partition",
            _columns(log),
        )
        return int(rows[0]["next_offset"]) if rows else None

    def advance(self, log: LogId, next_offset: int) -> None:
        """Forward only."""
        self._engine.write(
            "INSERT INTO positions (cluster, topic_id, topic, partition, next_offset)"
            " VALUES (:cluster, :topic_id, :topic, :partition, :next_offset)"
            " ON CONFLICT (cluster, topic_id, topic, partition) DO UPDATE SET next_offset = excluded.next_offset"
            " WHERE excluded.next_offset > positions.next_offset",
            {**_columns(log), "next_offset": next_offset},
        )

    def begin_again(self, log: LogId) -> None:
        """As if never read."""
        self._engine.write(
            "DELETE FROM positions WHERE cluster = :cluster AND topic_id = :topic_id"
            " AND topic = :topic AND partition = :partition",
            _columns(log),
        )

    def positions(self) -> Mapping[LogId, int]:
        """All positions."""
        return {_log(row): row["next_offset"] for row in self._engine.run("SELECT * FROM positions")}

    def add_gap(self, log: LogId, first: int, last: int, reason: str) -> None:
        """Notes a gap, once."""
        self._engine.write(
            "INSERT INTO gaps (cluster, topic_id, topic, partition, first, last, reason, at)"
            " VALUES (:cluster, :topic_id, :topic, :partition, :first, :last, :reason, :at)"
            " ON CONFLICT (cluster, topic_id, topic, partition, first, last) DO NOTHING",
            {**_columns(log), "first": first, "last": last, "reason": reason, "at": self._engine.now()},
        )

    def gaps(self) -> Sequence[GapNote]:
        """Open gaps, oldest first."""
        rows = self._engine.run("SELECT * FROM gaps WHERE closed = 0 ORDER BY id")
        return [GapNote(row["id"], _log(row), row["first"], row["last"], row["reason"], row["at"]) for row in rows]

    def close_gap(self, gap: int) -> bool:
        """Closes a gap."""
        sql = "UPDATE gaps SET closed = 1 WHERE id = :id AND closed = 0 RETURNING id"
        return bool(self._engine.run(sql, {"id": gap}))
