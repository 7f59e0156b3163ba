"""The PostgreSQL store: one schema of one database, for any number of processes."""

from collections.abc import Callable
from typing import Self

from mappers.secret import Secret
from state.postgres_engine import PostgresEngine
from state.postgres_migrations import tables
from state.postgres_pool import PostgresPool
from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.vault import Vault


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

        Without waiting for who holds a table. PostgreSQL's own log and its backups have it as long as they are kept.
        """
        self._engine.run(f"VACUUM (SKIP_LOCKED) {', '.join(tables(self._engine))}", queues=False)

    def twin(self) -> Self:
        """Another store on the same pool."""
        return type(self)(self._engine.pool, self._vault, self._now)
