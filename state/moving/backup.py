"""Backups, in SQLite files whatever the state is on: of one moment while others write; and put in a state's place."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from state.moving.copying import Watch, compare_all, copy_all, unwatched
from state.moving.handover import ARRIVING, HANDED_OVER
from state.moving.tables import tables_of
from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.sqlite.engine import SqliteEngine
from state.sqlite.store import SqliteStore
from state.store import StoreError

KEPT = frozenset({"leases", "budget", "jobs"})
"""Tables that stay those of the state: they are about now, and late replies are told by leases."""

AnyStore = SqlStore[Any]


def back_up(store: AnyStore, file: Path, watch: Watch = unwatched) -> None:
    """Copies the state as it is at this moment into a new file, its owner's alone; raises StoreError.

    The file is whole or not there: it gets its name last.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with _made(unfinished):
            if isinstance(store, SqliteStore):
                _copy(store.engine.connection, unfinished)
            else:
                _copy_rows(store, unfinished, watch)
            with closing(_read_only(unfinished)) as copy:
                _check_pages(copy, store.engine.name)  # a damaged state must not take a good backup's place
            unfinished.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{file} cannot be written: {error}") from error


@contextmanager
def copied(file: Path, store: AnyStore) -> Iterator[SqliteStore]:
    """A backup's copy beside the state, brought to this version, and gone at the end.

    Of a state that is no file: beside the backup. Raises StoreError when the file is no state, was written by a newer
    version, or does not open with the keys.
    """
    _check(file)
    with _place(file, store) as copy, _made(copy):
        try:
            with closing(_read_only(file)) as source:
                _copy(source, copy)
            _open_up(copy)
            opened = SqliteStore(copy, store.vault, store.now)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{file} cannot be read: {error}") from error
        except StoreError as error:
            raise StoreError(str(error).replace(str(copy), str(file))) from None
        with closing(opened):
            yield opened


def replace_content(store: AnyStore, copy: SqliteStore) -> None:
    """Puts what is in the copy in place of what is in the state, in the caller's transaction; raises StoreError."""
    copy_all(copy.engine, store.engine, [table for table in tables_of() if table.name not in KEPT], mend=True)


def leases_held(store: AnyStore) -> int:
    """How many records another process may be writing just now."""
    rows = store.engine.run("SELECT count(*) AS n FROM leases WHERE free_at > :now", {"now": store.now()})
    return int(rows[0]["n"])


def _check(file: Path) -> None:
    try:
        with closing(_read_only(file)) as connection:
            rows = connection.execute("SELECT name FROM notes WHERE name = 'vault-check'").fetchall()
            _check_pages(connection, file)
    except sqlite3.Error as error:
        raise StoreError(f"{file} is not a state of orcid-sync: {error}") from None
    if not rows:
        raise StoreError(f"{file} is not a state of orcid-sync: nothing in it says which keys it was written with")


def _check_pages(connection: sqlite3.Connection, file: Path | str) -> None:
    """Raises StoreError for a file whose pages or indexes are damaged."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"{file} is damaged: {' '.join(found.split())}")


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _made(path: Path) -> Iterator[None]:
    """An empty file, its owner's alone; what is left of it at the end is taken away, side files too."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield
    finally:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, path: Path) -> None:
    """In one step, so that nobody's writing makes it begin again; a plain file without side files."""
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def _copy_rows(store: AnyStore, path: Path, watch: Watch) -> None:
    """As they are at one moment; nobody waits for it, and it takes no more room than the file: a part of it is none."""
    with closing(SqliteEngine(path, store.now, STEPS)) as target:
        target.run("PRAGMA journal_mode = OFF")
        with store.engine.snapshot(), target.transaction():
            store.engine.upkeep.linger()
            copy_all(store.engine, target, tables_of(), watch)
            compare_all(store.engine, target, tables_of(), watch)
        target.run("PRAGMA journal_mode = DELETE")


@contextmanager
def _place(file: Path, store: AnyStore) -> Iterator[Path]:
    """Where a copy may be made for the time being."""
    if not isinstance(store, SqliteStore):
        with _room_beside(file) as folder:
            yield Path(folder) / "restoring"
        return
    path = Path(store.engine.path)
    if path.resolve() == file.resolve():
        raise StoreError(f"{file} is the state itself")
    yield path.with_name(f"{path.name}.restoring")


def _room_beside(file: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder where there is room for another such file; where the backup's can't be written, any."""
    try:
        return tempfile.TemporaryDirectory(prefix=".orcid-sync-", dir=file.parent)
    except OSError:
        return tempfile.TemporaryDirectory(prefix="orcid-sync-")


def _open_up(path: Path) -> None:
    """A state that was handed over is as good as any backup of it: this copy of it is not shut."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM notes WHERE name IN (?, ?)", (HANDED_OVER, ARRIVING))
