"""The foreman: jobs whose end does not hang on ORCID, by the real parts in one process."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from state.job_facts import Job, JobState
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.helpers import JOSIAH, LAURE, a_grant, a_key, a_published
from tests.state.stores import Clock
from worker.jobs import foreman as foreman_module
from worker.jobs.errand import Came, Errand
from worker.jobs.foreman import CHANGED, Foreman
from worker.jobs.orders import ReplayOrder, VerifyOrder, kind_of, packed
from worker.people.forgetting import begin_forgetting
from worker.settings.settings import Settings, load_settings
from worker.watching.tally import Tally


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second's rest between two looks is a second of each test."""
    monkeypatch.setattr(foreman_module, "LOOK_SECONDS", 0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the state is."""
    path = tmp_path / "state"
    path.mkdir()
    return path


@pytest.fixture
def store(folder: Path, clock: Clock) -> Iterator[SqliteStore]:
    """An empty store."""
    made = SqliteStore(folder / "state.db", Vault([new_key()]), clock)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An institution that cannot reach any ORCID."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("")
    given = {
        "ORCID_SYNC_API_URL": "http://127.0.0.1:1",
        "ORCID_SYNC_AUTH_URL": "http://127.0.0.1:1",
        "ORCID_SYNC_CLIENT_ID": "APP-1",
        "ORCID_SYNC_MAPPING_FILE": str(mapping),
        "ORCID_SYNC_CALL_SECONDS": "1",
        "ORCID_SYNC_QUIET_SECONDS": "0",
    }
    return load_settings(given)


class Hanging:
    """A log that can be opened, and whose reading does not come back before it is let go: a disk whose server is gone.

    It is the standard input, for a pipe that has a name is refused.
    """

    ORDER = ReplayOrder(("-",), wait=0.0)

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self.stdin = os.fdopen(reading)
        self._is_held = True

    def let_go(self) -> None:
        """Reading comes to its end."""
        if self._is_held:
            self._is_held = False
            os.close(self._writing)

    @staticmethod
    def threads() -> int:
        """How many threads of jobs there are."""
        return sum(one.name.startswith("orcid-sync-job") for one in threading.enumerate())

    def until_nobody_reads(self) -> None:
        """Lets go, and waits until all threads have ended."""
        self.let_go()
        until(lambda: self.threads() == 0)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """Such a log; nobody reads it any more afterwards."""
    log = Hanging()
    with log.stdin:
        monkeypatch.setattr(sys, "stdin", log.stdin)
        yield log
        log.until_nobody_reads()


def until(done: Callable[[], bool], step: Callable[[], None] = lambda: None) -> None:
    """Steps, and waits, until it is so."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        step()
        time.sleep(0.01)


def tend(foreman: Foreman, done: Callable[[], bool]) -> None:
    """As the loop does, until it is so."""
    until(done, foreman.tend)


def ended(settings: Settings, store: SqliteStore, order: ReplayOrder | VerifyOrder) -> Job:
    """What became of a job."""
    number = store.jobs.add(kind_of(order), packed(order))
    with Foreman(settings, store, Tally()) as foreman:
        tend(foreman, lambda: of(store, number).ended_at is not None)
    return of(store, number)


def of(store: SqliteStore, number: int) -> Job:
    """The job of that number."""
    found = store.jobs.job(number)
    assert found is not None
    return found


def test_what_would_keep_a_job_waiting_for_ever_is_no_log(settings: Settings, store: SqliteStore, folder: Path) -> None:
    """A pipe that nobody writes to."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    job = ended(settings, store, ReplayOrder((str(pipe),)))

    assert (job.state, job.failure) == (JobState.FAILED, f"{pipe} is no file: it might keep a job waiting for ever")


def test_no_job_begins_while_none_may_and_one_under_way_goes_on(
    settings: Settings, store: SqliteStore, hanging: Hanging
) -> None:
    """As while the daemon maps all anew: a repair would send what is not counted yet."""
    number = store.jobs.add(kind_of(hanging.ORDER), packed(hanging.ORDER))
    with Foreman(settings, store, Tally()) as foreman:
        for _ in range(5):
            foreman.tend(begins=False)
            time.sleep(0.03)
        assert of(store, number).state is JobState.QUEUED

        tend(foreman, lambda: not foreman.is_idle)
        hanging.let_go()
        until(lambda: of(store, number).ended_at is not None, lambda: foreman.tend(begins=False))

    assert of(store, number).state is JobState.DONE


def test_what_this_version_does_not_understand_fails(settings: Settings, store: SqliteStore) -> None:
    """Such as a kind of job that a newer one knew; the next has its turn."""
    number = store.jobs.add("mow", "{}")
    ended(settings, store, VerifyOrder())

    job = of(store, number)
    assert (job.state, job.failure) == (JobState.FAILED, "what it asks for can't be understood by this version")


def test_nobody_who_was_forgotten_is_told_of(settings: Settings, store: SqliteStore) -> None:
    """Though the job saw them: they may have been erased while it was under way."""
    for number, person in enumerate(("p1", "p2"), start=1):
        store.grants.put(a_grant(person, JOSIAH))
        store.items.publish(a_published(number, a_key(person)), None)
    begin_forgetting(store, "p1", remove_items=False, now=store.now())

    job = ended(settings, store, VerifyOrder())

    result = store.jobs.result(job.id)
    assert (job.state, job.exit_code) == (JobState.DONE, 3)
    assert ('"p1"' in result, '"p2"' in result) == (False, True)


def test_jobs_wait_while_the_mapping_file_is_not_the_daemons(
    settings: Settings, store: SqliteStore, tmp_path: Path
) -> None:
    """Until the daemon is started again; waiting is no failed attempt."""
    mapping, log = tmp_path / "mapping.toml", tmp_path / "empty.jsonl"
    log.write_text("")
    order = ReplayOrder((str(log),), wait=0.0)
    number = store.jobs.add(kind_of(order), packed(order))
    with Foreman(settings, store, Tally()) as foreman:
        mapping.write_text("[sections.work]\nenabled = false\n")
        tend(foreman, lambda: of(store, number).progress == CHANGED)
        assert (of(store, number).state, of(store, number).attempts) == (JobState.QUEUED, 0)
    with Foreman(settings, store, Tally()) as foreman:
        tend(foreman, lambda: of(store, number).ended_at is not None)
    assert of(store, number).state is JobState.DONE


def test_a_job_whose_store_failed_is_begun_again(
    settings: Settings, store: SqliteStore, folder: Path, clock: Clock
) -> None:
    """When whoever held it would have lost it: as if its process had died."""
    number = store.jobs.add("verify", packed(VerifyOrder()))
    away = folder.with_name("away")
    with Foreman(settings, store, Tally()) as foreman:
        folder.rename(away)
        tend(foreman, lambda: foreman.is_idle and of(store, number).attempts == 1)
        assert of(store, number).state is JobState.RUNNING
        away.rename(folder)
        clock.advance(foreman.lease_seconds)
        tend(foreman, lambda: of(store, number).ended_at is not None)

    assert (of(store, number).state, of(store, number).attempts) == (JobState.DONE, 2)


def test_a_frozen_daemon_that_comes_back_does_not_end_what_another_took_over(
    settings: Settings, store: SqliteStore, clock: Clock
) -> None:
    """What it found counts no more; the other's end does."""
    store.jobs.add("verify", packed(VerifyOrder()))
    with Foreman(settings, store, Tally()) as frozen:
        tend(frozen, lambda: not frozen.is_idle)
        clock.advance(frozen.lease_seconds)
        taken = store.jobs.take("another", 60.0)
        tend(frozen, lambda: frozen.is_idle)

    assert taken is not None
    assert (of(store, taken.id).state, of(store, taken.id).attempts) == (JobState.RUNNING, 2)


def test_a_job_that_hangs_is_cancelled_all_the_same(
    settings: Settings, store: SqliteStore, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After as long as any job may take to end: the next has its turn, and what the first finds counts no more."""
    monkeypatch.setattr(foreman_module, "GRACE_SECONDS", 0.0)
    orders = (hanging.ORDER, VerifyOrder())
    first, second = (store.jobs.add(kind_of(order), packed(order)) for order in orders)
    with Foreman(settings, store, Tally()) as foreman:
        tend(foreman, lambda: of(store, first).progress.startswith("opening"))
        store.jobs.cancel(first)
        asked = of(store, first)
        tend(foreman, lambda: of(store, second).ended_at is not None)
        assert hanging.threads() == 1
        hanging.until_nobody_reads()

    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    assert (of(store, first).state, store.jobs.result(first)) == (JobState.CANCELLED, "")
    assert of(store, second).state is JobState.DONE


def test_a_job_that_hangs_is_let_go_and_begun_again(
    settings: Settings, store: SqliteStore, clock: Clock, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if its process had died; how long it takes no step is told before."""
    number = store.jobs.add(kind_of(hanging.ORDER), packed(hanging.ORDER))
    hasty = settings.model_copy(update={"call_seconds": 0.1})
    with Foreman(hasty, store, Tally()) as foreman:
        with monkeypatch.context() as short:
            for name, seconds in (("TOLD_SECONDS", 0.0), ("QUIET_SECONDS", 0.3)):
                short.setattr(foreman_module, name, seconds)
            tend(foreman, lambda: "(no step for 0 s)" in of(store, number).progress)
            tend(foreman, lambda: foreman.is_idle)
        hung = of(store, number)
        assert (hung.state, hung.attempts, hanging.threads()) == (JobState.RUNNING, 1, 1)
        hanging.until_nobody_reads()
        assert of(store, number) == hung
        clock.advance(foreman.lease_seconds)
        tend(foreman, lambda: of(store, number).ended_at is not None)

    assert (of(store, number).state, of(store, number).attempts) == (JobState.DONE, 2)


def test_a_job_that_hangs_keeps_a_stop_from_when_it_was_told(
    settings: Settings, store: SqliteStore, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the calls in flight, which are waited for first: its time does not begin after theirs."""
    monkeypatch.setattr(foreman_module, "GRACE_SECONDS", 0.5)
    number = store.jobs.add(kind_of(hanging.ORDER), packed(hanging.ORDER))
    with Foreman(settings, store, Tally()) as foreman:
        tend(foreman, lambda: of(store, number).progress.startswith("opening"))
        foreman.stop()
        told = time.monotonic()
        time.sleep(settings.call_seconds)
    took = time.monotonic() - told

    assert settings.call_seconds + 0.5 <= took < settings.call_seconds + 1.4
    assert of(store, number).state is JobState.RUNNING
    hanging.until_nobody_reads()


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(VerifyOrder(), id="verify"),
        pytest.param(ReplayOrder(("empty.jsonl",), wait=60.0), id="replay"),
    ],
)
def test_a_job_that_only_waits_beats(
    settings: Settings,
    store: SqliteStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: ReplayOrder | VerifyOrder,
) -> None:
    """For the budget, or for somebody who is due soon; here for ever, for the clock stands. It is no job that hangs."""
    monkeypatch.chdir(tmp_path)
    Path("empty.jsonl").touch()
    for person, orcid in (("p1", JOSIAH), ("p2", LAURE)):
        store.grants.put(a_grant(person, orcid, expires_at=9e9))
        store.items.publish(a_published(1, a_key(person), orcid), None)
        store.agenda.changed(person, 30.0, 30.0)
    job = of(store, store.jobs.add(kind_of(order), packed(order)))
    slow = settings.model_copy(update={"requests_per_second": 1.0, "burst": 1.0})
    errand = Errand(slow, store.twin, job, "a")
    quiet = [errand.quiet_seconds]

    def listen() -> None:
        assert not errand.is_over, errand.came
        quiet.append(errand.quiet_seconds)

    until(lambda: sum(after < before for before, after in pairwise(quiet)) > 1, listen)
    errand.stop()
    errand.wait(60)

    assert (errand.is_over, errand.came) == (True, Came())
