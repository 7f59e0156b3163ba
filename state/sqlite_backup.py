"""Backups of a SQLite state: a consistent copy while others write, and a copy's content put in place of a state's."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from state.sqlite_engine import SqliteEngine
from state.sqlite_store import SqliteStore
from state.store import StoreError

KEPT = frozenset({"leases", "budget"})
"""Tables that stay those of the state: they are about now, and late replies are told by leases."""


def back_up(store: SqliteStore, file: Path) -> None:
    """Copies the state as it is at this moment into a new file, its owner's alone; raises StoreError.

    The file is whole or not there: it gets its name last.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with _made(unfinished):
            _copy(store.engine.connection, unfinished)
            with closing(_read_only(unfinished)) as copy:
                _check_pages(copy, store.engine.path)  # a damaged state must not take a good backup's place
            unfinished.replace(file)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{file} cannot be written: {error}") from error


@contextmanager
def copied(file: Path, store: SqliteStore) -> Iterator[SqliteStore]:
    """A backup's copy beside the state, brought to this version, and gone at the end.

    Raises StoreError when the file is no state, was written by a newer version, or does not open with the keys.
    """
    path = Path(store.engine.path)
    if path.resolve() == file.resolve():
        raise StoreError(f"{file} is the state itself")
    copy = path.with_name(f"{path.name}.restoring")
    _check(file)
    with _made(copy):
        try:
            with closing(_read_only(file)) as source:
                _copy(source, copy)
            opened = store.at(copy)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{file} cannot be read: {error}") from error
        except StoreError as error:
            raise StoreError(str(error).replace(str(copy), str(file))) from None
        with closing(opened):
            yield opened


def replace_content(store: SqliteStore, copy: SqliteStore) -> None:
    """Puts what is in the copy in place of what is in the state, in the caller's transaction; raises StoreError."""
    try:
        for table in _tables(store.engine):
            _replace(store.engine, copy.engine, table)
        for name, number in copy.engine.connection.execute("SELECT name, seq FROM sqlite_sequence"):
            # No number is given twice: a call that is still under way must find its own note, or none.
            sql = "UPDATE sqlite_sequence SET seq = max(seq, :number) WHERE name = :name"
            store.engine.run(sql, {"name": name, "number": number})
    except sqlite3.Error as error:
        raise StoreError(f"the state {store.engine.path} failed: {error}") from error


def leases_held(store: SqliteStore) -> int:
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


def _tables(engine: SqliteEngine) -> list[str]:
    rows = engine.run("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [row["name"] for row in rows if not row["name"].startswith(("sqlite_", "_")) and row["name"] not in KEPT]


def _replace(engine: SqliteEngine, copy: SqliteEngine, table: str) -> None:
    names = [row["name"] for row in engine.run(f"PRAGMA table_info({table})")]
    columns, marks = ", ".join(names), ", ".join("?" for _ in names)
    engine.run(f"DELETE FROM {table}")  # noqa: S608 - the names are those of our own tables
    rows = copy.connection.execute(f"SELECT {columns} FROM {table}")  # noqa: S608
    engine.connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
