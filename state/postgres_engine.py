"""The PostgreSQL engine: one writer at a time, for all processes on a state.

All rooms rely on that what was read within a transaction still holds when it is written: two replicas that decide side
by side would double an item on somebody's record. So whoever writes waits in one queue for all: an advisory lock, held
to the end of the transaction, in which each statement sees all that was committed before it. ORCID's 24 calls a second
are the limit of the whole institution anyway: there is nothing to win by writing side by side. Reading waits for
nobody. Leases and the budget go by the locks of their rows (`brief`; state/sql/turns.py).

A process that is frozen, or cut off, in the middle of a transaction stops the others for FROZEN_SECONDS at most: then
the server undoes it. What it does when it comes to again fails, as a whole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from state.postgres_faults import failed
from state.postgres_pool import Connection, PostgresPool
from state.postgres_upkeep import PostgresUpkeep
from state.postgres_words import Statement, statements_of, translated
from state.sql.engine import Row, keepable
from state.store import StoreError

T = TypeVar("T")
Cursor = psycopg.Cursor[tuple[Any, ...]]

BUSY_SECONDS = 30.0
"""How long a statement waits for what others hold; every transaction here is far shorter."""
FROZEN_SECONDS = 10.0
"""How long a transaction in which nothing is said is left alone; between statements our own code takes milliseconds."""

_CLOCK = "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOST = "its transaction was lost"


class PostgresEngine:
    """Runs statements on connections of a pool, by one thread."""

    for_update = " FOR UPDATE"
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, pool: PostgresPool, now: Callable[[], float] | None, steps: Sequence[tuple[str, str]]) -> None:
        """Connects, and brings the state up to date by `steps` (state/sql/migrations.py); raises StoreError.

        Its clock is the database's unless `now` is another.
        """
        self.pool = pool.share()
        self._now = now
        self._connection: Connection | None = None
        self._depth = 0
        self._writes = False
        self._closed = False
        try:
            self._migrate(steps)
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """User, host and database."""
        return self.pool.name

    @property
    def upkeep(self) -> PostgresUpkeep:
        """What PostgreSQL has its own words for when a whole state is moved."""
        return PostgresUpkeep(self)

    # Migrations.

    def _migrate(self, steps: Sequence[tuple[str, str]]) -> None:
        names = [name for name, _ in steps]
        applied = self._applied()
        self._refuse_others(applied, names)
        if len(applied) == len(names):
            return
        with self.transaction():  # others may be at it, too
            applied = self._applied()
            self._refuse_others(applied, names)
            if not applied:
                self.run("CREATE TABLE orcid_sync_migrations (name TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL)")
            for name, step in steps:
                if name not in applied:
                    self._apply(name, step)

    def _applied(self) -> list[str]:
        if "orcid_sync_migrations" not in self.tables():
            return []
        return [row["name"] for row in self.run("SELECT name FROM orcid_sync_migrations ORDER BY at, name")]

    def tables(self) -> Sequence[str]:
        """All tables of the schema, in order."""
        rows = self.run("SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()")
        return sorted(row["name"] for row in rows)

    def _refuse_others(self, applied: Sequence[str], known: Collection[str]) -> None:
        """Raises StoreError for what is not ours to write, before anything in it is changed."""
        if not applied and self.tables():
            raise StoreError(f"the state {self.name} cannot be opened: it is another program's database")
        newer = [name for name in applied if name not in known]
        if newer:
            raise StoreError(f"the state {self.name} was written by a newer orcid-sync ({newer[-1]}): upgrade this one")

    def _apply(self, name: str, step: str) -> None:
        for statement in statements_of(step):
            self.run(statement)
        self.run(
            f"INSERT INTO orcid_sync_migrations (name, at) VALUES (:name, {self.clock})",  # noqa: S608
            {"name": name},
        )

    # The clock.

    def now(self) -> float:
        """The database's clock, which all processes share, as this process knows it (state/postgres_clock.py)."""
        if self._now is not None:
            return self._now()
        clock = self.pool.clock
        if clock.is_due:
            try:
                clock.hear(float(self.run(f"SELECT {_CLOCK} AS now")[0]["now"]))
            except StoreError:
                if not clock.is_heard:
                    raise
                clock.unheard()
        return clock.now()

    @property
    def clock(self) -> str:
        """The clock as SQL: at the moment at which the statement comes to it."""
        return _CLOCK if self._now is None else f"CAST({self._now()!r} AS DOUBLE PRECISION)"

    # Statements.

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Sequence[Row]:
        """Rows as mappings. What writes waits for who else writes, unless `queues` is false."""
        statement = translated(sql)
        if self._depth:
            return self._execute(statement, parameters)
        if statement.writes and queues:
            with self.transaction():
                return self._execute(statement, parameters)
        connection, rows = self._begun(lambda connection: _rows(_run(connection, statement, parameters)))
        self.pool.give(connection)
        return rows

    def run_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[Sequence[Row]]:
        """All are sent before the first answer is waited for: one journey for all."""
        if not self._depth:
            return [self.run(sql, parameters) for sql, parameters in statements]
        connection = self._open()
        try:
            with connection.pipeline():
                cursors = [_run(connection, translated(sql), parameters) for sql, parameters in statements]
        except psycopg.Error as error:
            raise failed(self.name, error) from None
        return [_rows(cursor) for cursor in cursors]

    def _execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        connection = self._open()
        try:
            return _rows(_run(connection, statement, parameters))
        except psycopg.Error as error:
            raise failed(self.name, error) from None

    def _open(self) -> Connection:
        """The connection of the open transaction."""
        if self._closed or self._connection is None:
            raise StoreError(f"the state {self.name} is closed")
        if self._connection.closed:
            raise StoreError(f"the state {self.name} failed: {_LOST}")
        return self._connection

    def _begun(self, act: Callable[[Connection], T]) -> tuple[Connection, T]:
        """Acts on a connection that has done nothing yet: where a kept one turns out to be dead, on another."""
        if self._closed:
            raise StoreError(f"the state {self.name} is closed")
        while True:
            connection, kept = self.pool.take()
            try:
                return connection, act(connection)
            except BaseException as error:
                dead = connection.closed
                connection.close()
                if not isinstance(error, psycopg.Error):
                    raise
                if not (kept and dead):
                    raise failed(self.name, error) from None
                self.pool.forget()

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """The connection of the open transaction, for what only PostgreSQL can; its errors come as StoreError."""
        connection = self._open()
        try:
            yield connection
        except psycopg.Error as error:
            raise failed(self.name, error) from None

    # Transactions.

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Waits until nobody else writes, so that what was read still holds when it is written."""
        with self._inner() if self._depth else self._outer(self._queued):
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """In the open transaction, else in one of its own."""
        if self._depth:
            yield
        else:
            with self.transaction():
                yield

    @contextmanager
    def brief(self) -> Iterator[None]:
        """Waits for nobody but who holds the same rows."""
        if self._depth:
            yield
        else:
            with self._outer(lambda connection: connection.execute(_bounded())):
                yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Waits for nobody. Within a transaction nobody else writes."""
        if self._depth:
            yield
        else:
            with self._outer(lambda connection: connection.execute(_SNAPSHOT), writes=False):
                yield

    @property
    def for_share(self) -> str:
        """Keeps a row as it is until the transaction ends."""
        return " FOR SHARE" if self._writes else ""

    def _queued(self, connection: Connection) -> None:
        """Begins and waits, in one message; the answer tells the time, too."""
        cursor = connection.execute(f"{_bounded()}; SELECT pg_advisory_xact_lock({self._queue}); SELECT {_CLOCK}")
        while cursor.nextset():
            pass
        (now,) = cursor.fetchone() or (None,)
        if now is not None:
            self.pool.clock.hear(now)

    @property
    def _queue(self) -> int:
        """The lock of all who write in this schema."""
        digest = sha256(f"orcid-sync {self.pool.schema}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)

    @contextmanager
    def _outer(self, begin: Callable[[Connection], Any], *, writes: bool = True) -> Iterator[None]:
        connection, _ = self._begun(begin)
        self._connection, self._depth, self._writes = connection, 1, writes
        try:
            yield
            self._keep("COMMIT")
        except BaseException:
            self._undo("ROLLBACK")
            raise
        finally:
            self._connection, self._depth, self._writes = None, 0, False
            self.pool.give(connection)

    @contextmanager
    def _inner(self) -> Iterator[None]:
        self._keep("SAVEPOINT within")
        self._depth += 1
        try:
            yield
            self._keep("RELEASE within")
        except BaseException:
            self._undo("ROLLBACK TO within; RELEASE within")
            raise
        finally:
            self._depth -= 1

    def _keep(self, sql: str) -> None:
        """Raises StoreError when a statement failed before: COMMIT would undo it all and say nothing."""
        if self._status is TransactionStatus.INERROR:
            raise StoreError(f"the state {self.name} failed: {_LOST}")
        self._execute(Statement(sql, writes=True))

    def _undo(self, sql: str) -> None:
        """What can't be undone on a connection is undone by closing it."""
        connection = self._connection
        if connection is None or connection.closed:
            return
        if self._status not in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            connection.close()
            return
        failed_before = self._depth == 1 and self._status is TransactionStatus.INERROR
        try:
            connection.execute(sql)
        except psycopg.Error:
            connection.close()
        if failed_before:
            # What it prepared may not fit any more: a newer version may have changed the tables meanwhile.
            connection.close()

    @property
    def _status(self) -> TransactionStatus:
        return TransactionStatus.UNKNOWN if self._connection is None else self._connection.info.transaction_status

    def check(self, *, thoroughly: bool = False) -> None:
        """PostgreSQL tells of damage itself, when it reads what is damaged."""

    def close(self) -> None:
        """Ends what is open, undone; the pool goes with its last store."""
        if self._closed:
            return
        self._closed = True
        if self._connection is not None:
            self._connection.close()
        self.pool.leave()


def _bounded() -> str:
    return (
        f"BEGIN; SET LOCAL lock_timeout = {BUSY_SECONDS * 1000:.0f};"
        f" SET LOCAL idle_in_transaction_session_timeout = {FROZEN_SECONDS * 1000:.0f}"
    )


def _run(connection: Connection, statement: Statement, parameters: Mapping[str, Any] | None) -> Cursor:
    try:
        return connection.execute(statement.text, parameters or {})
    except psycopg.DataError as error:
        if error.sqlstate is not None:
            raise
        # Of psycopg itself, before it sent anything: a text holds a NUL.
        return connection.execute(statement.text, keepable(parameters or {}))


def _rows(cursor: Cursor) -> Sequence[Row]:
    if cursor.description is None:
        return []
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
