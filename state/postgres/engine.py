"""The PostgreSQL engine: one writer at a time, for all processes on a state.

All rooms rely on that what was read within a transaction still holds when it is written: two replicas that decide side
by side would double an item on somebody's record. So whoever writes waits in one queue for all: an advisory lock, held
to the end of the transaction, in which each statement sees all that was committed before it. ORCID's 24 calls a second
are the limit of the whole institution anyway: there is nothing to win by writing side by side. Reading waits for
nobody. Leases and the budget go by the locks of their rows (`brief`; state/sql/turns.py).

A process that is frozen, or cut off, in the middle of a transaction stops the others for FROZEN_SECONDS at most: then
the server undoes it. What it does when it comes to again fails, as a whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from state.postgres import pool as postgres_pool
from state.postgres.clock import CLOCK
from state.postgres.commits import Expected
from state.postgres.faults import failed
from state.postgres.migrations import migrate
from state.postgres.pool import Connection, PostgresPool
from state.postgres.upkeep import PostgresUpkeep
from state.postgres.words import Statement, bounded, carried_out, queue_of, rows_of, translated
from state.sql.engine import Row, keepable
from state.store import CommitsLostError, StoreError

T = TypeVar("T")

BUSY_SECONDS = 30.0
"""How long a statement waits for what others hold; every transaction here is far shorter."""
FROZEN_SECONDS = 10.0
"""How long a transaction in which nothing is said is left alone; between statements our own code takes milliseconds."""

_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_COMMIT = Statement("COMMIT", writes=True)
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
        self._losses = pool.commits.losses
        self._now = now
        self._connection: Connection | None = None
        self._depth = 0
        self._writes = False
        self._counts = False
        self._expected: Expected | None = None
        """What was known of our commits before the open transaction, where it is one that is counted."""
        self._waiting: list[tuple[Statement, Mapping[str, Any]]] = []
        """Statements of the open transaction that are not sent yet: they travel with the next that is waited for."""
        self._journeys = 0
        self._closed = False
        try:
            migrate(self, steps)
            self._counts = True
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

    def now(self) -> float:
        """The database's clock, which all processes share, as this process knows it (state/postgres/clock.py)."""
        if self._now is not None:
            return self._now()
        clock = self.pool.clock
        if clock.is_due:
            try:
                clock.hear(float(self.run(f"SELECT {CLOCK} AS now")[0]["now"]))
            except StoreError:
                if not clock.is_heard:
                    raise
                clock.unheard()
        return clock.now()

    @property
    def clock(self) -> str:
        """The clock as SQL: at the moment at which the statement comes to it."""
        return CLOCK if self._now is None else f"CAST({self._now()!r} AS DOUBLE PRECISION)"

    @property
    def epoch_base(self) -> str:
        """Microseconds: a server that lost its last commits in a failover gives no epoch of theirs again."""
        return f"CAST({CLOCK} * 1000000 AS BIGINT)" if self._now is None else "0"

    # Statements.

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Sequence[Row]:
        """Rows as mappings. What writes waits for who else writes, unless `queues` is false."""
        statement = translated(sql)
        if self._depth:
            return self._execute(statement, parameters)
        if statement.writes and queues:
            with self.transaction():
                return self._execute(statement, parameters)
        connection, rows = self._begun(lambda connection: rows_of(carried_out(connection, statement, parameters)))
        self.pool.give(connection)
        return rows

    def write(self, sql: str, parameters: Mapping[str, Any], *, queues: bool = True) -> None:
        """As `run`, but of a statement that tells nothing: it is sent with the next that does, or at the end."""
        if not self._depth:
            self.run(sql, parameters, queues=queues)
            return
        self._open()
        for value in parameters.values():
            if isinstance(value, str):
                value.encode()  # raises what `run` would raise, here and not later
        self._waiting.append((translated(sql), keepable(parameters)))

    def run_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[Sequence[Row]]:
        """All are sent before the first answer is waited for: one journey for all."""
        if not self._depth:
            return [self.run(sql, parameters) for sql, parameters in statements]
        return self._sent([(translated(sql), parameters) for sql, parameters in statements])

    def _execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        if self._waiting:
            return self._sent([(statement, parameters or {})])[0]
        connection = self._open()
        self._journeys += 1
        try:
            return rows_of(carried_out(connection, statement, parameters))
        except psycopg.Error as error:
            raise failed(self.name, error) from None

    def _sent(self, statements: Sequence[tuple[Statement, Mapping[str, Any]]]) -> Sequence[Sequence[Row]]:
        """The rows of these statements, which are sent behind those that wait: the first that fails is told."""
        connection = self._open()
        waiting, self._waiting = self._waiting, []
        self._journeys += 1
        try:
            with connection.pipeline():
                for statement, parameters in waiting:
                    carried_out(connection, statement, parameters)
                cursors = [carried_out(connection, statement, parameters) for statement, parameters in statements]
        except psycopg.Error as error:
            raise failed(self.name, error) from None
        return [rows_of(cursor) for cursor in cursors]

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
            connection.patience = postgres_pool.ANSWER_SECONDS
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

    def _tell_losses(self) -> None:
        """Raises CommitsLostError when commits of this process are gone, and this store was not told yet."""
        commits = self.pool.commits
        if self._losses != commits.losses:
            self._losses = commits.losses
            raise CommitsLostError(f"the state {self.name} lost what was committed last: a failover?", commits.lost_at)

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """The connection of the open transaction, for what only PostgreSQL can; its errors come as StoreError."""
        connection = self._open()
        if self._waiting:
            self._sent([])
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
            with self._outer(lambda connection: connection.execute(bounded(BUSY_SECONDS, FROZEN_SECONDS))):
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
        """Begins and waits, in one message; the answer tells the time, too, and how many of our commits are there."""
        commits = self.pool.commits
        expected = commits.expected() if self._counts else None
        begin, queue = bounded(BUSY_SECONDS, FROZEN_SECONDS), queue_of(self.pool.schema)
        question = f"SELECT {CLOCK}, {commits.question if expected else 'NULL'}"
        cursor = connection.execute(f"{begin}; SELECT pg_advisory_xact_lock({queue}); {question}")
        while cursor.nextset():
            pass
        ((now, found),) = cursor.fetchall()
        self.pool.clock.hear(now)
        if expected:
            commits.compare(found, expected)
            self._tell_losses()
        self._expected = expected

    @contextmanager
    def _outer(self, begin: Callable[[Connection], Any], *, writes: bool = True) -> Iterator[None]:
        connection, _ = self._begun(begin)
        self._connection, self._depth, self._writes = connection, 1, writes
        try:
            yield
            self._commit()
        except BaseException:
            self._undo("ROLLBACK")
            raise
        finally:
            self._connection, self._depth, self._writes, self._expected = None, 0, False, None
            self._waiting.clear()
            self.pool.give(connection)

    @contextmanager
    def _inner(self) -> Iterator[None]:
        self._refuse_lost()
        before, journeys = len(self._waiting), self._journeys
        self._waiting.append((Statement("SAVEPOINT within", writes=True), {}))
        self._depth += 1
        try:
            yield
            self._refuse_lost()
            self._execute(Statement("RELEASE within", writes=True))  # what waits goes with it: its fault is this part's
        except BaseException:
            if journeys == self._journeys:
                del self._waiting[before:]
            else:
                self._undo("ROLLBACK TO within; RELEASE within")
            raise
        finally:
            self._depth -= 1

    def _commit(self) -> None:
        """With a transaction of the queue goes that it is one more of ours."""
        self._refuse_lost()
        if self._expected is None:
            self._execute(_COMMIT)
            return
        counting = self.pool.commits.statement(self._expected)
        if self._waiting:
            rows, _ = self._sent([(Statement(counting, writes=True), {}), (_COMMIT, {})])
        else:
            rows = self._execute(Statement(f"{counting}; COMMIT", writes=True))
        for row in rows:
            self.pool.commits.count(row["commits"], row["at"], self._expected)

    def _refuse_lost(self) -> None:
        """Raises StoreError when a statement failed before: COMMIT would undo it all and say nothing."""
        if self._status is TransactionStatus.INERROR:
            raise StoreError(f"the state {self.name} failed: {_LOST}")

    def _undo(self, sql: str) -> None:
        """What can't be undone on a connection is undone by closing it."""
        self._waiting.clear()
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
