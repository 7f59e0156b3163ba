"""Jobs in tests/state/test_same.py: queued, taken, held on to, put back, cancelled, ended, forgotten."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from state.job_facts import JobEnd, JobState
from state.store import Store
from tests.state.whole import PERSONS

holders, jobs = st.sampled_from(["a", "b"]), st.integers(1, 3)
seconds, texts = st.floats(0.0, 100.0), st.sampled_from(["d1", "d2"])


class JobRules:
    """Rules of the jobs room."""

    both: Callable[[Callable[[Store], Any]], None]

    @rule(person=st.sampled_from(("", *PERSONS)), drop=st.none() | jobs)
    def add_or_drop_a_job(self, person: str, drop: int | None) -> None:
        """About somebody, or everybody."""
        if drop is None:
            self.both(lambda store: store.jobs.add("verify", "{}", person))
        else:
            self.both(lambda store: store.jobs.drop(drop))

    @rule(holder=holders, lasting=seconds)
    def take_a_job(self, holder: str, lasting: float) -> None:
        """If nobody works at one."""
        self.both(lambda store: store.jobs.take(holder, lasting))

    @rule(job=jobs, holder=holders, lasting=seconds, text=texts, over=st.booleans())
    def go_on_with_a_job(self, *, job: int, holder: str, lasting: float, text: str, over: bool) -> None:
        """Or come to its end."""
        self.both(lambda store: store.jobs.hold_on(job, holder, lasting, text))
        if over:
            self.both(lambda store: store.jobs.end(job, holder, JobEnd(JobState.DONE, 0, text, text)))

    @rule(job=jobs, holder=st.none() | holders)
    def put_back_or_cancel_a_job(self, job: int, holder: str | None) -> None:
        """By who holds it, or by an operator."""
        if holder is None:
            self.both(lambda store: store.jobs.cancel(job))
        else:
            self.both(lambda store: store.jobs.put_back(job, holder))

    @rule(ago=seconds, limit=st.sampled_from([1, 100]))
    def forget_jobs(self, ago: float, limit: int) -> None:
        """Those that ended."""
        self.both(lambda store: dict(store.jobs.counts(store.now() - ago)))
        self.both(lambda store: store.jobs.forget_ended(store.now() - ago, limit))
