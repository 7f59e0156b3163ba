"""Two stores under the same keys and clock, of every two kinds: what is in one goes to the other."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from state.moving.handover import refuse_handed_over
from state.postgres.store import PostgresStore
from state.sql.store import SqlStore
from state.sqlite.store import SqliteStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.postgres.servers import Databases
from tests.state.stores import Clock
from tests.state.whole import change_everything

AnyStore = SqlStore[Any]
Make = Callable[[str], AnyStore]

CALL_SECONDS = 30.0

PAIRS = [
    pytest.param(("sqlite", "postgresql"), id="sqlite to postgresql"),
    pytest.param(("postgresql", "sqlite"), id="postgresql to sqlite"),
]
"""The ways that everything is tried on."""
LIKE = [
    pytest.param(("sqlite", "sqlite"), id="sqlite to sqlite"),
    pytest.param(("postgresql", "postgresql"), id="postgresql to postgresql"),
]
"""From one kind to the same: the main things."""


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Make]:
    """Makes an empty store of a kind; closed at the end, and its database dropped."""
    vault, made, urls = Vault([new_key()]), list[AnyStore](), list[str]()

    def one(kind: str) -> AnyStore:
        if kind == "sqlite":
            made.append(SqliteStore(tmp_path / f"state-{len(made)}.db", vault, clock))
        else:
            databases: Databases = request.getfixturevalue("postgres")
            urls.append(databases.new_database())
            made.append(PostgresStore(urls[-1], vault, clock))
        return made[-1]

    yield one
    for store in made:
        with suppress(StoreError):
            store.close()
    for url in urls:
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest, make: Make) -> tuple[AnyStore, AnyStore]:
    """Two empty stores."""
    old, new = request.param
    return make(old), make(new)


@pytest.fixture
def full(pair: tuple[AnyStore, AnyStore], clock: Clock) -> tuple[AnyStore, AnyStore]:
    """A store with something everywhere, that nobody is sending from, and an empty one."""
    change_everything(pair[0])
    change_everything(pair[0])
    clock.advance(2 * CALL_SECONDS)
    return pair


def usable(store: AnyStore) -> bool:
    """Whether the store can be worked with."""
    try:
        refuse_handed_over(store)
        store.notes.put("usable", "yes")
        store.notes.put("usable", None)
    except StoreError:
        return False
    return True
