"""What a state costs that remembers many calls: the same people synchronised with no history, and with a year of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from tests.benchmarks.institution import affiliation_event, lines
from tests.benchmarks.stage import Stage, table
from tests.benchmarks.states import SqliteState

HEADINGS = ("calls remembered", "calls", "seconds", "calls/s")

_CALLS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :calls)
INSERT INTO intents (call, person, orcid, section, source, entity, subject, part, method, put_code, digest, self_ids,
    opened_at, ripe_at, epoch, attempt, is_open, verdict, closed_at)
SELECT i, 'H' || (i % 1000), 'x' || (i % 1000), 'work', '/repository', 'publication', 'h' || (i % 20000), '', 'PUT', i,
    'abcdefabcdefabcdefabcdefabcdefab', '', unixepoch() - 86400.0 - i, 0, 1, 1, 0, 'accepted', unixepoch() - 86400.0 - i
FROM n
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How big it is; a thousand calls a day are 365,000 in a year."""

    people: int = 200
    calls: int = 365_000


def measure(stage: Stage, size: Size) -> Iterator[str]:
    """The lines to print."""
    rows = [_row(stage, size, calls) for calls in (0, size.calls)]
    yield f"{size.people} people, {size.people} calls, on SQLite"
    yield ""
    yield table(HEADINGS, rows)


def _row(stage: Stage, size: Size, remembered: int) -> list[str]:
    state = SqliteState(stage.folder / f"remembers-{remembered}.db")
    environ = stage.environ(state.url)
    stage.permit(environ, size.people)
    if remembered:
        with closing(sqlite3.connect(state.path)) as connection, connection:
            connection.execute(_CALLS, {"calls": remembered})
    log = stage.folder / "remembers.jsonl"
    with log.open("w") as out:
        out.writelines(lines(affiliation_event(person) for person in range(size.people)))
    stage.arrange(environ, "replay", "--no-send", str(log))
    ran = stage.command(environ, "sync", "--json")
    told = json.loads(ran.out)
    calls, seconds = sum(told["calls"].values()), told["seconds"]
    return [f"{remembered:,}", str(calls), f"{seconds:.1f}", f"{calls / seconds:.0f}"]
