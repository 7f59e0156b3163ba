"""The PostgreSQL store: one schema of one database, for any number of processes."""

from collections.abc import Callable
from contextlib import suppress
from typing import Self

import psycopg

from mappers.secret import Secret
from state.postgres.engine import PostgresEngine
from state.postgres.faults import failed
from state.postgres.migrations import tables
from state.postgres.pool import NoAnswerError, PostgresPool
from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.vault import Vault

SCRUB_SECONDS = 5.0
"""How long the server is waited for to free the place of what was erased."""


class PostgresStore(SqlStore[PostgresEngine]):
    """The store (state/store.py) in a PostgreSQL database."""

    def __init__(
        self,
        place: str | PostgresPool,
        vault: Vault,
        now: Callable[[], float] | None = None,
        *,
        password: Secret | None = None,
        keys_lost: bool = False,
    ) -> None:
        """Opens the state at a postgresql:// URL, or over a pool; raises StoreError when it cannot be used.

        The clock is the database's unless another is given. With `keys_lost` it opens although the keys don't fit,
        for `give_up`.
        """
        self._now = now
        pool = place if isinstance(place, PostgresPool) else PostgresPool(place, password)
        super().__init__(PostgresEngine(pool, now, STEPS), vault, keys_lost=keys_lost)

    def scrub(self) -> None:
        """What was erased is out of reach for every statement, and its place in the files is used again.

        Without waiting for who holds a table, and not for long for the server, which goes on with large ones by itself:
        a loop has other things to do. PostgreSQL's own log and its backups have it as long as they are kept.
        """
        names = ", ".join(tables(self._engine))
        connection, _ = self._engine.pool.take()  # the one that has just answered
        connection.patience = SCRUB_SECONDS
        try:
            with suppress(NoAnswerError):
                connection.execute(f"VACUUM (SKIP_LOCKED) {names}")
        except psycopg.Error as error:
            raise failed(self._engine.name, error) from None
        finally:
            self._engine.pool.give(connection)

    def twin(self) -> Self:
        """Another store on the same pool."""
        return type(self)(self._engine.pool, self._vault, self._now)
