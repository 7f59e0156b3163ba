"""Moves: what becomes of what stands on records that people moved away from, in SQL."""

from collections.abc import Sequence

from mappers.identifiers import OrcidId
from state.permission_facts import Move, MoveState
from state.sql.engine import Engine, Question, Row, reading


@reading
def _move(row: Row) -> Move:
    return Move(row["person"], OrcidId(row["orcid"]), MoveState(row["state"]), row["reason"])


OF_PERSON = Question(
    "SELECT * FROM moves WHERE person = :person ORDER BY orcid", lambda rows: [_move(row) for row in rows]
)


class SqlMoves:
    """What becomes of what stands on records that people moved away from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, move: Move) -> None:
        """By person and iD."""
        self._engine.write(
            "INSERT INTO moves (person, orcid, state, reason) VALUES (:person, :orcid, :state, :reason)"
            " ON CONFLICT (person, orcid) DO UPDATE SET state = excluded.state, reason = excluded.reason",
            {"person": move.person, "orcid": move.orcid, "state": move.state.value, "reason": move.reason},
        )

    def move(self, person: str, orcid: OrcidId) -> Move | None:
        """By person and iD."""
        sql = "SELECT * FROM moves WHERE person = :person AND orcid = :orcid"
        rows = self._engine.run(sql, {"person": person, "orcid": orcid})
        return _move(rows[0]) if rows else None

    def of_person(self, person: str) -> Sequence[Move]:
        """By iD."""
        return OF_PERSON.of(self._engine, person)

    def all(self) -> Sequence[tuple[Move, int]]:
        """By person and iD."""
        rows = self._engine.run(
            "SELECT m.*, (SELECT count(*) FROM published_items p WHERE p.person = m.person AND p.orcid = m.orcid"
            " AND p.standing IN ('live', 'missing')) AS n FROM moves m ORDER BY person, orcid"
        )
        return [(_move(row), int(row["n"])) for row in rows]

    def drop(self, person: str, orcid: OrcidId) -> None:
        """By person and iD."""
        sql = "DELETE FROM moves WHERE person = :person AND orcid = :orcid"
        self._engine.write(sql, {"person": person, "orcid": orcid})
