"""Portions: much that is old goes little by little, so that nobody waits long for who deletes it.

A statement that deletes millions of rows holds the write lock for as long, needs as much room on the disk as it frees,
and a row for each of them in memory if it tells of them.
"""

from dataclasses import dataclass

from state.sql.engine import Engine


@dataclass(frozen=True, slots=True)
class Old:
    """What of a table is old (`:before`), by SQL of ours; its key is `id`, and `order` says when each row was."""

    table: str
    condition: str
    order: str


def forget_oldest(engine: Engine, old: Old, before: float, limit: int) -> int:
    """Deletes at most `limit` of them, the oldest first, in one transaction; returns how many.

    They are counted first: where there are none nothing is written, and nobody waited for.
    """
    chosen = f"SELECT id FROM {old.table} WHERE {old.condition} ORDER BY {old.order}, id LIMIT :limit"
    asked = {"before": before, "limit": limit}
    (looked,) = engine.run(f"SELECT count(*) AS n FROM ({chosen}) AS old", asked)
    if not looked["n"]:
        return 0
    with engine.together():
        (found,) = engine.run(f"SELECT count(*) AS n FROM ({chosen}) AS old", asked)
        engine.write(f"DELETE FROM {old.table} WHERE id IN ({chosen})", asked)
    return int(found["n"])
