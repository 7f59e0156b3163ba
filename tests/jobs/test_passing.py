"""Passing on: what a job counts arrives once in the tally of its process."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from worker.jobs.passing import Passing
from worker.watching.tally import Tally

KINDS = ("POST", "GET")


@given(st.lists(st.none() | st.tuples(st.sampled_from(KINDS), st.floats(0.01, 40)), max_size=20))
def test_every_count_arrives_once_however_often_it_is_passed_on(steps: list[tuple[str, float] | None]) -> None:
    """None passes on; the others count a call. What the process counted itself stays."""
    job, process = Tally(), Tally()
    process.calls["POST"] = 5
    passing = Passing(job)
    for step in steps:
        if step is None:
            passing.pass_on(process)
            continue
        job.calls[step[0]] += 1
        job.replies[step[0], "work", "201", ""] += 1
        job.dead_letters += 1
        job.call_seconds.observe(step[1])
    passing.pass_on(process)
    passing.pass_on(process)

    assert process.calls == job.calls + Counter(POST=5)
    assert process.replies == job.replies
    assert process.dead_letters == job.dead_letters
    assert process.call_seconds.counts == job.call_seconds.counts
    assert abs(process.call_seconds.total - job.call_seconds.total) < 1e-6
