"""What PostgreSQL costs against SQLite: the same work by one process on each, in round trips, time and disk.

In this process, so that they can be counted. What is asked at once is one; on a file, each statement counts. Those that
only begin, keep or take back a transaction or a savepoint are left out, as a file has other ones than a server.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from state.store import Store
from tests.benchmarks.institution import affiliation_event, work_event
from tests.benchmarks.stage import Stage, table
from tests.benchmarks.states import State
from worker.ports import EventSource
from worker.replaying import How, Watch, replay
from worker.settings.settings import Settings, load_settings
from worker.sources.logs import LogSource
from worker.sources.nothing import NothingSource
from worker.wiring import open_store

HEADINGS = ("1,000 of", "state", "round trips each", "seconds", "processor seconds", "the server's part", "to SQLite")
DISK = ("disk", "SQLite", "PostgreSQL")
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True)
class Size:
    """How many people, with how many works beside their employment; how often that changes."""

    people: int = 120
    works: int = 9
    changes: int = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number of events or calls took: round trips, and seconds of the clock, of us and of the server."""

    number: int
    trips: int
    seconds: float
    worker: float
    server: float

    @property
    def processor(self) -> float:
        """Seconds of us and the server."""
        return self.worker + self.server

    def row(self, name: str, state: str, against: "Cost") -> list[str]:
        """A thousand of them."""
        thousand = 1000 / self.number
        seconds = [f"{one * thousand:.1f}" for one in (self.seconds, self.processor, self.server)]
        times = self.processor / self.number / max(against.processor / against.number, 1e-9)
        return [name, state, f"{self.trips / self.number:.1f}", *seconds, f"{times:.1f} x"]


@dataclass(frozen=True, slots=True)
class Costs:
    """What the same work costs on one state; bytes that it then takes, without those of an empty one."""

    by_name: Mapping[str, Cost]
    of_people: int
    of_history: int


class Bench:
    """One process at work on one state."""

    def __init__(self, stage: Stage, state: State, size: Size) -> None:
        self._stage = stage
        self._state = state
        self._size = size
        self._environ = stage.environ(state.url)
        self._settings: Settings = load_settings(self._environ)
        self._trips = 0

    def costs(self) -> Costs:
        """Everything from an empty state on."""
        with closing(open_store(self._settings)) as store, self._counting(store):
            empty = self._state.size()
            new, unchanged = [self._cost(store, self._first(), send=False) for _ in range(2)]
            self._stage.permit(self._environ, self._size.people)
            adding = self._cost(store, None, send=True)
            filled = self._state.size()
            changing = [self._cost(store, self._later(2 + turn), send=True) for turn in range(self._size.changes)]
            by_name = {
                "new events": new,
                "unchanged events": unchanged,
                "calls that add": adding,
                "calls that change, with their events": _sum(changing),
            }
            return Costs(by_name, filled - empty, self._state.size() - filled)

    def _first(self) -> Iterator[Mapping[str, Any]]:
        for person in range(self._size.people):
            yield affiliation_event(person)
            yield from (work_event(person, work) for work in range(self._size.works))

    def _later(self, sequence: int) -> Iterator[Mapping[str, Any]]:
        for person in range(self._size.people):
            yield affiliation_event(person, sequence=sequence, title=f"Reader {sequence}")

    @contextmanager
    def _counting(self, store: Store) -> Iterator[None]:
        engine: Any = store.engine  # type: ignore[attr-defined]  # behind the interface
        run, run_all = engine.run, engine.run_all

        def counted(sql: str, *args: Any, **named: Any) -> Any:
            self._trips += not sql.lstrip().startswith(BRACKETS)
            return run(sql, *args, **named)

        def counted_all(*args: Any) -> Any:
            before = self._trips
            rows = run_all(*args)
            self._trips += self._trips == before  # else it ran them one by one, and they are counted
            return rows

        engine.run, engine.run_all = counted, counted_all
        try:
            yield
        finally:
            del engine.run, engine.run_all

    def _cost(self, store: Store, events: Iterable[Mapping[str, Any]] | None, *, send: bool) -> Cost:
        source: EventSource = NothingSource()
        if events is not None:
            source = LogSource([str(self._log(events))])
        trips = self._trips
        before = (monotonic(), process_time(), self._state.processor_seconds())
        with closing(source):
            ran = replay(self._settings, store, source, How(wait=0.0, send=send), Watch())
        after = (monotonic(), process_time(), self._state.processor_seconds())
        number = sum(ran.summary.calls.values()) if send else ran.summary.events
        return Cost(number, self._trips - trips, *(now - then for now, then in zip(after, before, strict=True)))

    def _log(self, events: Iterable[Mapping[str, Any]]) -> Path:
        log = self._stage.folder / "costs.jsonl"
        log.write_text("".join(json.dumps(event) + "\n" for event in events))
        return log


def _sum(costs: list[Cost]) -> Cost:
    return Cost(
        sum(one.number for one in costs),
        sum(one.trips for one in costs),
        sum(one.seconds for one in costs),
        sum(one.worker for one in costs),
        sum(one.server for one in costs),
    )


def measure(stage: Stage, sqlite: State, postgres: State, size: Size) -> Iterator[str]:
    """The lines to print."""
    states = [sqlite, postgres]
    found = [Bench(stage, state, size).costs() for state in states]
    yield f"{size.people} people with an employment, which changes {size.changes} times, and {size.works} works each"
    yield ""
    yield table(
        HEADINGS,
        [
            costs.by_name[name].row(name, state.name, found[0].by_name[name])
            for name in found[0].by_name
            for state, costs in zip(states, found, strict=True)
        ],
    )
    yield ""
    changes = size.people * size.changes
    person = [f"{one.of_people / size.people / 1e3:.0f} kB" for one in found]
    history = [f"{one.of_history / changes / 1e3:.1f} MB" for one in found]
    rows = [[f"a person with {1 + size.works} items", *person], ["1,000 events, each with a call", *history]]
    yield table(DISK, rows)
