"""Places for states of any version, in each kind of database: opened by some of the migrations, looked at behind."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from state.postgres import store as postgres_store
from state.postgres.store import PostgresStore
from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.sqlite import store as sqlite_store
from state.sqlite.store import SqliteStore
from state.vault import Vault
from tests.postgres.servers import Databases
from tests.state.stores import Clock

Steps = Sequence[tuple[str, str]]
Schema = list[tuple[str, ...]]
_NEWEST: dict[int, Schema] = {}
_POSTGRES = """
SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, coalesce(column_default, ''),
    coalesce(collation_name::text, '') FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL SELECT tablename::text, indexname::text, regexp_replace(indexdef, ' ON \\S+ ', ' ON '), '', '', ''
    FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '', '', '' FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace
UNION ALL SELECT name, '', '', '', '', '' FROM orcid_sync_migrations
"""


class Place(Protocol):
    """Where a state is, or may be; opened with the keys of `vault`."""

    vault: Vault

    def opened(self, steps: Steps = STEPS) -> SqlStore[Any]:
        """The state, as a program with these migrations opens it."""
        ...

    def schema_of_a_new_one(self) -> Schema:
        """The same of a state elsewhere that was made by all migrations at once."""
        ...

    def schema(self) -> Schema:
        """All that the database says of its tables, columns and indexes."""
        ...

    def execute(self, sql: str) -> None:
        """What another program does there."""
        ...


class File:
    """A place for a SQLite state."""

    def __init__(self, path: Path, vault: Vault, clock: Clock) -> None:
        self.path, self.vault, self.clock = path, vault, clock

    def opened(self, steps: Steps = STEPS) -> SqliteStore:
        """The file."""
        with pytest.MonkeyPatch.context() as other:
            other.setattr(sqlite_store, "STEPS", steps)
            return SqliteStore(self.path, self.vault, self.clock)

    def schema_of_a_new_one(self) -> Schema:
        """In a file beside it."""
        made = type(self)(self.path.with_suffix(".new"), self.vault, self.clock)
        made.opened().close()
        return made.schema()

    def schema(self) -> Schema:
        """Statements that were altered are not as they would be written: only what they come to."""
        with closing(sqlite3.connect(self.path)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            told: Schema = []
            for table in tables:
                columns = connection.execute(f"SELECT * FROM pragma_table_info('{table}')").fetchall()  # noqa: S608
                indexes = connection.execute(f"SELECT * FROM pragma_index_list('{table}')").fetchall()  # noqa: S608
                told += [(table, *map(str, column)) for column in columns]
                told += [(table, *map(str, index[1:])) for index in indexes]
        return sorted(told)

    def execute(self, sql: str) -> None:
        """By a connection of its own."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql)


class Database:
    """A place for a PostgreSQL state."""

    def __init__(self, databases: Databases, vault: Vault, clock: Clock) -> None:
        self.databases, self.vault, self.clock = databases, vault, clock
        self.url = databases.new_database()

    def opened(self, steps: Steps = STEPS) -> PostgresStore:
        """The database."""
        with pytest.MonkeyPatch.context() as other:
            other.setattr(postgres_store, "STEPS", steps)
            return PostgresStore(self.url, self.vault, self.clock)

    def schema_of_a_new_one(self) -> Schema:
        """Once for all tests: databases take a while to make."""
        if id(self.databases) not in _NEWEST:
            made = type(self)(self.databases, self.vault, self.clock)
            made.opened().close()
            _NEWEST[id(self.databases)] = made.schema()
        return _NEWEST[id(self.databases)]

    def schema(self) -> Schema:
        """As its catalogue tells it, whatever the order in which columns came."""
        with psycopg.connect(self.url) as connection:
            if connection.execute("SELECT to_regclass('orcid_sync_migrations')").fetchone() == (None,):
                return sorted(connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"))
            return sorted(connection.execute(_POSTGRES))

    def execute(self, sql: str) -> None:
        """By a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.encode())


@contextmanager
def _file(request: pytest.FixtureRequest, folder: Path, vault: Vault, clock: Clock) -> Iterator[Place]:
    yield File(folder / "state.db", vault, clock)


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path, vault: Vault, clock: Clock) -> Iterator[Place]:
    databases: Databases = request.getfixturevalue("postgres")
    yield Database(databases, vault, clock)


Opener = Callable[[pytest.FixtureRequest, Path, Vault, Clock], AbstractContextManager[Place]]

PLACES: Mapping[str, Opener] = {"sqlite": _file, "postgresql": _database}
