"""How a PostgreSQL schema becomes a state, or one of this version."""

from collections.abc import Collection, Sequence

from state.postgres.commits import CREATE as CREATE_COMMITS
from state.postgres.commits import TABLE as COMMITS
from state.postgres.words import statements_of
from state.sql.engine import Engine
from state.store import StoreError

TABLE = "orcid_sync_migrations"
Steps = Sequence[tuple[str, str]]


def tables(engine: Engine) -> Sequence[str]:
    """All tables of the schema, in order."""
    rows = engine.run("SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()")
    return sorted(row["name"] for row in rows)


def migrate(engine: Engine, steps: Steps) -> None:
    """Applies what is missing of the steps, all or nothing; waits for nobody when nothing is.

    Raises StoreError for what is not ours to write, before anything in it is changed.
    """
    names = [name for name, _ in steps]
    # Others may be at it, too: a schema that they made between two looks has its list by the second.
    present = tables(engine)
    applied = _applied(engine, present)
    _refuse_others(engine, present, applied, names)
    if len(applied) == len(names) and COMMITS in present:
        return
    with engine.transaction():
        present = tables(engine)
        applied = _applied(engine, present)
        _refuse_others(engine, present, applied, names)
        if not applied:
            engine.run(f"CREATE TABLE {TABLE} (name TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL)")
        engine.run(CREATE_COMMITS)
        for name, step in steps:
            if name not in applied:
                for statement in statements_of(step):
                    engine.run(statement)
                sql = f"INSERT INTO {TABLE} (name, at) VALUES (:name, {engine.clock})"  # noqa: S608
                engine.run(sql, {"name": name})


def _applied(engine: Engine, present: Collection[str]) -> Sequence[str]:
    if TABLE not in present:
        return []
    return [row["name"] for row in engine.run(f"SELECT name FROM {TABLE} ORDER BY at, name")]  # noqa: S608


def _refuse_others(engine: Engine, present: Collection[str], applied: Sequence[str], known: Collection[str]) -> None:
    if present and not applied:
        raise StoreError(f"the state {engine.name} cannot be opened: it is another program's database")
    newer = [name for name in applied if name not in known]
    if newer:
        raise StoreError(f"the state {engine.name} was written by a newer orcid-sync ({newer[-1]}): upgrade this one")
