"""The tables that the migrations make: their columns and keys, told by a database that is made by them."""

from collections.abc import Sequence
from dataclasses import dataclass

from state.sql.migrations import STEPS
from state.sqlite.engine import SqliteEngine
from state.store import StoreError


@dataclass(frozen=True, slots=True)
class Table:
    """A table of ours. `counted` when the database numbers its rows as they come, in a column `id`."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    counted: bool


def tables_of(steps: Sequence[tuple[str, str]] = STEPS) -> tuple[Table, ...]:
    """All tables, by name; whatever a step makes is among them, so that none is forgotten.

    Raises StoreError for one without a key: its rows could not be told from each other.
    """
    engine = SqliteEngine(":memory:", lambda: 0.0, steps)
    try:
        names = [row["name"] for row in engine.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return tuple(_table(engine, name) for name in names if not name.startswith(("sqlite_", "_")))
    finally:
        engine.close()


def _table(engine: SqliteEngine, name: str) -> Table:
    columns = engine.run(f"PRAGMA table_info({name})")
    keys = sorted((row for row in columns if row["pk"]), key=lambda row: int(row["pk"]))
    if not keys:
        raise StoreError(f"the table {name} has no primary key")
    key = tuple(row["name"] for row in keys)
    counted = key == ("id",) and keys[0]["type"] == "INTEGER"
    return Table(name, tuple(row["name"] for row in columns), key, counted)
