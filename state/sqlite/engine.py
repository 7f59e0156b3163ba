"""The SQLite engine: one connection to one file in write-ahead mode, and what is wrong with it said in one line.

What survives what:

- A process that is killed (kill -9, out of memory): every transaction that was committed. It is in the -wal file, of
  which the system has the bytes; the next who opens the state reads them. What was not committed never was.
- A power failure: the same, by `synchronous = FULL`: each commit is synced before it returns, where NORMAL would sync
  at checkpoints alone. Without that an intent could be lost whose POST was sent, and a put-code whose item stands. A
  commit costs one sync of one file; that is no price beside 24 calls a second.
- A power failure while the log is written: frames have checksums and count up to the last whole commit before the first
  frame that is not as it was written. While it is copied into the file (a checkpoint): the log is whole and synced
  until the file is synced too, so copying begins anew.
- A disk that lies about its syncs, or bits that turn over later, are not survived: `check` tells of damaged pages.

Shared memory ties the processes on one state together, which no network file system gives them: there the state is
refused rather than damaged on a bad day, as is what may be one.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from state.sql.engine import Row, keepable
from state.sqlite.mounts import mount_of
from state.sqlite.upkeep import SqliteUpkeep
from state.store import HandedOverError, StoreError, UnkeptError

BUSY_SECONDS = 30.0
"""How long a statement waits while another process writes; every transaction here is far shorter."""
MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells what is mounted; where there is no such file, nothing is known of network file systems."""
SET = "orcid-sync"
"""The name our migrations go by."""

_MEND = "move it away with its -wal and -shm, then `orcid-sync state restore` a backup"
_ADVICE: Mapping[int, str] = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked: find and end it (`fuser` names it)",
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "its disk is full, gone or failing",
    sqlite3.SQLITE_READONLY: "this user must be allowed to write it, its -wal and -shm, and in their folder",
    sqlite3.SQLITE_CANTOPEN: "this user must be allowed to write it and in its folder, and the disk must have room",
    sqlite3.SQLITE_CORRUPT: f"it is damaged: {_MEND}",
    sqlite3.SQLITE_NOTADB: f"it is damaged, or no state of orcid-sync: {_MEND}",
}
"""What to do, by SQLite's primary result code."""

_TRANSACTION = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_SNAPSHOT = ("BEGIN DEFERRED", "COMMIT", ("ROLLBACK",))
_SAVEPOINT = ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))


class SqliteEngine:
    """Runs statements on one connection, by one thread."""

    clock = "store_clock()"
    epoch_base = "0"
    for_update = for_share = skip_locked = ""

    def __init__(self, path: Path | str, now: Callable[[], float], steps: Sequence[tuple[str, str]]) -> None:
        """Opens or makes the file, and brings it up to date by `steps` (state/sql/migrations.py); raises StoreError."""
        self.path = path
        self._now = now
        self._depth = 0
        self._closed = False
        _refuse_network(path)
        try:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the state {path} cannot be opened: {_told(error)}") from error
        connection.create_function("store_clock", 0, now)
        self._db = Database(connection)
        try:
            self._refuse_others({name for name, _ in steps})
            self._prepare()
            self._migrate(steps)
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise StoreError(f"the state {path} cannot be opened: {_told(error)}") from error
            if isinstance(error, KeyError):  # of sqlite-utils, which takes its own table's columns for granted
                raise StoreError(f"the state {path} cannot be opened: its list of migrations is damaged") from error
            raise

    def _refuse_others(self, known: Collection[str]) -> None:
        """Raises StoreError for a database that is not ours to write, before anything in it is changed."""
        with self.snapshot():
            applied = [one.name for one in Migrations(SET).applied(self._db)]
            if not applied and self.run("SELECT 1 FROM sqlite_master WHERE type = 'table'"):
                raise StoreError(f"the state {self.path} cannot be opened: it is another program's database")
        newer = [name for name in applied if name not in known]
        if newer:
            raise StoreError(f"the state {self.path} was written by a newer orcid-sync ({newer[-1]}): upgrade this one")

    def _prepare(self) -> None:
        if _write_ahead(self.connection) not in {"wal", "memory"}:
            raise StoreError(f"the state {self.path} cannot be opened: its file system has no memory to share")
        self.run("PRAGMA synchronous = FULL")
        # What is erased is overwritten: people's data, and what was sealed with a key that leaked.
        self.run("PRAGMA secure_delete = ON")

    def _migrate(self, steps: Sequence[tuple[str, str]]) -> None:
        migrations = Migrations(SET)
        for name, statements in steps:
            migrations(name=name)(_step(statements))
        if migrations.pending(self._db):
            with self.transaction():
                migrations.apply(self._db)

    @property
    def name(self) -> str:
        """The file, as errors name it."""
        return str(self.path)

    @property
    def upkeep(self) -> SqliteUpkeep:
        """What SQLite has its own words for when a whole state is moved."""
        return SqliteUpkeep(self)

    @property
    def connection(self) -> sqlite3.Connection:
        """What it runs its statements on."""
        return self._db.conn

    def now(self) -> float:
        """The machine's clock: all processes on one file share it."""
        return self._now()

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Sequence[Row]:
        """Rows as mappings. Whoever writes waits: SQLite locks no rows."""
        del queues
        given = parameters or {}
        if any(isinstance(value, str) and "\0" in value for value in given.values()):
            given = keepable(given)
        with self.raw() as connection:
            cursor = connection.execute(sql, given)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @contextmanager
    def raw(self) -> Iterator[sqlite3.Connection]:
        """The connection, for what is more than a statement; raises StoreError."""
        # SQLite ends the whole transaction by itself when the disk is full. What follows would then be kept for itself.
        if self._depth and not self._is_open():
            raise StoreError(f"the state {self.path} failed: its transaction was lost")
        try:
            yield self._db.conn
        except OverflowError as error:
            raise UnkeptError(f"the state {self.path} cannot keep it: {error}") from None
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
                raise HandedOverError(f"the state {self.path} {error}") from error  # of the triggers that shut it
            raise StoreError(f"the state {self.path} failed: {_told(error)}") from error

    def check(self, *, thoroughly: bool = False) -> None:
        """Reads every page, and every index against its table when `thoroughly`; raises StoreError for damage.

        Takes about a second for each gigabyte or two that the system has in memory.
        """
        (row,) = self.run(f"PRAGMA {'integrity' if thoroughly else 'quick'}_check(1)")
        (found,) = row.values()
        if found != "ok":
            raise StoreError(f"the state {self.path} is damaged ({' '.join(str(found).split())}): {_MEND}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Takes the write lock at once, so that what was read still holds when it is written."""
        with self._bracket(_SAVEPOINT if self._depth else _TRANSACTION):
            yield

    def write(self, sql: str, parameters: Mapping[str, Any], *, queues: bool = True) -> None:
        """At once."""
        self.run(sql, parameters, queues=queues)

    def run_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[Sequence[Row]]:
        """One after the other: there is nobody to wait for."""
        return [self.run(sql, parameters) for sql, parameters in statements]

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
        """The same: SQLite locks no rows."""
        with self.together():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Takes no lock: in write-ahead mode a reader keeps the state that it began with."""
        if self._depth:
            yield
        else:
            with self._bracket(_SNAPSHOT):
                yield

    @contextmanager
    def _bracket(self, statements: tuple[str, str, tuple[str, ...]]) -> Iterator[None]:
        begin, keep, undo = statements
        self.run(begin)
        self._depth += 1
        try:
            yield
            self.run(keep)
        except BaseException:
            if self._is_open():
                for sql in undo:
                    self.run(sql)
            raise
        finally:
            self._depth -= 1

    def _is_open(self) -> bool:
        return not self._closed and self._db.conn.in_transaction

    def close(self) -> None:
        """Closes the connection; what is open is rolled back."""
        self._closed = True
        self._db.close()


def _refuse_network(path: Path | str) -> None:
    """Raises StoreError for a path on a network file system."""
    try:
        mountinfo = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return
    mount = mount_of(Path(path).resolve(), mountinfo)
    if path != ":memory:" and mount is not None and mount.is_remote:
        raise StoreError(
            f"the state {path} is on a network file system ({mount.kind} at {mount.point}), where it would be damaged"
            " one day: its processes have to share memory. Put it on a disk of this machine"
        )


def _make_private(path: Path | str) -> None:
    """A new state is its owner's alone: it holds data about people. SQLite's side files take its mode."""
    if path != ":memory:" and not Path(path).exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _write_ahead(connection: sqlite3.Connection) -> str:
    """The journal mode that it has afterwards."""
    # While another process makes the same file, SQLite refuses the switch at once instead of waiting its timeout.
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _told(error: Exception) -> str:
    """What SQLite says, and what to do about it."""
    advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return f"{error}: {advice}" if advice else str(error)


def _step(statements: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements.split(";"):
            if statement.strip():
                db.conn.execute(statement)

    return apply
