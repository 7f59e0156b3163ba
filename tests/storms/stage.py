"""A stage for storms: an institution's work, lanes whose calls take their time, and an ORCID that may fail."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from mappers.mapping_file import EMPTY
from mappers.secret import Secret
from state.facts import ItemState
from state.memory.store import MemoryStore
from state.permission_facts import Grant
from tests.benchmarks.institution import person_id
from tests.fakes.memory_topic import MemoryLog, MemoryTopicSource
from tests.fakes.set_clock import SetClock
from tests.fakes.timed_lanes import AnyCall, TimedLanes
from tests.turning.weather import method_of, orcid_of
from tests.turning.worlds import CALL_SECONDS, NOW, SCOPES, employment
from worker.intake.intake import Intake, Tempo
from worker.planning.policy import Policy
from worker.ports import Answer, EventSource, Reply
from worker.sandbox.limits import RateLimit
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID
from worker.sources.nothing import NothingSource
from worker.turning.desk import Desk
from worker.turning.loop import Loop
from worker.turning.pace import Pace
from worker.watching.tally import Tally

RATE, BURST, LANES = 23.0, 30.0, 12
PACE = Pace(rate=RATE, burst=BURST, call_seconds=CALL_SECONDS, retry_base=1.0, retry_max=300.0)
FIRST_TICK, LAST_TICK = 0.01, 0.32
"""Seconds between two looks of a loop that has nothing to do; they double as long as nothing happens."""
QUICK = 0.3
"""Seconds that a call takes while all is well."""


@dataclass
class Orcid:
    """An ORCID that takes whatever it is sent, as long as `weather` has no other reply; it counts who calls when."""

    clock: SetClock
    weather: Callable[[AnyCall], Reply | None] = lambda _: None
    limit: RateLimit | None = None
    calls: list[tuple[float, str]] = field(default_factory=list)
    taken: list[tuple[float, str]] = field(default_factory=list)
    refused_for_rate: int = 0

    def send(self, call: AnyCall) -> Reply:
        """A new put-code for what is posted."""
        at, orcid = self.clock.now(), orcid_of(call)
        self.calls.append((at, orcid))
        if self.limit is not None and not self.limit.admits(CLIENT_ID):
            self.refused_for_rate += 1
            return Answer(503, {}, b"")
        reply = self.weather(call)
        if reply is not None:
            return reply
        self.taken.append((at, orcid))
        if method_of(call) == "POST":
            return Answer(201, {"Location": f"https://orcid.test{call.path}/{len(self.taken)}"}, b"")
        return Answer(200, {}, b"{}")

    def close(self) -> None:
        """Nothing stays open."""

    def calls_by_person(self) -> Counter[str]:
        """How many calls were made for each iD."""
        return Counter(orcid for _, orcid in self.calls)


class Stage:
    """Processes on one store in memory. Time goes on only as far as the next thing to happen, or one tick."""

    def __init__(
        self, *, desks: int = 1, pace: Pace = PACE, seconds: Callable[[AnyCall], float] = lambda _: QUICK
    ) -> None:
        self.clock = SetClock(NOW)
        self.store = MemoryStore(self.clock.now)
        self.orcid = Orcid(self.clock)
        self.log = MemoryLog(LogId("storm", "t1", "events", 0))
        self.lanes: list[TimedLanes] = []
        self.loops: list[Loop] = []
        self.desks: list[Desk] = []
        chances = iter(_spread())
        for number in range(desks):
            store = self.store.twin()
            lanes = TimedLanes(self.orcid, self.clock, seconds)
            tally = Tally()
            reads: EventSource = NothingSource() if number else MemoryTopicSource([self.log], store.logs.position)
            desk = Desk(
                store=store,
                lanes=lanes,
                policy=Policy(settle_seconds=10.0),
                pace=pace,
                client_id=CLIENT_ID,
                holder=f"desk {number}",
                chance=lambda: next(chances),
                tally=tally,
            )
            intake = Intake(store, EMPTY, Tempo(0.0, 0.0))
            self.loops.append(Loop(store=store, source=reads, lanes=lanes, intake=intake, desk=desk, tally=tally))
            self.lanes.append(lanes)
            self.desks.append(desk)

    @staticmethod
    def orcid_of(person: int) -> OrcidId:
        """The iD of the n-th person."""
        return OrcidId(orcid_id(person))

    def connect(self, people: Iterable[int]) -> None:
        """Everybody of them grants all scopes."""
        for person in people:
            self.store.grants.put(
                Grant(
                    person=person_id(person),
                    orcid=self.orcid_of(person),
                    name="",
                    scopes=frozenset(SCOPES),
                    access_token=Secret(f"token {person}"),
                    refresh_token=None,
                    expires_at=NOW + 1e9,
                    granted_at=NOW,
                )
            )

    def tell(self, person: int, numbers: Iterable[int], sequence: int = 1) -> None:
        """Events about employments of a person: each is one call."""
        for number in numbers:
            event = employment(person, number, sequence=sequence, title=f"Role {number} {sequence}")
            self.log.produce(json.dumps(event).encode())

    def spread(self, people: Iterable[int]) -> None:
        """What is wanted of the first person and not of them yet is wanted of all these, too: cheaper than events."""
        first = self.store.items.facts(person_id(1)).wanted
        for name in map(person_id, people):
            known = {item.key for item in self.store.items.facts(name).wanted}
            for item in first:
                key = replace(item.key, person=name)
                found = self.store.items.document(item.key)
                if key not in known and found is not None:
                    self.store.items.want(replace(item, key=key, state=ItemState.PENDING, reason=""), found[1])
            self.store.agenda.changed(name, 0.0, 0.0)

    def run(self, until: float, *, done: Callable[[], bool] = lambda: False) -> None:
        """Turns of all loops until then, or until it is done."""
        tick = FIRST_TICK
        while self.clock.now() < until and not done():
            busy = [not loop.turn(self.clock.now()).idle for loop in self.loops]
            if any(busy):
                tick = FIRST_TICK
                continue
            nexts = [lanes.next_at for lanes in self.lanes if lanes.next_at is not None]
            ahead = min([self.clock.now() + tick, until, *nexts])
            self.clock.at = max(ahead, self.clock.now() + 1e-3)
            tick = min(LAST_TICK, 2 * tick)

    @property
    def backlog(self) -> int:
        """How many items are not where they shall be."""
        return sum(number for state, number in self.store.items.counts().items() if state.value != "in_sync")


def _spread() -> Iterable[float]:
    """Chances that are no chance: spread over all that may come, the same each time."""
    at = 0.5
    while True:
        at = (at + 0.618034) % 1.0
        yield at
