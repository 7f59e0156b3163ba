"""Dead letters, in SQL; their bytes sealed."""

from collections.abc import Iterator, Sequence

from state.facts import DeadLetter
from state.sql.engine import Engine, Row, reading
from state.sql.pages import FEW, pages
from state.vault import Vault

_COLUMNS = "id, place, source, entity, subject, rule, field, message, at, state, type, again_at"
_NUMBERED = "rtrim(place, '0123456789') AS stem, length(place) AS extent"
_AGED = f"SELECT * FROM (SELECT {_COLUMNS}, {_NUMBERED} FROM dead_letters WHERE state = 'open') AS aged"
_AGE = ("at", "stem", "extent", "place", "id")
"""Oldest first; then by place, whose number at the end counts as one: it is longer when it is greater."""
_OLDEST_FIRST = ", ".join(_AGE)
_NEWEST_FIRST = ", ".join(f"{one} DESC" for one in _AGE)


class SqlLetters:
    """Dead letters."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    @reading
    def _letter(self, row: Row, *, sealed: bool = False) -> DeadLetter:
        return DeadLetter(
            id=row["id"],
            place=row["place"],
            source=row["source"],
            entity=row["entity"],
            subject=row["subject"],
            rule=row["rule"],
            field=row["field"],
            message=row["message"],
            envelope=b"" if sealed or not row["envelope"] else self._vault.open(row["envelope"]),
            at=row["at"],
            state=row["state"],
            type=row["type"],
            again_at=row["again_at"],
        )

    def bury(self, letter: DeadLetter) -> bool:
        """A retried one opens again; a discarded one stays discarded. Bytes that were lost are kept now."""
        rows = self._engine.run(
            "INSERT INTO dead_letters"
            " (id, place, source, entity, subject, rule, field, message, envelope, at, state, type, again_at)"
            " VALUES (:id, :place, :source, :entity, :subject, :rule, :field, :message, :envelope, :at, 'open', :type,"
            " :again_at) ON CONFLICT (id) DO UPDATE SET"
            " rule = excluded.rule, field = excluded.field, message = excluded.message,"
            " type = excluded.type, again_at = excluded.again_at,"
            " envelope = CASE dead_letters.envelope WHEN '' THEN excluded.envelope ELSE dead_letters.envelope END,"
            " state = CASE dead_letters.state WHEN 'discarded' THEN 'discarded' ELSE 'open' END RETURNING state",
            {
                "id": letter.id,
                "place": letter.place,
                "source": letter.source,
                "entity": letter.entity,
                "subject": letter.subject,
                "rule": letter.rule,
                "field": letter.field,
                "message": letter.message,
                "envelope": self._vault.seal(letter.envelope),
                "at": letter.at,
                "type": letter.type,
                "again_at": letter.again_at,
            },
        )
        return bool(rows[0]["state"] == "open")

    def open(self) -> Iterator[DeadLetter]:
        """Their order is read in pages, each letter by itself."""
        return (found for one in self.unopened() if (found := self.letter(one.id)) is not None)

    def unopened(self) -> Iterator[DeadLetter]:
        """In pages, by the index of their times."""
        return (self._letter(row, sealed=True) for row in pages(self._engine, _AGED, _AGE))

    def newest(self, number: int) -> Sequence[DeadLetter]:
        """Oldest first."""
        rows = self._engine.run(f"{_AGED} ORDER BY {_NEWEST_FIRST} LIMIT :number", {"number": number})
        return [self._letter(row, sealed=True) for row in reversed(rows)]

    def due(self, now: float | None = None) -> Sequence[str]:
        """Oldest first."""
        rows = self._engine.run(
            f"SELECT id FROM ({_AGED}) AS due{'' if now is None else ' WHERE again_at <= :now'}"
            f" ORDER BY {_OLDEST_FIRST}",
            {} if now is None else {"now": now},
        )
        return [row["id"] for row in rows]

    def knows(self, letter: str) -> bool:
        """By id."""
        return bool(self._engine.run("SELECT 1 AS found FROM dead_letters WHERE id = :id", {"id": letter}))

    def letter(self, id_prefix: str) -> DeadLetter | None:
        """By id, or by what only it begins with."""
        rows = self._engine.run("SELECT * FROM dead_letters WHERE id = :id", {"id": id_prefix}) or self._engine.run(
            "SELECT * FROM dead_letters WHERE substr(id, 1, CAST(:length AS INTEGER)) = :prefix LIMIT 2",
            {"prefix": id_prefix, "length": len(id_prefix)},
        )
        return self._letter(rows[0]) if len(rows) == 1 else None

    def naming(self, source: str, subject: str) -> Sequence[DeadLetter]:
        """Open ones."""
        rows = self._engine.run(
            f"SELECT *, {_NUMBERED} FROM dead_letters"
            f" WHERE state = 'open' AND source = :source AND subject = :subject ORDER BY {_OLDEST_FIRST}",
            {"source": source, "subject": subject},
        )
        return [self._letter(row) for row in rows]

    def settle(self, letter: str, state: str) -> None:
        """Marks one."""
        self._engine.run("UPDATE dead_letters SET state = :state WHERE id = :id", {"id": letter, "state": state})

    def all(self) -> Iterator[DeadLetter]:
        """In small pages, by id."""
        return map(self._letter, pages(self._engine, "SELECT * FROM dead_letters", ("id",), rows=FEW))

    def rewrite(self, letter: DeadLetter) -> None:
        """By id."""
        self._engine.run(
            "UPDATE dead_letters SET envelope = :envelope, message = :message WHERE id = :id",
            {"id": letter.id, "envelope": self._vault.seal(letter.envelope), "message": letter.message},
        )

    def erase(self, letter: str) -> None:
        """By id."""
        self._engine.run("DELETE FROM dead_letters WHERE id = :id", {"id": letter})

    def count(self) -> int:
        """Open ones."""
        return int(self._engine.run("SELECT count(*) AS n FROM dead_letters WHERE state = 'open'")[0]["n"])
