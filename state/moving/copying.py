"""Copying: every row of every table from one database to another, whatever they are, and the look whether all is there.

Rows go over as they are: what is sealed stays sealed by the same keys, numbers and times are the same to the bit. They
are read in the order of their key, a page at a time, so that memory is bounded however large a state is.
"""

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, zip_longest
from typing import Any

from state.moving.tables import Table
from state.sql.engine import Engine, keepable
from state.store import StoreError, UnkeptError

PAGE = 64
"""Rows that are read, and written, at once."""
FEW = {"dead_letters": 4}
"""Likewise, where they may be large: an event of 1 MiB that could not be taken is 1.9 MB when it is sealed."""

LONGEST_SHOWN = 80
"""How much of a value is told of."""

Values = tuple[Any, ...]
Keys = Mapping[str, frozenset[Values]]
"""Keys of rows, by table."""
NOTHING: Keys = {}


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that is on both sides: its rows, and the SHA-256 over all of them in the order of their keys."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far a copy has come: rows of one table, which are copied first and compared then."""

    doing: str
    table: str
    rows: int


Watch = Callable[[Step], None]


def unwatched(_: Step) -> None:
    """When nobody looks on."""


def copy_all(
    source: Engine,
    target: Engine,
    tables: Sequence[Table],
    watch: Watch = unwatched,
    but: Keys = NOTHING,
    *,
    mend: bool = False,
) -> None:
    """Puts the rows of the source in place of those that are in the target, and goes on to number from there.

    Within a transaction of the target, and a transaction or snapshot of the source. Without the rows of the source
    that `but` names, by table and key. Raises StoreError naming what cannot be kept in the target; with `mend`
    characters that it can't keep are replaced.
    """
    for table in tables:
        target.upkeep.empty(table.name)
        done = 0
        with closing(read_rows(source, table, but)) as rows:
            while page := list(islice(rows, FEW.get(table.name, PAGE))):
                _write(target, table, page, mend=mend)
                done += len(page)
                watch(Step("copying", table.name, done))
    counted = [table.name for table in tables if table.counted]
    for name, number in source.upkeep.numbers(counted).items():
        # No number is given twice: a call that is still under way must find its own note, or none.
        target.upkeep.count_from(name, number)


def compare_all(
    source: Engine, target: Engine, tables: Sequence[Table], watch: Watch = unwatched, but: Keys = NOTHING
) -> tuple[Copied, ...]:
    """Reads all rows anew on both sides. Raises StoreError naming the first that is not the same to the bit."""
    return tuple(_compared(source, target, table, watch, but) for table in tables)


def _compared(source: Engine, target: Engine, table: Table, watch: Watch, but: Keys) -> Copied:
    digest, done = sha256(), 0
    with closing(read_rows(source, table, but)) as old, closing(read_rows(target, table, but)) as new:
        for theirs, ours in zip_longest(old, new):
            line = _canonical(theirs)
            if line != _canonical(ours):
                where = named(table, ours if theirs is None else theirs)
                raise StoreError(f"{where} is not the same in {target.name} as in {source.name}")
            digest.update(line)
            done += 1
            if done % PAGE == 0:
                watch(Step("comparing", table.name, done))
    watch(Step("comparing", table.name, done))
    return Copied(table.name, done, digest.hexdigest())


def read_rows(engine: Engine, table: Table, but: Keys = NOTHING) -> Generator[Values]:
    """The rows in the order of their key, each as the values of all columns; raises StoreError. To be closed."""
    left_out, key = but.get(table.name, frozenset()), [table.columns.index(name) for name in table.key]
    sql = f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {', '.join(table.key)}"  # noqa: S608
    with closing(engine.upkeep.pages(sql, FEW.get(table.name, PAGE))) as pages:
        for page in pages:
            for row in page:
                if not left_out or tuple(row[index] for index in key) not in left_out:
                    yield row


def count_rows(engine: Engine, tables: Iterable[Table]) -> Mapping[str, int]:
    """How many rows each table has."""
    return {one.name: int(engine.run(f"SELECT count(*) AS n FROM {one.name}")[0]["n"]) for one in tables}  # noqa: S608


def _write(target: Engine, table: Table, page: Sequence[Values], *, mend: bool) -> None:
    if not target.upkeep.takes_nul:
        page = [_mended(table, row) for row in page] if mend else page
        _check_texts(target, table, page)
    try:
        target.upkeep.put_in(table.name, table.columns, page)
    except (StoreError, UnkeptError) as error:
        raise StoreError(f"{error} ({named(table, page[0])} to {named(table, page[-1])})") from error


def _mended(table: Table, row: Values) -> Values:
    return tuple(keepable(dict(zip(table.columns, row, strict=True))).values())


def named(table: Table, row: Values | None) -> str:
    """A row in words: its table and key."""
    values = dict(zip(table.columns, row or (), strict=False))
    return f"{table.name}: {', '.join(f'{name} {_shown(values.get(name))}' for name in table.key)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _check_texts(target: Engine, table: Table, page: Sequence[Values]) -> None:
    for row in page:
        found = [index for index, value in enumerate(row) if isinstance(value, str) and "\x00" in value]
        if found:
            where = f"{named(table, row)}: {table.columns[found[0]]}"
            raise StoreError(f"{where} holds the character U+0000, which {target.name} cannot keep")


def _canonical(row: Values | None) -> bytes:
    """One text for each value: 1 and 1.0 are not the same, nor are 0.0 and -0.0."""
    return b"" if row is None else json.dumps(row).encode() + b"\n"
