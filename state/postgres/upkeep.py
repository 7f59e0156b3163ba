"""What PostgreSQL has its own words for when a whole state is moved (state/sql/upkeep.py)."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from state.postgres.faults import SHUT_CODE

if TYPE_CHECKING:
    from state.postgres.engine import PostgresEngine

_SHUT = "moved_away"


class PostgresUpkeep:
    """Of a PostgreSQL engine."""

    takes_nul = False

    def __init__(self, engine: "PostgresEngine") -> None:
        self._engine = engine

    def linger(self) -> None:
        """However long, while the other store is written."""
        self._engine.run("SET LOCAL idle_in_transaction_session_timeout = 0")

    def pages(self, sql: str, rows: int) -> Generator[Sequence[tuple[Any, ...]]]:
        """By a cursor of the server's."""
        with self._engine.raw() as connection, connection.cursor(f"pages_{uuid4().hex}") as cursor:
            cursor.execute(sql)
            while page := cursor.fetchmany(rows):
                yield page

    def empty(self, table: str) -> None:
        """Row by row, for who reads meanwhile: TRUNCATE would lock them out until the transaction ends."""
        with self._engine.raw() as connection:
            connection.patience = None
            connection.execute(f"DELETE FROM {table}")  # noqa: S608

    def put_in(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """In one COPY: what goes to a server row by row waits for it each time."""
        sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._engine.raw() as connection, connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    def numbers(self, tables: Iterable[str]) -> Mapping[str, int]:
        """Of the sequences behind them."""
        return {table: self._number(table) for table in tables}

    def _number(self, table: str) -> int:
        (row,) = self._engine.run("SELECT pg_get_serial_sequence(:table, 'id') AS name", {"table": table})
        (last,) = self._engine.run(f"SELECT last_value, is_called FROM {row['name']}")  # noqa: S608
        return int(last["last_value"]) if last["is_called"] else 0

    def count_from(self, table: str, number: int) -> None:
        """Not undone with the transaction, which does no harm: some numbers are never given then."""
        (row,) = self._engine.run(f"SELECT coalesce(max(id), 0) AS n FROM {table}")  # noqa: S608
        greatest = max(number, int(row["n"]), self._number(table))
        if greatest:
            self._engine.run(
                "SELECT setval(pg_get_serial_sequence(:table, 'id'), :number)", {"table": table, "number": greatest}
            )

    def shut(self, tables: Iterable[str], why: str) -> None:
        """By triggers: to make one waits until nobody writes to its table, and keeps all others from it."""
        told = why.replace("'", "''")
        self._engine.run(
            f"CREATE FUNCTION {_SHUT}() RETURNS trigger LANGUAGE plpgsql"
            f" AS 'BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = ''{SHUT_CODE}''; END'"
        )
        for table in tables:
            self._engine.run(
                f"CREATE TRIGGER {_SHUT} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
                f" EXECUTE FUNCTION {_SHUT}('{told}')"
            )
