"""Departures, in SQL."""

from collections.abc import Sequence

from mappers.wanted import SourceKey
from state.facts import Departure
from state.sql.engine import Engine, Question, Row, record_columns


def _departure(row: Row) -> Departure:
    return Departure(SourceKey(row["source"], row["entity"], row["subject"]), row["person"], row["date"])


OF_PERSON = Question(
    "SELECT * FROM departures WHERE person = :person ORDER BY source, entity, subject",
    lambda rows: [_departure(row) for row in rows],
)


class SqlDepartures:
    """Who left, by the source record that said so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def leave(self, departure: Departure) -> None:
        """The newest word of a source record counts."""
        self._engine.run(
            "INSERT INTO departures (source, entity, subject, person, date)"
            " VALUES (:source, :entity, :subject, :person, :date) ON CONFLICT (source, entity, subject) DO UPDATE SET"
            " person = excluded.person, date = excluded.date",
            {**record_columns(departure.record), "person": departure.person, "date": departure.date},
        )

    def come_back(self, record: SourceKey) -> str | None:
        """Whose it was."""
        rows = self._engine.run(
            "DELETE FROM departures WHERE source = :source AND entity = :entity AND subject = :subject"
            " RETURNING person",
            record_columns(record),
        )
        return str(rows[0]["person"]) if rows else None

    def of_person(self, person: str) -> Sequence[Departure]:
        """By source record."""
        return OF_PERSON.of(self._engine, person)
