"""Replicas: how many events and calls a second one, two and four `orcid-sync run` do, on one broker and one state.

All of them, the broker, the database and the stand-in share this machine: so the processor seconds, which add up, tell
more than the rates about machines of their own.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

from tests.benchmarks.institution import affiliation_event, work_event
from tests.benchmarks.stage import Stage
from tests.benchmarks.states import State
from tests.benchmarks.usage import peak_memory, processor_seconds
from tests.daemon.daemons import Daemon
from tests.kafka.topics import Topics

STRUCTURED = [("content-type", b"application/cloudevents+json")]
PATIENCE = 600.0
HEADINGS = (
    "state",
    "replicas",
    "new events/s",
    "unchanged events/s",
    "calls/s",
    "processor seconds for 1,000 new events",
    "for 1,000 unchanged",
    "for 1,000 calls",
)
LATER = "3600"
"""Seconds: nobody is planned before they are looked for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many people, with how many works beside their employment."""

    people: int = 300
    works: int = 9
    partitions: int = 8

    @property
    def events(self) -> int:
        """An event for each item."""
        return self.people * (1 + self.works)

    @property
    def calls(self) -> int:
        """An employment, and all works in one call."""
        return self.people * 2


@dataclass(frozen=True, slots=True)
class Phase:
    """What a stretch of work took: seconds, and the processor seconds of all replicas and of the database's server."""

    done: int
    seconds: float
    worker: float
    server: float

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.done / self.seconds

    def per_thousand(self, seconds: float) -> float:
        """The share of a thousand."""
        return seconds * 1000 / self.done


@dataclass(frozen=True, slots=True)
class Figures:
    """What so many replicas did; peak memory of one of them, in MB: before the first event, and in the end."""

    new: Phase
    unchanged: Phase
    calls: Phase
    idle: float
    at_work: float


def _added(line: Mapping[str, Any]) -> int:
    """Whether a call added what it carried: a machine that is busy with other things may cut one, which is repeated."""
    return int(line["method"] == "POST" and line["status"] in {200, 201})


class Replicas:
    """Some `orcid-sync run` on one state and one topic, watched by their logs."""

    def __init__(self, stage: Stage, topics: Topics, state: State, size: Size) -> None:
        self._stage = stage
        self._topics = topics
        self._state = state
        self._size = size
        self._topic = topics.create(partitions=size.partitions)
        self._daemons: list[Daemon] = []
        self._read: dict[Path, int] = {}
        self.environ = stage.environ(
            state.url,
            ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS=topics.broker.bootstrap,
            ORCID_SYNC_KAFKA_TOPICS=self._topic,
            ORCID_SYNC_KAFKA_GROUP_ID=self._topic,
            ORCID_SYNC_LOG_LEVEL="info",
            ORCID_SYNC_QUIET_SECONDS=LATER,
            ORCID_SYNC_QUIET_MAX_SECONDS=LATER,
        )

    @contextmanager
    def running(self, number: int) -> Iterator[None]:
        """So many, each with its partitions; stopped as Kubernetes stops them."""
        with ExitStack() as stack:
            for _ in range(number):
                log = self._stage.folder / f"{self._topic}-{len(self._daemons)}.log"
                daemon = Daemon(self.environ, log).start()
                stack.callback(daemon.close)
                self._daemons.append(daemon)
            self._until(self._all_read, 0.5)
            yield
            codes = [daemon.stop() for daemon in self._daemons]
            assert not any(codes), f"replicas ended with {codes}"

    def _all_read(self) -> bool:
        shares = [daemon.partitions() for daemon in self._daemons]
        return sum(shares) == self._size.partitions and all(shares)

    def figures(self) -> Figures:
        """New events, the same again, and the calls that follow from them."""
        idle = max(map(peak_memory, self._pids()))
        new = self._taking()
        unchanged = self._taking()
        calls = self._sending()
        return Figures(new, unchanged, calls, idle, max(map(peak_memory, self._pids())))

    def _pids(self) -> list[int]:
        return [daemon.process.pid for daemon in self._daemons if daemon.process is not None]

    def _taking(self) -> Phase:
        """From the first event that is sent to the last that is taken."""
        events = [json.dumps(event).encode() for event in self._events()]
        with self._phase(self._size.events, "batch_taken", lambda line: int(line["messages"])) as phase:
            self._topics.send(self._topic, *events, key=None, headers=STRUCTURED)
        return phase()

    def _events(self) -> Iterable[Mapping[str, Any]]:
        """By person, as an institution that loads them for the first time has them."""
        for person in range(self._size.people):
            yield affiliation_event(person)
            yield from (work_event(person, work) for work in range(self._size.works))

    def _sending(self) -> Phase:
        """From the moment that sending may begin to the last reply; what is looked at after it is paid for, too."""
        self._stage.arrange(self.environ, "pause")
        self._stage.permit(self.environ, self._size.people)
        with self._phase(self._size.calls, "call_made", _added) as phase:
            self._stage.arrange(self.environ, "resume")
        return phase(self._all_in_sync)

    def _all_in_sync(self) -> bool:
        return self._daemons[0].metric("orcid_sync_items", state="in_sync") == self._size.events

    @contextmanager
    def _phase(
        self, wanted: int, event: str, count: Callable[[Mapping[str, Any]], int]
    ) -> Iterator[Callable[..., Phase]]:
        """Begins within; what it gives waits for the end, by what the logs tell of one kind of event, and for more."""
        self._fresh()
        began, worker, server = time(), processor_seconds(*self._pids()), self._state.processor_seconds()
        seen: list[Mapping[str, Any]] = []

        def finished() -> bool:
            seen.extend(line for line in self._fresh() if line["event"] == event)
            return sum(map(count, seen)) >= wanted

        def end(settled: Callable[[], bool] = lambda: True) -> Phase:
            self._until(finished, 0.2)
            self._until(settled, 0.5)
            done = sum(map(count, seen))
            assert done == wanted, f"{done} instead of {wanted}: {event}"
            last = max(datetime.fromisoformat(line["timestamp"]).timestamp() for line in seen)
            now_worker, now_server = processor_seconds(*self._pids()), self._state.processor_seconds()
            return Phase(done, last - began, now_worker - worker, now_server - server)

        yield end

    def _fresh(self) -> list[Mapping[str, Any]]:
        """What the logs have told since the last time."""
        found = []
        for daemon in self._daemons:
            with daemon.log.open("rb") as log:
                log.seek(self._read.get(daemon.log, 0))
                text = log.read().rpartition(b"\n")[0]
            self._read[daemon.log] = self._read.get(daemon.log, 0) + len(text) + bool(text)
            found += [json.loads(line) for line in text.splitlines()]
        return found

    def _until(self, done: Callable[[], bool], rest: float) -> None:
        """Looks seldom: looking takes from what is measured."""
        end = monotonic() + PATIENCE
        while not done():
            fine = all(daemon.runs for daemon in self._daemons) and monotonic() < end
            assert fine, "\n".join(daemon.tail() for daemon in self._daemons)
            sleep(rest)


def row(state: State, number: int, figures: Figures) -> list[str]:
    """Rates, and the processor seconds of a thousand: of all replicas together, and of the database's server."""
    phases = (figures.new, figures.unchanged, figures.calls)
    shares = (f"{one.per_thousand(one.worker):.1f} + {one.per_thousand(one.server):.1f}" for one in phases)
    return [state.name, str(number), *(f"{one.rate:.0f}" for one in phases), *shares]


def measure(
    stage: Stage, topics: Topics, states: Iterable[tuple[State, int]], size: Size
) -> Iterator[tuple[State, int, Figures]]:
    """The figures of each state with so many replicas, as they come."""
    for state, number in states:
        replicas = Replicas(stage, topics, state, size)
        with replicas.running(number):
            figures = replicas.figures()
        yield state, number, figures
