"""The big replay: 1,000 people and 20,000 works through the stand-in without its limit; calls, seconds, memory.

Counts are exact; seconds are of this machine and this moment.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.institution import lines, work_event
from tests.benchmarks.stage import Ran, Stage, table

HEADINGS = ("big replay", "calls", "seconds", "events/s", "processor seconds", "peak memory")
MOST_MEMORY = 200.0
"""Megabytes: what the design allows a replay of 20,000 events."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big it is."""

    people: int = 1_000
    works: int = 20


@dataclass
class Figures:
    """What others tell of it: its peak memory, in MB."""

    memory: float = 0.0


def measure(stage: Stage, size: Size, figures: Figures) -> Iterator[str]:
    """The lines to print; fills `figures`. Raises AssertionError when a bound of the design is broken."""
    log = stage.folder / "replay.jsonl"
    with log.open("w") as out:
        out.writelines(lines(work_event(p, w) for p in range(size.people) for w in range(size.works)))
    environ = stage.environ(f"sqlite:///{stage.folder / 'replay.db'}")
    stage.permit(environ, size.people)
    yield f"{size.people} people, {size.people * size.works} works, one log of {log.stat().st_size / 1e6:.1f} MB"
    yield ""
    runs = [stage.command(environ, "replay", "--json", log) for _ in range(2)]
    told = [json.loads(ran.out) for ran in runs]
    figures.memory = max(ran.memory for ran in runs)
    yield table(HEADINGS, [_row(*one) for one in zip(("of a new log", "of the same again"), runs, told, strict=True)])
    broken = [name for name, holds in _bounds(size, runs, told).items() if not holds]
    assert not broken, f"broken: {', '.join(broken)}"


def _row(name: str, ran: Ran, told: Mapping[str, Any]) -> list[str]:
    calls = ", ".join(f"{number} {kind}" for kind, number in told["calls"].items() if number) or "none"
    figures = (f"{ran.seconds:.1f}", f"{told['events'] / ran.seconds:.0f}", f"{ran.processor:.1f}")
    return [name, calls, *figures, f"{ran.memory:.0f} MB"]


def _bounds(size: Size, runs: list[Ran], told: list[dict[str, Any]]) -> dict[str, bool]:
    """A bulk call a person, no GET, nothing on the second replay, bounded memory."""
    first, second = told
    return {
        "one bulk call a person": first["calls"]["POST_BULK"] == size.people,
        "no GET": first["calls"]["GET"] == 0,
        "no single POST": first["calls"]["POST"] == 0,
        "everything in sync": first["items"]["in_sync"] == size.people * size.works,
        "no call on the second replay": not any(second["calls"].values()),
        f"memory under {MOST_MEMORY:.0f} MB": max(ran.memory for ran in runs) < MOST_MEMORY,
    }
