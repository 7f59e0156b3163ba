"""Group-id records, in SQL."""

from collections.abc import Mapping, Sequence

from mappers.groups import GroupIdRecord
from state.facts import Group, GroupState
from state.sql.engine import Engine, Question, Row, reading


@reading
def _group(row: Row) -> Group:
    return Group(
        record=GroupIdRecord(row["id"], row["name"], row["type"], row["description"]),
        state=GroupState(row["state"]),
        reason=row["reason"],
        ripe_at=row["ripe_at"],
    )


OF_PERSON = Question(
    "SELECT * FROM group_id_records WHERE key IN (SELECT group_key FROM wanted_items WHERE person = :person)",
    lambda rows: {row["key"]: _group(row) for row in rows},
)


class SqlGroups:
    """Group-id records that peer reviews need, by key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def want(self, record: GroupIdRecord) -> None:
        """A refused one is wanted again."""
        self._engine.write(
            "INSERT INTO group_id_records (key, id, name, type, description, state, reason, ripe_at)"
            " VALUES (:key, :id, :name, :type, :description, 'wanted', '', 0) ON CONFLICT (key) DO UPDATE SET"
            " id = excluded.id, name = coalesce(excluded.name, group_id_records.name),"
            " type = coalesce(excluded.type, group_id_records.type),"
            " description = coalesce(excluded.description, group_id_records.description),"
            " reason = CASE group_id_records.state WHEN 'refused' THEN '' ELSE group_id_records.reason END,"
            " ripe_at = CASE group_id_records.state WHEN 'refused' THEN 0 ELSE group_id_records.ripe_at END,"
            " state = CASE group_id_records.state WHEN 'refused' THEN 'wanted' ELSE group_id_records.state END",
            {
                "key": record.key,
                "id": record.id,
                "name": record.name,
                "type": record.type,
                "description": record.description,
            },
        )

    def group(self, key: str) -> Group | None:
        """By key."""
        rows = self._engine.run("SELECT * FROM group_id_records WHERE key = :key", {"key": key})
        return _group(rows[0]) if rows else None

    def of_person(self, person: str) -> Mapping[str, Group]:
        """By key, those that the person's wanted items name."""
        return OF_PERSON.of(self._engine, person)

    def ask(self, key: str, until: float) -> bool:
        """In one statement: only one of several that ask at once may."""
        rows = self._engine.run(
            "UPDATE group_id_records SET state = 'asked', reason = '', ripe_at = :until"
            " WHERE key = :key AND state <> 'known' AND ripe_at <= :now RETURNING key",
            {"key": key, "until": until, "now": self._engine.now()},
        )
        return bool(rows)

    def settle(self, key: str, state: GroupState, reason: str = "", ripe_at: float = 0.0) -> None:
        """No call is under way any more."""
        self._engine.write(
            "UPDATE group_id_records SET state = :state, reason = :reason, ripe_at = :ripe_at WHERE key = :key",
            {"key": key, "state": state.value, "reason": reason, "ripe_at": ripe_at},
        )

    def needed_by(self, key: str) -> Sequence[str]:
        """In order."""
        rows = self._engine.run(
            "SELECT DISTINCT person FROM wanted_items"
            " WHERE group_key = :key AND group_key <> '' AND digest IS NOT NULL ORDER BY person",
            {"key": key},
        )
        return [row["person"] for row in rows]
