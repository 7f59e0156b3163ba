"""Pages: many rows are read some at a time, so that memory does not grow with a state.

Each page is a statement of its own, which goes on behind the last key: nobody waits for who reads, and whoever reads
may change and delete what was read. What others write meanwhile is seen when its key lies ahead.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from state.sql.engine import Engine, Row

PAGE = 500
"""Rows of some kilobytes at the most."""
FEW = 8
"""Rows that may be large: an event of 1 MiB that could not be taken is 1.9 MB when it is sealed."""


def pages(
    engine: Engine,
    select: str,
    key: Sequence[str],
    *,
    where: str = "",
    parameters: Mapping[str, Any] | None = None,
    rows: int = PAGE,
) -> Iterator[Row]:
    """What `SELECT … FROM …` gives, in the order of `key`: columns that it selects, and that no two rows share.

    `where` is a condition of SQL of ours, with `parameters`. An index begins with the key, or the key with an index
    that leaves few rows alike.
    """
    names, values = ", ".join(key), ", ".join(f":{name}" for name in key)
    conditions = [f"({where})"] if where else []
    asked: dict[str, Any] = {**(parameters or {}), "page_rows": rows}
    found = rows
    while found == rows:
        told = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        page = engine.run(f"{select}{told} ORDER BY {names} LIMIT :page_rows", asked)
        found = len(page)
        if page:
            conditions = [*([f"({where})"] if where else []), f"({names}) > ({values})"]
            asked |= {name: page[-1][name] for name in key}
        yield from page
        del page  # else it is there until the next one is


def next_persons(*tables: str) -> str:
    """SQL of the next people behind `:after` that these tables name, at most `:page_rows`.

    Each table gives as many as a page takes, by an index that begins with the person: what lies behind is not read.
    """
    each = " UNION ".join(
        "SELECT * FROM (SELECT DISTINCT person FROM"
        f" {table} WHERE person > :after ORDER BY person LIMIT :page_rows) AS next_{table}"
        for table in tables
    )
    return f"SELECT person FROM ({each}) AS known ORDER BY person LIMIT :page_rows"


def persons_by_page(engine: Engine, sql: str) -> Iterator[Row]:
    """A row for each person, in their order, by SQL made of `next_persons` that gives a row for each of these."""
    after, found = "", PAGE
    while found == PAGE:
        page = engine.run(sql, {"after": after, "page_rows": PAGE})
        found = len(page)
        if page:
            after = page[-1]["person"]
        yield from page
