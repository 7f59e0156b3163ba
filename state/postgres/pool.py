"""Connections to one PostgreSQL database, kept for all the stores of a process.

A connection is one thread's at a time: it is taken for a transaction, or for a statement that stands alone, and given
back after it. So a server that was restarted or failed over is met by who takes one next, who goes on with another
(state/postgres/engine.py). It is connected to by the thread that needs it, for then that one hears why it fails;
and there are no more than there are threads that work with a store at the same time.
"""

import logging
import threading
from collections.abc import Generator
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from mappers.secret import Secret
from state.postgres.clock import PostgresClock
from state.postgres.commits import PostgresCommits
from state.postgres.faults import name_of, unreachable
from state.store import StoreError

# What goes wrong it raises; what it says besides, of a pipeline on a lost connection, is the same once more.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)

T = TypeVar("T")

OLDEST = 14
"""The first major version that these statements were written for."""
CONNECT_SECONDS = 5
"""How long connecting to one host may take; a server answers in some milliseconds, or not at all."""
ANSWER_SECONDS = 60.0
"""How long an answer is waited for. A server that hangs keeps the connection alive, and COMMIT may wait for a standby.

Shorter than what tells a loop that is stuck (worker/web/heartbeat.py), longer than any wait for a lock.
"""
LOST_SECONDS = 10
"""How long either side waits for a sign of the other, when the network between them is cut."""

_UNLESS_GIVEN: dict[str, str | int] = {
    "application_name": "orcid-sync",
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": LOST_SECONDS // 2,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": LOST_SECONDS * 1000,
    # Of several hosts the one that may be written, whichever that is after a failover.
    "target_session_attrs": "read-write",
}
_SESSION = (
    f"SET tcp_keepalives_idle = {LOST_SECONDS // 2}; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    f" SET tcp_user_timeout = '{LOST_SECONDS}s'; SET standard_conforming_strings = on;"
    " SET default_transaction_isolation = 'read committed';"
    " SELECT current_schema(), pg_backend_pid()"
)


class NoAnswerError(psycopg.OperationalError):
    """An answer did not come in time; what was asked for the server may still do."""


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that no answer is waited for on for ever: it is lost then, with what was open on it."""

    patience: float | None = ANSWER_SECONDS

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg's; raises NoAnswerError, with the connection closed, when the answer does not come."""
        until = self.patience if timeout is None else timeout
        try:
            return super().wait(gen, interval, until)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001  # there is no other name for it
            self.close()
            raise NoAnswerError(f"it did not answer for {until:g} s") from None


def read_url(url: str) -> dict[str, Any]:
    """The connection parameters of a postgresql:// URL; raises ValueError that shows nothing of it."""
    try:
        found = dict(conninfo_to_dict(url))
    except psycopg.Error:
        found = {}
    # With a / or @ in it, a password that is not percent-encoded would be taken for host, port or database.
    authority, _, rest = url.partition("://")[2].partition("/")
    ports = str(found.get("port") or "").split(",")
    sound = authority.count("@") <= 1 and "@" not in rest.partition("?")[0]
    if not found or not sound or not all(port == "" or port.isdecimal() for port in ports):
        raise ValueError("is no postgresql:// URL that can be read: percent-encode what is special in it")
    return found


class PostgresPool:
    """Connections to one database; closed when the last store that shares it leaves."""

    def __init__(self, url: str, password: Secret | None = None) -> None:
        """Connects to nothing yet. Raises StoreError for a URL that can't be read."""
        try:
            given = read_url(url)
        except ValueError as error:
            raise StoreError(f"ORCID_SYNC_STATE_URL {error}") from None
        self.name = name_of(given)
        self.clock = PostgresClock()
        self.commits = PostgresCommits()
        self.schema = ""
        """The schema that the state is in, once connected."""
        self._parameters = {**_UNLESS_GIVEN, **given, "client_encoding": "UTF8"}
        if password is not None:
            self._parameters["password"] = password.reveal()
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._users = 0

    def share(self) -> Self:
        """The same pool, for one more store."""
        with self._lock:
            self._users += 1
        return self

    def leave(self) -> None:
        """The last one closes it."""
        with self._lock:
            self._users -= 1
            last = self._users == 0
        if last:
            self.forget()

    def take(self) -> tuple[Connection, bool]:
        """A connection, and whether it was kept: then it may have died meanwhile. Raises StoreError."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        return self._connected(), False

    def give(self, connection: Connection) -> None:
        """Takes it back, and keeps it when nothing is open on it."""
        with self._lock:
            keeps = self._users > 0 and connection.info.transaction_status is TransactionStatus.IDLE
            if keeps:
                self._idle.append(connection)
        if not keeps:
            connection.close()

    def forget(self) -> None:
        """Closes all that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connected(self) -> Connection:
        try:
            connection = Connection.connect(**self._parameters, autocommit=True, context=_OURS)
        except (psycopg.Error, OSError, ValueError) as error:
            raise unreachable(self.name, error) from None
        try:
            self._prepare(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, psycopg.Error):
                raise unreachable(self.name, error) from None
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        info = connection.info
        if info.server_version < OLDEST * 10_000:
            version = info.parameter_status("server_version")
            raise StoreError(f"the state {self.name} is on PostgreSQL {version}: it must be {OLDEST} or newer")
        if info.parameter_status("server_encoding") != "UTF8":
            raise StoreError(f"the state {self.name} cannot be used: create its database with ENCODING 'UTF8'")
        cursor = connection.execute(_SESSION)
        while cursor.nextset():
            pass
        schema, process = cursor.fetchone() or (None, 0)
        if process != info.backend_pid:
            # A pooler is between: the next transaction may come to another process, which prepared other statements.
            connection.prepare_threshold = None
        if schema is None:
            raise StoreError(f"the state {self.name} cannot be used: create the schema that its search_path names")
        self.schema = str(schema)


class _Ours:
    """How values are handed over: as psycopg does, but whole numbers as bigint however small.

    Else one statement would be prepared for each width that comes along.
    """

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_dumper(int, Int8Dumper)
        self.connection = None


_OURS = cast("psycopg.abc.AdaptContext", _Ours())
