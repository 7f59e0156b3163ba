"""The fixed scenario: one of the scripts, lived through, and a re-reading of its topic after each death.

Run as a program, it lives it through once for every port call and both moments, and prints what it found:

    python -m tests.crash.scenario SCRIPT BASE_URL FOLDER SHARD SHARDS
"""

import gc
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from mappers.events.messages import LogId
from mappers.mapping_file import EMPTY
from mappers.secret import Secret
from state.facts import ItemState
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.benchmarks.institution import person_id
from tests.crash.dying import DIED, Fate, Moment, Mortal, MortalStore
from tests.crash.scripts import SCRIPTS, Script, said
from tests.events import Event
from tests.fakes.inline_lanes import InlineLanes
from tests.fakes.memory_topic import MemoryLog, MemoryTopicSource
from tests.fakes.set_clock import SetClock
from worker.intake.intake import Intake, Tempo
from worker.planning.policy import Policy
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.sending.orcid_client import OrcidClient, OwnAccess
from worker.turning.desk import Desk
from worker.turning.loop import Loop
from worker.turning.pace import Pace
from worker.watching.tally import Tally

KEY = new_key()
DAY = 86_400.0
TURNS = 400
"""More turns than the scenario ever needs: one that does not settle is a fault of its own."""


@dataclass(frozen=True, slots=True)
class World:
    """One life of the scenario: records of its own on the stand-in, a state of its own."""

    script: Script
    base_url: str
    state: Path
    orcids: tuple[str, ...]
    grants: tuple[dict[str, Any], ...]
    began: float

    @property
    def group(self) -> str:
        """What the group of this life is named by: records of groups are ORCID's, not one person's."""
        return self.orcids[0]

    def chapters(self) -> list[list[Event]]:
        """What is produced to the topic, chapter by chapter; the first begins with everybody's permission."""
        people = zip(self.script.expected, self.grants, strict=True)
        first, *others = self.script.chapters(self.group)
        return [[*(_granted(person, grant) for person, grant in people), *first], *others]


def _granted(person: int, grant: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"grant-{person}",
        "source": "/consent",
        "type": "permission.granted",
        "subject": person_id(person),
        "time": "2026-03-01T08:00:00Z",
        "data": {"person_id": person_id(person), **grant},
    }


def live(world: World, fate: Fate, hours: int) -> int:
    """Lives the scenario from wherever the state is to its end, `hours` after it began; returns the port calls made."""
    clock = SetClock(world.began + 3600.0 * hours)
    store: Any = MortalStore(SqliteStore(world.state, Vault([KEY]), clock.now), fate)
    log = MemoryLog(LogId("crash", "t1", "events", 0))
    source: Any = Mortal(MemoryTopicSource([log], store.logs.position), fate)
    own = OwnAccess(world.base_url, CLIENT_ID, Secret(CLIENT_SECRET))
    transport: Any = Mortal(OrcidClient(world.base_url, own), fate)
    lanes: Any = Mortal(InlineLanes(transport), fate)
    tally = Tally()
    desk = Desk(
        store=store,
        lanes=lanes,
        policy=Policy(settle_seconds=1.0, version=world.script.form.version),
        pace=Pace(rate=1e6, burst=1e6, call_seconds=5.0, retry_base=0.1, retry_max=1.0, form=world.script.form),
        client_id=CLIENT_ID,
        holder=f"life-{hours}",
        chance=lambda: 0.5,
        tally=tally,
    )
    intake = Intake(store, EMPTY, Tempo(0.0, 0.0))
    loop = Loop(store=store, source=source, lanes=lanes, intake=intake, desk=desk, tally=tally)
    for chapter in world.chapters():
        for event in chapter:
            log.produce(json.dumps(event).encode())
        _settle(loop, store, clock)
    loop.stop(clock.now, 0.0)
    lanes.close(0.0)
    store.close()
    return fate.calls


def _settle(loop: Loop, store: Any, clock: SetClock) -> None:
    """Turns until nobody is due within a day; time jumps to whoever is due next. Tokens live longer than that."""
    for _ in range(TURNS):
        turn = loop.turn(clock.now())
        next_at = store.agenda.next_at()
        if turn.idle and not loop.calls_in_flight:
            if next_at is None or next_at > clock.now() + DAY:
                return
            clock.advance(max(0.01, next_at - clock.now()))
    raise RuntimeError("the scenario does not settle")


def faults_of(world: World, control: SandboxControl) -> list[str]:
    """What is not as it must be in the end; empty when all is well."""
    faults = []
    expected = world.script.expected
    for person, orcid in zip(expected, world.orcids, strict=True):
        found = sorted(said(item.document) for item in control.record(orcid).items)
        if found != sorted(expected[person]):
            faults.append(f"person {person} has {found}")
    store = SqliteStore(world.state, Vault([KEY]), time.time)
    counts = {state: number for state, number in store.items.counts().items() if number}
    if counts != (world.script.states or {ItemState.IN_SYNC: sum(map(len, expected.values()))}):
        faults.append(f"states {counts}")
    if store.intents.open_count():
        faults.append("an intent is open")
    if store.letters.count():
        faults.append("an event is a dead letter")
    store.close()
    return faults


def ended(world: World, control: SandboxControl) -> list[str]:
    """Starts again after a death, and tells what is not as it must be in the end."""
    try:
        live(world, Fate(None), 1)
    except Exception as error:  # noqa: BLE001 - it is told at which death, and the others are tried
        return [f"{type(error).__name__}: {error}"]
    return faults_of(world, control)


def new_world(script: Script, base_url: str, folder: Path, control: SandboxControl, number: int) -> World:
    """Records, grants and a state that nobody used before."""
    orcids = tuple(orcid_id(1_000_000_000 + number * 10 + person) for person in script.expected)
    grants = tuple(control.grant(orcid) for orcid in orcids)
    state = folder / f"{number}.db"
    shutil.copyfile(empty_state(folder), state)  # making a state anew takes as long as a life of it
    return World(script, base_url, state, orcids, grants, time.time())


@cache
def empty_state(folder: Path) -> Path:
    """A state without anything in it."""
    state = folder / f"empty-{os.getpid()}.db"
    SqliteStore(state, Vault([KEY]), time.time).close()
    return state


def in_a_process(life: Any) -> int:
    """Runs `life` in a process of its own; returns its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = life()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def moments(calls: int, shard: int, shards: int) -> Iterator[tuple[int, Moment]]:
    """Before each call, and after the last: between two calls nothing happens that outlives the process."""
    for at in range(1 + shard, calls + 1, shards):
        yield at, "before"
        if at == calls:
            yield at, "after"


def run(script: Script, base_url: str, folder: Path, shard: int, shards: int) -> dict[str, Any]:
    """Dies at each port call of this shard, and starts again; returns counts and faults found."""
    faults: list[str] = []
    lives, deaths = count(shard * 1_000_000), 0
    gc.freeze()  # so that forks share what is loaded
    with SandboxControl(base_url) as control:
        whole = new_world(script, base_url, folder, control, next(lives))
        calls = live(whole, Fate(None), 0)
        faults += [f"without dying: {fault}" for fault in faults_of(whole, control)]
        for at, moment in moments(calls, shard, shards):
            world = new_world(script, base_url, folder, control, next(lives))
            died = in_a_process(lambda: live(world, Fate(at, moment), 0) and 0)  # noqa: B023 - called at once
            deaths += died == DIED
            told = ended(world, control)
            faults += [f"dying {moment} call {at}: {fault}" for fault in told]
            world.state.unlink()
        overlaps = control.statistics().overlaps
    return {"port_calls": calls, "deaths": deaths, "faults": faults, "overlaps": overlaps}


if __name__ == "__main__":
    import logging

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    name, base_url, folder, shard, shards = sys.argv[1:]
    sys.stdout.write(json.dumps(run(SCRIPTS[name], base_url, Path(folder), int(shard), int(shards))))
