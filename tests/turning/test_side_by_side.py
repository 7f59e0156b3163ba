"""Side by side: a dozen records at once over HTTP, by one process and by two, and never two calls for one record."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import pytest

from mappers.events.messages import Message, Place
from mappers.identifiers import OrcidId
from mappers.mapping_file import EMPTY
from mappers.secret import Secret
from state.permission_facts import Grant
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.benchmarks.institution import lines, person_id
from tests.turning.worlds import SCOPES, employment
from worker.intake.intake import Intake, Tempo
from worker.planning.policy import Policy
from worker.ports import Batch
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID, SandboxSettings
from worker.sandbox.server import start_sandbox
from worker.sending.lanes import ThreadLanes
from worker.sending.orcid_client import OrcidClient
from worker.sources.nothing import NothingSource
from worker.turning.desk import Desk
from worker.turning.loop import Loop
from worker.turning.pace import Pace
from worker.watching.tally import Tally

PACE = Pace(rate=1e6, burst=1e6, call_seconds=5.0, retry_base=0.05, retry_max=0.2)


@pytest.fixture
def control() -> Iterator[SandboxControl]:
    """A stand-in without limit."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as running,
        SandboxControl(running.base_url) as client,
    ):
        yield client


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A state in a file, by the machine's clock."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), time.time)
    yield made
    made.close()


class Process(Thread):
    """A process as far as state and network are concerned: a thread, a handle on the store, lanes, a client."""

    def __init__(self, store: Store, base_url: str, name: str, done: Event, pace: Pace = PACE) -> None:
        super().__init__()
        self.store = store
        self.done = done
        self.failure: BaseException | None = None
        self.tally = Tally()
        self.lanes = ThreadLanes(OrcidClient(base_url))
        desk = Desk(
            store=store,
            lanes=self.lanes,
            policy=Policy(settle_seconds=0.1),
            pace=pace,
            client_id=CLIENT_ID,
            holder=name,
            chance=Random(name).random,
            tally=self.tally,
        )
        intake = Intake(store, EMPTY, Tempo(0.0, 0.0))
        self.loop = Loop(
            store=store, source=NothingSource(), lanes=self.lanes, intake=intake, desk=desk, tally=self.tally
        )

    def run(self) -> None:
        """Turns until it is told that all is done."""
        try:
            while not self.done.is_set():
                self.loop.turn(time.time(), 0.02)
                self.loop.rest(0.005)
            self.loop.stop(time.time, 5.0)
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.failure = error
        self.lanes.close(1.0)
        self.store.close()


def fill(store: Store, control: SandboxControl, people: range, each: int) -> None:
    """So many people with a grant, and employments for each."""
    for person in people:
        told = control.grant(orcid_id(person), scopes=SCOPES)
        store.grants.put(
            Grant(
                person=person_id(person),
                orcid=OrcidId(told["orcid"]),
                name="",
                scopes=frozenset(SCOPES),
                access_token=Secret(told["access_token"]),
                refresh_token=None,
                expires_at=time.time() + 1e9,
                granted_at=time.time(),
            )
        )
    events = (employment(person, number) for person in people for number in range(each))
    messages = [Message(Place("events.jsonl", n), line.encode()) for n, line in enumerate(lines(events), 1)]
    Intake(store, EMPTY, Tempo(0.0, 0.0)).take(Batch(messages), time.time())


def run_until_settled(store: Store, processes: list[Process], done: Event, patience: float = 30.0) -> None:
    """Lets the processes run until nobody is due."""
    for process in processes:
        process.start()
    end = time.monotonic() + patience
    while store.agenda.next_at() is not None and time.monotonic() < end:
        time.sleep(0.02)
    done.set()
    for process in processes:
        process.join()
    assert [process.failure for process in processes] == [None] * len(processes)
    assert store.agenda.next_at() is None


def test_a_dozen_records_are_written_side_by_side(store: Store, control: SandboxControl) -> None:
    """With an ORCID that takes its time, ten or more calls are under way at once, never two for one record."""
    people = range(1, 31)
    fill(store, control, people, 2)
    control.fault("slow:seconds=0.1")
    base_url = str(control._http.base_url).removesuffix("/sandbox/")
    done = Event()
    run_until_settled(store, [Process(store.twin(), base_url, "one", done)], done)

    statistics = control.statistics()
    assert statistics.peak_in_flight >= 10
    assert statistics.overlaps == 0
    assert all(len(control.record(orcid_id(person)).items) == 2 for person in people)


def test_two_processes_never_write_one_record_at_once(store: Store, control: SandboxControl) -> None:
    """Each takes its share; no item is missing or doubled, though replies are slow, lost or refused."""
    people = range(1, 21)
    fill(store, control, people, 3)
    for fault in ("slow:seconds=0.03", "reset-after:every=11", "503:every=17", "500:every=13"):
        control.fault(fault)
    base_url = str(control._http.base_url).removesuffix("/sandbox/")
    done = Event()
    processes = [Process(store.twin(), base_url, name, done) for name in ("one", "two")]
    run_until_settled(store, processes, done)

    assert control.statistics().overlaps == 0
    assert [process.tally.calls["POST"] > 5 for process in processes] == [True, True]
    for person in people:
        titles = [item.document["role-title"] for item in control.record(orcid_id(person)).items]
        assert sorted(titles) == ["Role 0", "Role 1", "Role 2"]
    assert store.intents.open_count() == 0


class Stalled:
    """A store whose answer to one commit, that of the first intent, comes late: as from a standby that was away."""

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self.is_over = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Committed in time; told late."""
        with self._store.transaction():
            yield
        if not self.is_over and self._store.intents.open_count():
            self.is_over = True
            time.sleep(self._seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_process_that_was_held_up_beyond_its_lease_sends_nothing(store: Store, control: SandboxControl) -> None:
    """Between its renewing the lease and its sending another process took the record over, and wrote it."""
    fill(store, control, range(1, 2), 1)
    control.reset_statistics()
    base_url = str(control._http.base_url).removesuffix("/sandbox/")
    done, pace = Event(), replace(PACE, call_seconds=0.3)
    stalled = Stalled(store.twin(), 2.0)
    slow, quick = (
        Process(one, base_url, name, done, pace) for one, name in ((stalled, "slow"), (store.twin(), "quick"))
    )
    slow.start()
    while not stalled.is_over:
        time.sleep(0.01)
    run_until_settled(store, [quick], done)
    slow.join(10.0)

    assert slow.failure is None
    assert len(control.record(orcid_id(1)).items) == 1
    assert control.statistics().requests["POST"] == 1


def test_two_processes_together_never_make_orcid_refuse_for_rate(store: Store, control: SandboxControl) -> None:
    """A stand-in that admits 24 requests a second and a burst of 40, as they arrive, says 503 to none."""
    people = range(1, 27)
    fill(store, control, people, 5)
    control.reset_statistics()
    control.limit(rate=24.0, burst=40.0)
    base_url = str(control._http.base_url).removesuffix("/sandbox/")
    done = Event()
    began = time.monotonic()
    run_until_settled(store, [Process(store.twin(), base_url, name, done, Pace()) for name in ("one", "two")], done)
    seconds = time.monotonic() - began

    assert [seen.status for seen in control.requests() if seen.status != 201] == []
    assert all(len(control.record(orcid_id(person)).items) == 5 for person in people)
    assert seconds >= (130 - Pace().burst) / Pace().rate
