"""How a database would find what a statement asks for: by an index, or by reading all of a large table."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from state.postgres.engine import PostgresEngine
from state.postgres.words import translated
from state.sql.engine import Engine
from tests.volume.filled import LARGE, PEOPLE

SHARE = 4
"""Whoever reads more than one in so many rows of a large table reads all of it, index or not."""
_NAMED = re.compile(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?")
_NODE = re.compile(r"SCAN (\w+)")


@dataclass
class Recorder:
    """Every statement that an engine is given, with parameters it had, and in which place it was first."""

    engine: Engine
    heard: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    place: str = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears all that is run on that engine."""
        engine: Any = self.engine
        run, write, run_all = engine.run, engine.write, engine.run_all

        def heard(sql: str, parameters: Mapping[str, Any] | None) -> None:
            if self.place:
                self.heard.setdefault(sql, (self.place, parameters or {}))

        def hear_run(sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Any:
            heard(sql, parameters)
            return run(sql, parameters, queues=queues)

        def hear_write(sql: str, parameters: Mapping[str, Any], *, queues: bool = True) -> None:
            heard(sql, parameters)
            write(sql, parameters, queues=queues)

        def hear_all(statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Any:
            for sql, parameters in statements:
                heard(sql, parameters)
            return run_all(statements)

        engine.run, engine.write, engine.run_all = hear_run, hear_write, hear_all
        try:
            yield
        finally:
            engine.run, engine.write, engine.run_all = run, write, run_all

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """What is heard within is asked there."""
        self.place = place
        try:
            yield
        finally:
            self.place = ""


def reads_all(engine: Engine, sql: str, parameters: Mapping[str, Any]) -> str:
    """The large table that a statement would read all of, and how; empty when there is none."""
    if not sql.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
        return ""
    if isinstance(engine, PostgresEngine):
        with engine.transaction(), engine.raw() as connection:
            told = connection.execute(f"EXPLAIN (FORMAT JSON) {translated(sql).text}", parameters).fetchone()
        found = told[0] if told else []
        plans = found if isinstance(found, list) else json.loads(found)
        return next(_scans(plans[0]["Plan"], bounded=False), "")
    rows = engine.run(f"EXPLAIN QUERY PLAN {sql}", parameters)
    return next(_sqlite_scans(sql, [row["detail"] for row in rows]), "")


def _scans(node: Mapping[str, Any], *, bounded: bool) -> Iterator[str]:
    """PostgreSQL tells what it reads as a tree; a LIMIT above bounds what comes by an index, in its order."""
    kind, table = node["Node Type"], node.get("Relation Name")
    if table in LARGE and kind != "ModifyTable":
        rows = PEOPLE // SHARE
        if kind == "Seq Scan" or (not bounded and "Scan" in kind and node["Plan Rows"] > rows):
            yield f"{kind} of {table}"
    inner = kind == "Limit" or (bounded and kind not in {"Sort", "Hash", "Aggregate", "HashAggregate"})
    for one in node.get("Plans", ()):
        yield from _scans(one, bounded=inner)


def _sqlite_scans(sql: str, details: Sequence[str]) -> Iterator[str]:
    """SQLite tells it as lines, with the names that the statement gives; it stops at a LIMIT, unless it has to sort."""
    named = {alias or table: table for table, alias in _NAMED.findall(sql)} | {one: one for one in LARGE}
    sorts = any("TEMP B-TREE" in detail for detail in details)
    for detail in details:
        found = _NODE.match(detail)
        table = named.get(found[1]) if found else None
        if table in LARGE and (sorts or " LIMIT " not in sql):
            yield detail
