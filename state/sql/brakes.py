"""Brakes and suppressions: what operators told us not to send, in SQL."""

from collections.abc import Sequence

from mappers.wanted import SourceKey
from state.brake_facts import Brake, Suppression
from state.sql.engine import Engine, Question, Row, reading, record_columns

_CONCERNED = """
SELECT person FROM wanted_items WHERE (:source = '' OR source = :source) AND (:section = '' OR section = :section)
UNION
SELECT person FROM published_items WHERE (:source = '' OR source = :source) AND (:section = '' OR section = :section)
ORDER BY person
"""
_EVERYBODY = """
SELECT person FROM wanted_items UNION SELECT person FROM published_items UNION SELECT person FROM grants
ORDER BY person
"""


@reading
def _brake(row: Row) -> Brake:
    return Brake(row["person"], row["source"], row["section"], row["at"])


@reading
def _suppression(row: Row) -> Suppression:
    record = SourceKey(row["source"], row["entity"], row["subject"])
    return Suppression(row["person"], record, bool(row["withdraw"]), row["at"])


BRAKES = Question(
    "SELECT * FROM brakes WHERE person IN ('', :person) ORDER BY person, source, section",
    lambda rows: [_brake(row) for row in rows],
)
SUPPRESSIONS = Question(
    "SELECT * FROM suppressions WHERE person = :person ORDER BY source, entity, subject",
    lambda rows: [_suppression(row) for row in rows],
)


class SqlBrakes:
    """What operators paused."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, brake: Brake) -> bool:
        """The first one stays."""
        rows = self._engine.run(
            "INSERT INTO brakes (person, source, section, at) VALUES (:person, :source, :section, :at)"
            " ON CONFLICT DO NOTHING RETURNING 1 AS new",
            {**_named(brake), "at": brake.at},
        )
        return bool(rows)

    def release(self, brake: Brake) -> bool:
        """By what it names."""
        rows = self._engine.run(
            "DELETE FROM brakes WHERE person = :person AND source = :source AND section = :section RETURNING 1 AS gone",
            _named(brake),
        )
        return bool(rows)

    def all(self) -> Sequence[Brake]:
        """In order."""
        return [_brake(row) for row in self._engine.run("SELECT * FROM brakes ORDER BY person, source, section")]

    def of_person(self, person: str) -> Sequence[Brake]:
        """In order."""
        return BRAKES.of(self._engine, person)

    def concerned(self, brake: Brake) -> Sequence[str]:
        """In order."""
        if brake.person:
            return [brake.person]
        rows = self._engine.run(_EVERYBODY) if brake.is_of_everything else self._engine.run(_CONCERNED, _named(brake))
        return [row["person"] for row in rows]


class SqlSuppressions:
    """Source records that are never sent to a person."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, suppression: Suppression) -> None:
        """By person and record."""
        self._engine.run(
            "INSERT INTO suppressions (person, source, entity, subject, withdraw, at)"
            " VALUES (:person, :source, :entity, :subject, :withdraw, :at)"
            " ON CONFLICT (person, source, entity, subject) DO UPDATE SET withdraw = excluded.withdraw,"
            " at = excluded.at",
            {
                **record_columns(suppression.record),
                "person": suppression.person,
                "withdraw": int(suppression.withdraw),
                "at": suppression.at,
            },
        )

    def drop(self, person: str, record: SourceKey) -> bool:
        """By person and record."""
        rows = self._engine.run(
            "DELETE FROM suppressions WHERE person = :person AND source = :source AND entity = :entity"
            " AND subject = :subject RETURNING 1 AS gone",
            {**record_columns(record), "person": person},
        )
        return bool(rows)

    def of_person(self, person: str) -> Sequence[Suppression]:
        """By record."""
        return SUPPRESSIONS.of(self._engine, person)

    def all(self) -> Sequence[Suppression]:
        """By person and record."""
        rows = self._engine.run("SELECT * FROM suppressions ORDER BY person, source, entity, subject")
        return [_suppression(row) for row in rows]


def _named(brake: Brake) -> dict[str, str]:
    return {"person": brake.person, "source": brake.source, "section": brake.section}
