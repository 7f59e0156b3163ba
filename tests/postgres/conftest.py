"""What the tests of the PostgreSQL store share."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from state.postgres.store import PostgresStore
from state.store import Store, StoreError
from state.vault import Vault, new_key
from tests.postgres.servers import Databases
from tests.state.stores import Clock


@pytest.fixture
def key() -> str:
    """The key of the vault."""
    return new_key()


@pytest.fixture
def vault(key: str) -> Vault:
    """A vault under that key."""
    return Vault([key])


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def store(postgres_url: str, vault: Vault) -> Iterator[PostgresStore]:
    """An empty store in a database of its own, by the database's clock."""
    made = PostgresStore(postgres_url, vault)
    yield made
    made.close()


@pytest.fixture
def admin(postgres: Databases) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of the server's owner, each statement for itself."""
    with psycopg.connect(postgres.server.url, autocommit=True) as connection:
        yield connection


def cut_off(url: str) -> int:
    """Ends all who are connected to a database, as a failover does; returns how many."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    return len(rows)


@contextmanager
def lost(store: Store, match: str = r"^the state [^\n]+$") -> Iterator[None]:
    """A transaction of which nothing stays: it ends with StoreError."""
    with pytest.raises(StoreError, match=match), store.transaction():
        yield
