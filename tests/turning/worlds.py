"""A world to turn in: a clock that is set, a store, ORCID's stand-in without a network, and offices that send."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from mappers.mapping_file import EMPTY
from mappers.secret import Secret
from state.facts import ItemState
from state.permission_facts import Grant
from state.store import Store
from tests.benchmarks.institution import ORGANIZATION, person_id, work_event
from tests.fakes.in_process_orcid import InProcessOrcid
from tests.fakes.memory_topic import MemoryLog, MemoryTopicSource
from tests.fakes.set_clock import SetClock
from tests.turning.weather import Sky, SkyLanes, Weather
from worker.intake.intake import Intake, Tempo
from worker.planning.guarding import Limits
from worker.planning.policy import Policy
from worker.ports import EventSource, Lanes
from worker.sandbox.control_forms import GrantForm
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.researchers import grant, record_json
from worker.sandbox.sandbox import CLIENT_ID, Sandbox, SandboxSettings
from worker.sending.deadline import steady
from worker.sources.nothing import NothingSource
from worker.turning.desk import Desk
from worker.turning.loop import Loop
from worker.turning.pace import Pace
from worker.watching.tally import Tally

NOW = 1_764_000_000.0
HOUR = 3600.0
CALL_SECONDS = 30.0
PACE = Pace(rate=1e6, burst=1e6, call_seconds=CALL_SECONDS, retry_base=1.0, retry_max=300.0)
SCOPES = ["/read-limited", "/activities/update", "/person/update"]


@dataclass
class Office:
    """One process: its desk, its loop, its weather."""

    loop: Loop
    desk: Desk
    tally: Tally
    lanes: Lanes
    weather: Weather
    clock: SetClock

    def turn(self) -> bool:
        """One turn of the loop; false when it was idle and nothing is in flight."""
        return not self.loop.turn(self.clock.now()).idle or self.loop.calls_in_flight > 0


@dataclass
class World:
    """Time, ORCID and the state that all offices share."""

    store: Store
    clock: SetClock
    sky: Sky = field(default_factory=Sky)
    sandbox: Sandbox = field(init=False)
    log: MemoryLog = field(default_factory=lambda: MemoryLog(LogId("world", "t1", "events", 0)))
    opened: list[Store] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(SandboxSettings(rate_limit=False), clock=self.clock.now, monotonic=self.clock.now)

    def office(
        self,
        name: str = "one",
        *,
        pace: Pace = PACE,
        policy: Policy | None = None,
        lanes: int = 12,
        chance: Callable[[], float] = lambda: 0.5,
        store: Store | None = None,
        limits: Limits | None = None,
        steady: Callable[[], float] = steady,
    ) -> Office:
        """A process of this name; `one` reads the topic, the others send only. Each has its own handle on the store."""
        handle = store or self.store.twin()
        self.opened += [] if store else [handle]
        weather = Weather(InProcessOrcid(self.sandbox), self.clock)
        made = SkyLanes(weather, self.sky, self.clock, lanes)
        tally = Tally()
        desk = Desk(
            store=handle,
            lanes=made,
            policy=policy or Policy(settle_seconds=10.0),
            pace=pace,
            client_id=CLIENT_ID,
            holder=name,
            chance=chance,
            tally=tally,
            limits=limits,
            steady=steady,
        )
        reads = MemoryTopicSource([self.log], handle.logs.position)
        source: EventSource = reads if name == "one" else NothingSource()
        intake = Intake(handle, EMPTY, Tempo(0.0, 0.0))
        loop = Loop(store=handle, source=source, lanes=made, intake=intake, desk=desk, tally=tally)
        return Office(loop, desk, tally, made, weather, self.clock)

    def connect(self, *people: int) -> None:
        """Each of these people grants us all scopes."""
        for person in people:
            form = GrantForm(orcid=orcid_id(person), scopes=SCOPES)
            told = grant(self.sandbox, form)
            self.store.grants.put(
                Grant(
                    person=person_id(person),
                    orcid=self.orcid(person),
                    name="",
                    scopes=frozenset(SCOPES),
                    access_token=Secret(str(told["access_token"])),
                    refresh_token=None,
                    expires_at=self.clock.now() + 1e9,
                    granted_at=self.clock.now(),
                )
            )

    def orcid(self, person: int) -> OrcidId:
        """The iD of the n-th person."""
        return OrcidId(orcid_id(person))

    def tell(self, *events: dict[str, Any]) -> None:
        """Produces events to the topic."""
        for event in events:
            self.log.produce(json.dumps(event).encode())

    def titles(self, person: int) -> list[str]:
        """What stands on the person's record, sorted: role titles, and titles of works."""
        found = record_json(self.sandbox, self.sandbox.records[self.orcid(person)])["items"]
        return sorted(_title(item["document"]) for item in found)

    def states(self) -> dict[ItemState, int]:
        """How many wanted items are in each state."""
        return {state: number for state, number in self.store.items.counts().items() if number}

    def settle(self, *offices: Office, within: float = HOUR, turns: int = 5000) -> None:
        """Turns until nobody is due within that time; when all is idle, time jumps to whoever is due next.

        Who is due and may not be sent for is waited for in steps that grow to a second.
        """
        end = self.clock.now() + within
        step = 0.05
        for _ in range(turns):
            busy = [office.turn() for office in offices]
            if any(busy):
                step = 0.05
                continue
            next_at = self.store.agenda.next_at()
            if next_at is None or next_at > end:
                return
            self.clock.advance(max(step, next_at - self.clock.now()))
            step = min(1.0, 2 * step)
            if self.clock.now() > end:
                return
        raise AssertionError("it does not settle")

    def close(self) -> None:
        """Closes the handles that were opened."""
        for one in self.opened:
            one.close()


def employment(person: int, number: int = 0, *, sequence: int = 1, title: str = "") -> dict[str, Any]:
    """The n-th employment of a person: each is a call of its own."""
    subject = f"APPT-{person}-{number}"
    return {
        "specversion": "1.0",
        "id": f"{subject}-{sequence}",
        "source": "/hr",
        "type": "hr.affiliation.changed",
        "subject": subject,
        "time": "2025-03-01T09:00:00Z",
        "sequence": str(sequence),
        "data": {
            "person": {"id": person_id(person)},
            "kind": "employment",
            "role_title": title or f"Role {number}",
            "start_date": "2019-09-01",
            "organization": ORGANIZATION,
        },
    }


def employments(person: int, count: int) -> Iterable[dict[str, Any]]:
    """Several of them."""
    return [employment(person, number) for number in range(count)]


def ended(event: dict[str, Any], sequence: int = 2) -> dict[str, Any]:
    """The removal of what an event told."""
    kind = event["type"].replace(".changed", ".removed")
    return {**event, "id": f"{event['id']}-removed", "type": kind, "sequence": str(sequence), "data": {}}


def work(person: int, number: int = 0, *, sequence: int = 1, title: str = "") -> dict[str, Any]:
    """The n-th work of a person; works go out in bulk."""
    return work_event(person, number, sequence=sequence, title=title)


def _title(document: dict[str, Any]) -> str:
    return str(document["role-title"] if "role-title" in document else document["title"]["title"]["value"])
