"""`permission import`: grants from ORCID's token responses, as JSON lines or as a table (CONTRACT.md section 5)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import time
from typing import IO, Any

import click

from mappers.events.faults import Fault, Rule
from mappers.events.json_text import read_json
from mappers.events.messages import Place
from mappers.events.permissions import GRANTED, GrantData, read_grant
from state.store import Store
from worker.calling.token_replies import without_tokens
from worker.cli.context import Context, json_option, print_json, say
from worker.permission.grants import GrantRefused, Permissions, Taken, grant_of

NEEDED = tuple(name for name, one in GrantData.model_fields.items() if one.is_required())
DELIMITERS = ",;\t|"
LONGEST_HEADER = 100_000
PART = 500
"""Rows taken in one transaction, so that other processes get their turn to write."""

Row = dict[str, Any] | Fault
"""A grant's fields, not yet read, or why there are none."""


class _Undone(Exception):  # noqa: N818 - rolls back what --atomic does not want
    pass


@dataclass
class _Counts:
    taken: dict[str, int] = field(default_factory=lambda: {taken.value: 0 for taken in Taken})
    faults: list[str] = field(default_factory=list)


def _columns(_: click.Context, __: click.Parameter, text: str) -> dict[str, str]:
    """`person_id=Employee,orcid=iD`: our field, the table's column."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    columns = {name.strip(): column.strip() for name, _, column in pairs}
    for name, column in columns.items():
        if name not in GrantData.model_fields or not column:
            known = ", ".join(GrantData.model_fields)
            raise click.BadParameter(f"{name!r} is no field with a column (person_id=Employee,…): fields are {known}")
    return columns


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--csv", "as_csv", is_flag=True, help="FILE is a table whose first row names the columns.")
@click.option("--columns", callback=_columns, default="", metavar="FIELD=COLUMN,…", help="How its columns are named.")
@click.option("--atomic", is_flag=True, help="Import all of it, or nothing.")
@json_option
@click.pass_obj
def import_(context: Context, file: Path, as_csv: bool, columns: dict[str, str], atomic: bool, as_json: bool) -> int:
    """Import grants: ORCID's token responses with a person_id, one JSON object a line, or a row each.

    The fields are ORCID's own, and person_id; granted_at (ISO time) says when it was, else it is now. An older grant
    never replaces a newer one. Every bad row is named by its number and field; the others are taken without --atomic.

    \b
    Examples:
      orcid-sync permission import tokens.jsonl
      orcid-sync permission import --csv --columns person_id=Employee,orcid=iD --atomic tokens.csv
    """
    if columns and not as_csv:
        raise click.UsageError("--columns goes with --csv")
    counts = _Counts()
    with context.bound_store() as store, click.open_file(str(file), "rb") as lines:
        rows = _table(lines, columns) if as_csv else _json_lines(lines)
        try:
            for part in (rows,) if atomic else _parts(rows):
                with store.transaction():
                    _take_all(store, file.name, part, counts, atomic=atomic)
        except _Undone:
            counts.taken = {taken.value: 0 for taken in Taken}
    _report(counts, undone=atomic and bool(counts.faults), as_json=as_json)
    return 1 if counts.faults else 0


def _parts(rows: Iterator[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    while part := list(islice(rows, PART)):
        yield part


def _report(counts: _Counts, *, undone: bool, as_json: bool) -> None:
    if as_json:
        print_json({**counts.taken, "refused": len(counts.faults), "faults": counts.faults})
        return
    told = ", ".join(f"{number} {name}" for name, number in counts.taken.items() if number or name != Taken.ERASED)
    say(f"{told}, {len(counts.faults)} refused")
    for fault in counts.faults:
        say(f"  {fault}", fg="red")
    if undone:
        say("nothing was imported, for not all of it can be", fg="red")


def _take_all(store: Store, name: str, rows: Iterable[tuple[int, Row]], counts: _Counts, *, atomic: bool) -> None:
    for number, row in rows:
        _take(store, Place(name, number), row, counts)
    if atomic and counts.faults:
        raise _Undone


def _take(store: Store, place: Place, row: Row, counts: _Counts) -> None:
    now = time()
    try:
        if isinstance(row, Fault):
            raise row
        grant = read_grant(row, otherwise_at=now, now=now, place=place, root="")
        counts.taken[Permissions(store).grant(grant_of(grant)).value] += 1
    except Fault as fault:
        told = fault.about(place, {"type": GRANTED}).message if fault.field else f"the row {fault.text}"
        counts.faults.append(f"{place}: {told}")
    except GrantRefused as error:
        counts.faults.append(f"{place}: {error}")


def _json_lines(lines: IO[bytes]) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield number, _json_row(line)


def _json_row(line: bytes) -> Row:
    try:
        row = read_json(line, "")
    except Fault as fault:
        return fault
    if not isinstance(row, dict):
        return Fault(Rule.NOT_AN_OBJECT, "", None, "is not a JSON object")
    word = row.get("error")
    if isinstance(word, str) and "access_token" not in row:
        said = f": {without_tokens(word)}" if len(word) <= 100 else ""
        return Fault(Rule.NOT_ALLOWED, "error", None, f"is what ORCID answered instead of a token{said}")
    return row


def _table(lines: IO[bytes], columns: dict[str, str]) -> Iterator[tuple[int, Row]]:
    """Rows by number, the header being the first. Raises UsageError when the header lacks a column."""
    text = io.TextIOWrapper(lines, "utf-8-sig", "surrogateescape", newline="")
    first = text.readline(LONGEST_HEADER)
    delimiter = max(DELIMITERS, key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    places = _places(header, columns)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            text.detach()  # who opened the file closes it
            return
        except csv.Error as error:
            yield number, Fault(Rule.FORMAT, "", None, f"is no row of a table ({error})")
            continue
        if any(cell.strip() for cell in cells):
            yield number, _row(cells, len(header), places)


def _places(header: list[str], columns: dict[str, str]) -> dict[str, int]:
    """Where each field stands in a row."""
    folded = [name.casefold() for name in header]
    places = {}
    for name in GrantData.model_fields:
        column = columns.get(name, name)
        if folded.count(column.casefold()) > 1:
            raise click.UsageError(f"--csv: two columns are named {column!r}")
        if column.casefold() in folded:
            places[name] = folded.index(column.casefold())
        elif name in columns or name in NEEDED:
            shown = ", ".join(header)[:200]
            raise click.UsageError(f"--csv: no column {column!r} for {name} (see --columns); there are: {shown}")
    return places


def _row(cells: list[str], width: int, places: dict[str, int]) -> Row:
    if len(cells) > width:
        return Fault(Rule.TOO_MANY, "", None, f"has {len(cells)} cells, and the header {width}")
    row: dict[str, Any] = {name: cells[at].strip() for name, at in places.items() if at < len(cells)}
    for name, cell in row.items():
        if any("\udc80" <= char <= "\udcff" for char in cell):
            return Fault(Rule.NOT_UTF8, name, None, "is not UTF-8")
    seconds = row.get("expires_in", "")
    if seconds.isascii() and seconds.isdigit() and len(seconds) <= 20:
        row["expires_in"] = int(seconds)
    return {name: cell for name, cell in row.items() if cell != ""}
