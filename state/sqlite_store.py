"""The SQLite store: one file, through sqlite-utils, in write-ahead mode."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from state.permission_facts import GrantState, KeptToken, token_mark
from state.rooms.agenda import Agenda
from state.rooms.asks import Asks
from state.rooms.blocks import Blocks
from state.rooms.consents import Consents
from state.rooms.departures import Departures
from state.rooms.grants import Grants
from state.rooms.groups import Groups
from state.rooms.intents import Intents
from state.rooms.items import Items
from state.rooms.letters import Letters
from state.rooms.logs import Logs
from state.rooms.moves import Moves
from state.rooms.notes import Notes
from state.rooms.people import People
from state.rooms.records import Records
from state.rooms.tokens import Tokens
from state.rooms.turns import Turns
from state.sql.agenda import SqlAgenda
from state.sql.asks import SqlAsks
from state.sql.blocks import SqlBlocks
from state.sql.consents import SqlConsents
from state.sql.departures import SqlDepartures
from state.sql.engine import Row
from state.sql.grants import SqlGrants
from state.sql.groups import SqlGroups
from state.sql.intents import SqlIntents
from state.sql.items import SqlItems
from state.sql.letters import SqlLetters
from state.sql.logs import SqlLogs
from state.sql.migrations import STEPS
from state.sql.moves import SqlMoves
from state.sql.notes import SqlNotes
from state.sql.people import SqlPeople
from state.sql.records import SqlRecords
from state.sql.sealed import VAULT_CHECK, GivenUp, SqlSealed
from state.sql.tokens import SqlTokens
from state.sql.turns import SqlTurns
from state.store import StoreError
from state.vault import Vault

BUSY_SECONDS = 30.0
"""How long a statement waits while another process writes; every transaction here is far shorter."""

_TRANSACTION = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_SNAPSHOT = ("BEGIN DEFERRED", "COMMIT", ("ROLLBACK",))
_SAVEPOINT = ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))


def _make_private(path: Path | str) -> None:
    """A new state is its owner's alone: it holds data about people. SQLite's side files take its mode."""
    if path != ":memory:" and not Path(path).exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


class SqliteEngine:
    """Runs statements on one connection, by one thread."""

    def __init__(self, path: Path | str, now: Callable[[], float]) -> None:
        self.path = path
        self._now = now
        self._depth = 0
        self._closed = False
        try:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the state {path} cannot be opened: {error}") from error
        try:
            self._db = self._prepared(connection)
            self._migrate()
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise StoreError(f"the state {path} cannot be opened: {error}") from error
            raise

    def _prepared(self, connection: sqlite3.Connection) -> Database:
        _write_ahead(connection)
        # FULL: an intent must be on the disk before its call is sent, also when the power fails just after.
        connection.execute("PRAGMA synchronous = FULL")
        # What is erased is overwritten: people's data, and what was sealed with a key that leaked.
        connection.execute("PRAGMA secure_delete = ON")
        return Database(connection)

    def _migrate(self) -> None:
        known = {name for name, _ in STEPS}
        migrations = Migrations("orcid-sync")
        newer = [applied.name for applied in migrations.applied(self._db) if applied.name not in known]
        if newer:
            raise StoreError(f"the state {self.path} was written by a newer orcid-sync ({newer[-1]}): upgrade this one")
        for name, statements in STEPS:
            migrations(name=name)(_step(statements))
        if migrations.pending(self._db):
            with self.transaction():
                migrations.apply(self._db)

    @property
    def connection(self) -> sqlite3.Connection:
        """What it runs its statements on."""
        return self._db.conn

    def now(self) -> float:
        """The machine's clock: all processes on one file share it."""
        return self._now()

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Rows as mappings."""
        # SQLite ends the whole transaction by itself when the disk is full. What follows would then be kept for itself.
        if self._depth and not self._is_open():
            raise StoreError(f"the state {self.path} failed: its transaction was lost")
        try:
            cursor = self._db.conn.execute(sql, parameters or {})
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except sqlite3.Error as error:
            raise StoreError(f"the state {self.path} failed: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Takes the write lock at once, so that what was read still holds when it is written."""
        with self._bracket(_SAVEPOINT if self._depth else _TRANSACTION):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Takes no lock: in write-ahead mode a reader keeps the state that it began with."""
        with self._bracket(_SAVEPOINT if self._depth else _SNAPSHOT):
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


def _write_ahead(connection: sqlite3.Connection) -> None:
    # While another process makes the same file, SQLite refuses the switch at once instead of waiting its timeout.
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _step(statements: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements.split(";"):
            if statement.strip():
                db.conn.execute(statement)

    return apply


class SqliteStore:
    """The store (state/store.py) in one SQLite file."""

    def __init__(self, path: Path | str, vault: Vault, now: Callable[[], float], *, keys_lost: bool = False) -> None:
        """Opens or makes the file; raises StoreError when it cannot be used.

        With `keys_lost` it opens although the keys don't fit, for `give_up`.
        """
        self._engine = SqliteEngine(path, now)
        self._vault = vault
        self._sealed = SqlSealed(self._engine, vault)
        self.logs: Logs = SqlLogs(self._engine)
        self.records: Records = SqlRecords(self._engine)
        self.letters: Letters = SqlLetters(self._engine, vault)
        self.grants: Grants = SqlGrants(self._engine, vault)
        self.intents: Intents = SqlIntents(self._engine)
        self.groups: Groups = SqlGroups(self._engine)
        self.departures: Departures = SqlDepartures(self._engine)
        self.items: Items = SqlItems(self._engine, vault)
        self.agenda: Agenda = SqlAgenda(self._engine)
        self.turns: Turns = SqlTurns(self._engine)
        self.notes: Notes = SqlNotes(self._engine)
        self.tokens: Tokens = SqlTokens(self._engine, vault)
        self.moves: Moves = SqlMoves(self._engine)
        self.consents: Consents = SqlConsents(self._engine, vault)
        self.asks: Asks = SqlAsks(self._engine)
        self.people: People = SqlPeople(self._engine)
        self.blocks: Blocks = SqlBlocks(self._engine, vault)
        if not vault.fits(self._vault_check()) and not keys_lost:
            self.close()
            raise StoreError(
                f"ORCID_SYNC_VAULT_KEYS: none of the keys opens the state {path}; give the key it was written with"
            )
        if not keys_lost and self.notes.get("tokens-to-mark") is not None:
            self._mark_tokens()

    def _mark_tokens(self) -> None:
        """Keeps the tokens of grants that are older than the table of tokens: by their marks, which SQL can't make."""
        with self.transaction():
            for grant in self.grants.all():
                token = grant.access_token
                if token is not None:
                    revoked = grant.state is GrantState.REVOKED
                    kept = KeptToken(token_mark(token), grant.person, grant.orcid, grant.granted_at, token, revoked)
                    self.tokens.keep(kept)
            self.notes.put("tokens-to-mark", None)

    def _vault_check(self) -> str:
        found = self.notes.get(VAULT_CHECK)
        if found is not None:
            return found
        with self.transaction():  # another process may just be writing its own
            found = self.notes.get(VAULT_CHECK) or self._vault.check_value()
            self.notes.put(VAULT_CHECK, found)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._engine.transaction():
            yield

    def now(self) -> float:
        """The machine's clock."""
        return self._engine.now()

    @property
    def engine(self) -> SqliteEngine:
        """What it runs on."""
        return self._engine

    def at(self, path: Path) -> Self:
        """A store on another file, under the same keys and clock."""
        return type(self)(path, self._vault, self._engine.now)

    def scrub(self) -> None:
        """Writes the log into the file and empties it."""
        self._engine.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def rekey(self) -> int:
        """Seals everything that is sealed with the newest key; returns how many values.

        All or nothing: raises VaultError when one doesn't open. Nothing stays that an earlier key opens.
        """
        count = self._sealed.rekey()
        self.scrub()
        return count

    def give_up(self, *, lose_blocks: bool = False) -> GivenUp:
        """Drops what the keys don't open (state/sql/sealed.py); raises StoreError, having dropped nothing."""
        return self._sealed.give_up(lose_blocks=lose_blocks)

    def twin(self) -> Self:
        """Another connection to the same file."""
        return type(self)(self._engine.path, self._vault, self._engine.now)

    def close(self) -> None:
        """Closes the connection."""
        self._engine.close()
