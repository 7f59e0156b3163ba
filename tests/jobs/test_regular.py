"""The regular drift check: one job for all, so long after the last one ended."""

import pytest

from state.job_facts import JobEnd, JobState
from state.memory.store import MemoryStore
from state.store import Store
from tests.state.stores import Clock
from worker.jobs.orders import VERIFY, VerifyOrder, packed
from worker.jobs.regular import HOUR_SECONDS, plan_check

HOURS = 24.0


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    """An empty store."""
    return MemoryStore(clock)


def over(store: Store, state: JobState = JobState.DONE) -> None:
    """The job whose turn it is has ended."""
    job = store.jobs.take("a", 60.0)
    assert job is not None
    assert store.jobs.end(job.id, "a", JobEnd(state))


def test_a_check_is_added_at_first_and_whenever_the_last_ended_long_ago(store: Store, clock: Clock) -> None:
    """Counted from its end, over all processes."""
    twin = store.twin()
    assert plan_check(store, HOURS) == 1
    assert plan_check(twin, HOURS) is None
    clock.advance(HOURS * HOUR_SECONDS)
    assert plan_check(twin, HOURS) is None
    over(store)
    clock.advance(HOURS * HOUR_SECONDS - 1)
    assert plan_check(store, HOURS) is None

    clock.advance(1)

    assert (plan_check(twin, HOURS), plan_check(store, HOURS)) == (2, None)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_a_check_that_an_operator_added_counts_however_it_ended(store: Store, state: JobState) -> None:
    """Nobody is asked twice for the same."""
    store.jobs.add(VERIFY, packed(VerifyOrder(repair=True)))
    assert plan_check(store, HOURS) is None
    over(store, state)
    assert plan_check(store, HOURS) is None


def test_a_check_of_one_person_and_a_replay_do_not_count(store: Store) -> None:
    """They look at others, or at nobody."""
    store.jobs.add(VERIFY, packed(VerifyOrder()), "p1")
    store.jobs.add("replay", "{}")

    assert plan_check(store, HOURS) == 3


def test_nothing_is_added_without_the_setting(store: Store) -> None:
    """An operator looks when they like."""
    assert plan_check(store, None) is None
    assert list(store.jobs.all()) == []
