"""The SQLite store: one file, through sqlite-utils, in write-ahead mode."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from state.sql.migrations import STEPS
from state.sql.store import SqlStore
from state.sqlite.engine import SqliteEngine
from state.vault import Vault


class SqliteStore(SqlStore[SqliteEngine]):
    """The store (state/store.py) in one SQLite file."""

    def __init__(self, path: Path | str, vault: Vault, now: Callable[[], float], *, keys_lost: bool = False) -> None:
        """Opens or makes the file; raises StoreError when it cannot be used.

        With `keys_lost` it opens although the keys don't fit, for `give_up`.
        """
        self._now = now
        super().__init__(SqliteEngine(path, now, STEPS), vault, keys_lost=keys_lost)

    def at(self, path: Path) -> Self:
        """A store on another file, under the same keys and clock."""
        return type(self)(path, self._vault, self._now)

    def scrub(self) -> None:
        """Writes the log into the file and empties it."""
        self._engine.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def twin(self) -> Self:
        """Another connection to the same file."""
        return type(self)(self._engine.path, self._vault, self._now)
