"""States to measure on: an empty SQLite file or PostgreSQL database, its size, and what its server uses."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from tests.benchmarks.usage import family, processor_seconds
from tests.postgres.servers import Databases, LocalServer

_SIZE = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_catalog.pg_class"
    " WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)"
)


class State(Protocol):
    """A state of its own for each measurement."""

    @property
    def name(self) -> str:
        """What it is in."""
        ...

    @property
    def url(self) -> str:
        """What ORCID_SYNC_STATE_URL is to be."""
        ...

    def size(self) -> int:
        """Bytes of its tables and indexes, as they lie on the disk after what was done to them."""
        ...

    def processor_seconds(self) -> float:
        """What a server of its own has had so far; 0 where there is none, or none on this machine."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteState:
    """A file."""

    path: Path
    name: str = "SQLite"

    @property
    def url(self) -> str:
        """An absolute path."""
        return f"sqlite:///{self.path}"

    def size(self) -> int:
        """Without its log, which is cut again and again."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size

    def processor_seconds(self) -> float:
        """It works in the process that opened it."""
        return 0.0


class PostgresState:
    """A database on a server."""

    name = "PostgreSQL"

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self.url = databases.new_database()

    def size(self) -> int:
        """All tables of its schema, with their indexes."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(_SIZE).fetchone()
        return int(row[0]) if row is not None else 0

    def processor_seconds(self) -> float:
        """Of the server and of the processes that it has for its connections."""
        server = self._databases.server
        if not isinstance(server, LocalServer) or server.process is None:
            return 0.0
        return processor_seconds(*family(server.process.pid))
