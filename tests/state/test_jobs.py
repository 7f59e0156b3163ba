"""Jobs, over every store: one at a time, in order, begun again when whoever worked at one is gone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from state.job_facts import GOT_ON_SECONDS, MOST_ATTEMPTS, WORN_OUT, Job, JobEnd, JobState
from state.store import Store
from tests.state.stores import Clock

SECONDS = 60.0
DONE = JobEnd(JobState.DONE, exit_code=3, result='{"events": 1}')


def states(store: Store) -> list[JobState]:
    """Of every job, by id."""
    return [job.state for job in store.jobs.all()]


def taken(store: Store, holder: str = "a") -> Job:
    """The job that is begun now."""
    job = store.jobs.take(holder, SECONDS)
    assert job is not None
    return job


def test_a_job_is_kept_as_it_was_added(store: Store, clock: Clock) -> None:
    """Queued, with nothing done."""
    number = store.jobs.add("verify", '{"person": "p1"}', "p1")

    assert store.jobs.job(number) == Job(number, "verify", '{"person": "p1"}', "p1", clock())
    assert store.jobs.result(number) == ""
    assert store.jobs.job(number + 1) is None
    assert store.jobs.result(number + 1) == ""


def test_jobs_are_taken_one_at_a_time_in_the_order_they_were_added(store: Store, twin: Store) -> None:
    """Whichever process asks."""
    first, second = store.jobs.add("replay", "{}"), store.jobs.add("verify", "{}")

    begun = taken(store)
    assert (begun.id, begun.state, begun.attempts) == (first, JobState.RUNNING, 1)
    assert twin.jobs.take("b", SECONDS) is None
    assert store.jobs.take("a", SECONDS) is None
    assert store.jobs.end(first, "a", DONE)
    assert taken(twin, "b").id == second


def test_an_ended_job_keeps_what_it_ended_with(store: Store, clock: Clock) -> None:
    """When it began and ended, its exit code, and its result."""
    number = store.jobs.add("replay", "{}")
    began = clock.advance(1)
    taken(store)
    ended = clock.advance(2)
    store.jobs.end(number, "a", DONE)

    job = store.jobs.job(number)
    assert job is not None
    assert (job.state, job.began_at, job.ended_at, job.exit_code) == (JobState.DONE, began, ended, 3)
    assert store.jobs.result(number) == DONE.result
    assert store.jobs.take("a", SECONDS) is None


def test_who_holds_on_keeps_a_job_and_who_does_not_loses_it(store: Store, twin: Store, clock: Clock) -> None:
    """Then it is begun again by another, and what the first still says of it counts no more."""
    number = store.jobs.add("replay", "{}")
    taken(store)
    clock.advance(SECONDS - 1)
    held = store.jobs.hold_on(number, "a", SECONDS, "reading events: 12")
    assert held is not None
    assert held.progress == "reading events: 12"
    clock.advance(SECONDS - 1)
    assert twin.jobs.take("b", SECONDS) is None

    clock.advance(1)
    again = taken(twin, "b")

    assert (again.id, again.attempts, again.progress) == (number, 2, "")
    assert store.jobs.hold_on(number, "a", SECONDS, "on") is None
    assert not store.jobs.end(number, "a", DONE)
    assert not store.jobs.put_back(number, "a")
    assert states(store) == [JobState.RUNNING]
    assert store.jobs.result(number) == ""


def test_a_job_whose_process_always_dies_fails(store: Store, clock: Clock) -> None:
    """And the next in the queue has its turn."""
    first, second = store.jobs.add("replay", "{}"), store.jobs.add("verify", "{}")
    for attempt in range(MOST_ATTEMPTS):
        assert (taken(store, f"h{attempt}").id, store.jobs.take("other", SECONDS)) == (first, None)
        clock.advance(SECONDS)

    assert taken(store).id == second
    failed = store.jobs.job(first)
    assert failed is not None
    assert (failed.state, failed.exit_code, failed.failure) == (JobState.FAILED, 1, WORN_OUT)


def test_attempts_begin_anew_with_one_that_got_on(store: Store, clock: Clock) -> None:
    """So a job of many hours outlives more short failures of the database than one that never gets on."""
    number = store.jobs.add("verify", "{}")
    counted = []
    for _ in range(MOST_ATTEMPTS):
        taken(store)
        clock.advance(SECONDS)
    clock.advance(-SECONDS)
    for seconds in (0, GOT_ON_SECONDS - 1, 1, 1):
        clock.advance(seconds)
        held = store.jobs.hold_on(number, "a", SECONDS, "")
        counted.append(held and held.attempts)
    clock.advance(SECONDS)

    assert counted == [MOST_ATTEMPTS, MOST_ATTEMPTS, 1, 1]
    assert (taken(store).id, states(store)) == (number, [JobState.RUNNING])


def test_a_job_that_was_put_back_in_order_counts_as_never_begun(store: Store) -> None:
    """However often: every upgrade of a daemon does that."""
    number = store.jobs.add("replay", "{}")
    before = store.jobs.job(number)
    for _ in range(MOST_ATTEMPTS + 1):
        taken(store)
        assert store.jobs.put_back(number, "a")
    assert store.jobs.job(number) == before

    taken(store)
    assert store.jobs.put_back(number, "a", "waits for a restart")
    waiting = store.jobs.job(number)
    assert waiting is not None
    assert (waiting.state, waiting.progress) == (JobState.QUEUED, "waits for a restart")


@pytest.mark.parametrize(
    ("begun", "seconds", "over", "state"),
    [
        pytest.param(False, 0, False, JobState.CANCELLED, id="queued"),
        pytest.param(True, 0, False, JobState.RUNNING, id="held"),
        pytest.param(True, SECONDS, False, JobState.CANCELLED, id="held-by-nobody-now"),
        pytest.param(True, 0, True, JobState.DONE, id="over"),
    ],
)
def test_what_nobody_works_at_is_cancelled_at_once(
    store: Store, clock: Clock, *, begun: bool, seconds: float, over: bool, state: JobState
) -> None:
    """Whoever works at one is asked; what is over stays as it is. How it was before is told."""
    number = store.jobs.add("replay", "{}")
    if begun:
        taken(store)
    if over:
        store.jobs.end(number, "a", DONE)
    clock.advance(seconds)
    before = store.jobs.job(number)

    assert store.jobs.cancel(number) == before
    assert states(store) == [state]
    assert store.jobs.cancel(number + 1) is None


def test_who_works_at_a_job_hears_that_it_shall_be_cancelled(store: Store) -> None:
    """And puts it back: then it is cancelled, not queued."""
    number = store.jobs.add("replay", "{}")
    taken(store)
    store.jobs.cancel(number)

    held = store.jobs.hold_on(number, "a", SECONDS, "")
    assert held is not None
    assert held.cancel_asked
    assert store.jobs.put_back(number, "a")
    assert states(store) == [JobState.CANCELLED]
    assert store.jobs.take("a", SECONDS) is None


def test_a_job_that_was_to_be_cancelled_is_not_begun_again(store: Store, clock: Clock) -> None:
    """Its process died before it heard of it."""
    number = store.jobs.add("replay", "{}")
    taken(store)
    store.jobs.cancel(number)
    clock.advance(SECONDS)

    assert store.jobs.take("b", SECONDS) is None
    assert states(store) == [JobState.CANCELLED]


def test_what_ended_is_forgotten_after_a_while(store: Store, clock: Clock) -> None:
    """What is open is not, however old; and no id comes again."""
    first = store.jobs.add("replay", "{}")
    taken(store)
    store.jobs.end(first, "a", DONE)
    second = store.jobs.add("replay", "{}")
    later = clock.advance(10)

    assert store.jobs.forget_ended(later, 0) == 0
    assert store.jobs.forget_ended(later, 2) == 1
    assert [job.id for job in store.jobs.all()] == [second]
    store.jobs.drop(second)
    assert store.jobs.add("verify", "{}") == second + 1


def test_jobs_are_counted_by_state(store: Store, clock: Clock) -> None:
    """Those that ended long ago are left out."""
    for _ in range(3):
        number = store.jobs.add("replay", "{}")
        taken(store)
        store.jobs.end(number, "a", DONE)
        clock.advance(10)
    store.jobs.add("replay", "{}")
    taken(store)
    store.jobs.add("verify", "{}")

    assert store.jobs.counts(clock() - 20) == {
        JobState.QUEUED: 1,
        JobState.RUNNING: 1,
        JobState.DONE: 2,
        JobState.FAILED: 0,
        JobState.CANCELLED: 0,
    }


def test_a_result_may_be_rewritten(store: Store) -> None:
    """When somebody whom it names is forgotten."""
    number = store.jobs.add("verify", "{}")
    taken(store)
    store.jobs.end(number, "a", DONE)
    store.jobs.rewrite(number, "{}")

    assert store.jobs.result(number) == "{}"
    assert states(store) == [JobState.DONE]


def test_of_many_who_ask_at_once_one_has_the_job(store: Store) -> None:
    """As replicas do that look at the same moment."""
    store.jobs.add("replay", "{}")
    store.jobs.add("verify", "{}")
    twins = [store.twin() for _ in range(4)]
    ready = Barrier(len(twins))

    def ask(number: int) -> Job | None:
        ready.wait(30)
        return twins[number].jobs.take(f"holder {number}", SECONDS)

    with ThreadPoolExecutor(len(twins)) as threads:
        taken_by = [job.id for job in threads.map(ask, range(len(twins))) if job is not None]
    for one in twins:
        one.close()

    assert taken_by == [1]
    assert states(store) == [JobState.RUNNING, JobState.QUEUED]
