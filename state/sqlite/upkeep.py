"""What SQLite has its own words for when a whole state is moved (state/sql/upkeep.py)."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from state.sqlite.engine import SqliteEngine

_CHANGES = ("INSERT", "UPDATE", "DELETE")


class SqliteUpkeep:
    """Of a SQLite engine."""

    takes_nul = True

    def __init__(self, engine: "SqliteEngine") -> None:
        self._engine = engine

    def linger(self) -> None:
        """It may, always."""

    def pages(self, sql: str, rows: int) -> Generator[Sequence[tuple[Any, ...]]]:
        """SQLite finds rows as they are asked for."""
        with self._engine.raw() as connection, closing(connection.execute(sql)) as cursor:
            while page := cursor.fetchmany(rows):
                yield page

    def empty(self, table: str) -> None:
        """All at once."""
        self._engine.run(f"DELETE FROM {table}")  # noqa: S608

    def put_in(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """As they are, texts with U+0000 as well."""
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"  # noqa: S608
        with self._engine.raw() as connection:
            connection.executemany(sql, rows)

    def numbers(self, tables: Iterable[str]) -> Mapping[str, int]:
        """What AUTOINCREMENT remembers; else the greatest that is there, which is what SQLite goes on from."""
        kept = {row["name"]: row["seq"] for row in self._engine.run("SELECT name, seq FROM sqlite_sequence")}
        return {table: kept[table] if table in kept else self._greatest(table) for table in tables}

    def _greatest(self, table: str) -> int:
        return int(self._engine.run(f"SELECT coalesce(max(id), 0) AS n FROM {table}")[0]["n"])  # noqa: S608

    def count_from(self, table: str, number: int) -> None:
        """Where AUTOINCREMENT counts; the others go on from the greatest that is there."""
        declared = "SELECT 1 FROM sqlite_master WHERE name = :name AND sql LIKE '%AUTOINCREMENT%'"
        if not self._engine.run(declared, {"name": table}):
            return
        known = {"name": table, "number": number}
        sql = "UPDATE sqlite_sequence SET seq = max(seq, :number) WHERE name = :name RETURNING seq"
        if not self._engine.run(sql, known):
            self._engine.run("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)", known)

    def shut(self, tables: Iterable[str], why: str) -> None:
        """By triggers; a transaction alone keeps others from writing."""
        told = why.replace("'", "''")
        for table in tables:
            for change in _CHANGES:
                self._engine.run(
                    f"CREATE TRIGGER moved_away_{table}_{change.lower()} BEFORE {change} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{told}'); END"
                )
