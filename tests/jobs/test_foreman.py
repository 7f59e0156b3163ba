"""The foreman: jobs whose end does not hang on ORCID, by the real parts in one process."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from state.job_facts import Job, JobState
from state.sqlite_store import SqliteStore
from state.vault import Vault, new_key
from tests.state.helpers import JOSIAH, a_grant, a_key, a_published
from tests.state.stores import Clock
from worker.jobs.foreman import CHANGED, Foreman
from worker.jobs.orders import ReplayOrder, VerifyOrder, kind_of, packed
from worker.people.forgetting import begin_forgetting
from worker.settings.settings import Settings, load_settings
from worker.watching.tally import Tally


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


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


def tend(foreman: Foreman, done: Callable[[], bool]) -> None:
    """As the loop does, until it is so."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        foreman.tend()
        time.sleep(0.01)


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
