"""The foreman: takes jobs from the store and has them done, one at a time over all processes.

How a job runs beside the loop. The loop's thread owns its store handle and its event source, and its turns must stay
short: a job's messages taken in turns with the topic's would need a second intake, flood gate, guard and summary in
there, and a drift check is no intake at all. So a job runs in a thread of its own, on a twin of the store, by the very
functions that `replay` and `verify` call, as if that command ran in a process beside (which is allowed, and tested, on
every store). It has its own lanes and its own name as holder of leases, so nobody writes a record that it writes; the
request budget, the guard, the flood approval and brakes are the store's. It writes nothing of the job itself.

The loop's thread looks after it at each turn, in single short statements: it holds on to the job in the store, writes
down its progress, hears that it shall be cancelled, and writes its end. So whoever holds a job is alive in the sense of
`/healthz`, and liveness never waits for the job. When a process dies, or hangs, its job is taken over after
`lease_seconds` and begun again from its beginning: every event applied twice is `unchanged`, every call is a comparison
first. What one that was only frozen says afterwards counts no more, for it is not the holder (state/rooms/jobs.py).

A job may hang by itself, such as in reading a log on a network disk whose server is gone, and no thread can be ended
from outside. Since one job holds the queue of all, it is held on to only while it beats (worker/jobs/errand.py): when
it was quiet for `quiet_at_most` it is let go, and begun again after `lease_seconds`, here or elsewhere, MOST_ATTEMPTS
times at the most. One that was told to end and does not, within the time that calls in flight are given at a stop, is
put back all the same, which after a cancel means `cancelled`. Its thread is left behind as a stranger: it writes
nothing of the job, it writes records only under leases of its own, as a command in a process beside would, and it ends
as soon as it asks, for it was told to. One that was merely slow loses little: what it wrote down stays.

Nobody starves: a batch of a job's events is one transaction, with a rest as long after it for the loop; its calls
are of the one budget, first come, first served; and it ends although events keep coming (worker/replaying.py, How).
Memory: a job holds what its command holds (a batch, the calls in flight; `--complete` the keys of its source; a drift
check what differs), and there is one at a time.

SIGTERM: the job is told first, its calls in flight end within a call's deadline, and it is put back to be begun again
after the restart, which does not count as a failed attempt. Its time runs from when it was told, beside that of the
loop's own calls, so a stop takes one call's deadline and GRACE_SECONDS, and a little for leaving Kafka's group.

A job reads the mapping file anew. While that is not what the daemon began with, jobs wait: two mappings, and two
policies, of one process would each undo what the other made due. No job is begun while the daemon maps all anew either:
one that repairs would send what is not counted yet.
"""

import time
from types import TracebackType
from typing import Self
from uuid import uuid4

import structlog

from state.job_facts import Job, JobEnd
from state.store import Store, StoreError
from worker.jobs.errand import Errand
from worker.jobs.mapping_mark import mapping_mark
from worker.jobs.regular import plan_check
from worker.people.job_results import without
from worker.settings.settings import Settings
from worker.watching.tally import Tally

LOOK_SECONDS = 1.0
"""How often it is looked for a job, and told how far one is."""
PLAN_SECONDS = 60.0
"""How often it is looked at whether a drift check is due."""
GRACE_SECONDS = 10.0
"""How long a job may take to end beyond the deadline of its last call."""
QUIET_SECONDS = 60.0
"""How long one step of a job may take beyond two calls' deadlines. By default that is, all in all, what a turn of the
daemon may take (worker/web/heartbeat.py): the steps are the same, a batch, a round of calls, a sum over the state."""
TOLD_SECONDS = 10.0
"""A job that was quiet for so long is told to be."""

CHANGED = "waits: the mapping file is not as it was when the daemon began; restart the daemon"

log = structlog.get_logger()


class Foreman:
    """Used by the loop's thread. As a context it leaves no job behind: one under way is stopped, and put back."""

    def __init__(self, settings: Settings, store: Store, tally: Tally) -> None:
        """What jobs do is counted in `tally`, which is the caller's."""
        self._settings = settings
        self._store = store
        self._tally = tally
        self._verify_hours = settings.verify_hours
        self._errand: Errand | None = None
        self._mapping = mapping_mark(settings)
        self._look_at = 0.0
        self._plan_at = 0.0

    @property
    def lease_seconds(self) -> float:
        """How long a job is held without a word: longer than any turn, and any stop, of a loop that is well."""
        return 2 * self._settings.call_seconds + 5.0

    @property
    def quiet_at_most(self) -> float:
        """How long a job may be quiet until it counts as one that hangs."""
        return 2 * self._settings.call_seconds + QUIET_SECONDS

    @property
    def is_idle(self) -> bool:
        """Whether no job is under way here."""
        return self._errand is None

    def tend(self, *, begins: bool = True) -> None:
        """Looks after the job under way, or for one if it may begin. At each turn of the loop; raises StoreError."""
        now = time.monotonic()
        if self._errand is not None and self._errand.is_over:
            self._end(self._errand)
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        if self._errand is not None:
            self._hold_on(self._errand)
            return
        if not begins:
            return
        if now >= self._plan_at:
            self._plan_at = now + PLAN_SECONDS
            plan_check(self._store, self._verify_hours)
        holder = uuid4().hex
        job = self._store.jobs.take(holder, self.lease_seconds)
        if job is None:
            return
        if mapping_mark(self._settings) == self._mapping:
            self._begin(job, holder)
        else:
            self._look_at = now + PLAN_SECONDS
            self._store.jobs.put_back(job.id, holder, CHANGED)
            log.warning("job_waits", job=job.id, kind=job.kind, why=CHANGED)

    def _begin(self, job: Job, holder: str) -> None:
        log.info("job_began", job=job.id, kind=job.kind, attempt=job.attempts)
        self._errand = Errand(self._settings, self._store.twin, job, holder)

    def _hold_on(self, errand: Errand) -> None:
        """As long as it gets on, and when it was told to end, as long as that may take."""
        errand.counted.pass_on(self._tally)
        quiet, progress = errand.quiet_seconds, errand.progress
        if quiet > self.quiet_at_most:
            self._leave(errand, f"it took no step for {quiet:.0f} s", "it is begun again")
            return
        if quiet > TOLD_SECONDS:
            progress = f"{progress} (no step for {quiet:.0f} s)"
        held = self._store.jobs.hold_on(errand.job.id, errand.holder, self.lease_seconds, progress)
        if held is None or held.cancel_asked:
            errand.stop()
        if errand.ending_seconds > self._settings.call_seconds + GRACE_SECONDS:
            self._store.jobs.put_back(errand.job.id, errand.holder)
            self._leave(errand, f"it did not end within {errand.ending_seconds:.0f} s", "the next job has its turn")

    def _leave(self, errand: Errand, why: str, then: str) -> None:
        """Its thread goes on, or hangs on, without us."""
        errand.stop()
        log.error("job_left", job=errand.job.id, kind=errand.job.kind, why=why, progress=errand.progress, next=then)
        self._errand = None

    def _end(self, errand: Errand) -> None:
        """Writes down what came of it; what can't be written now is written at the next turn."""
        errand.counted.pass_on(self._tally)
        job, came = errand.job, errand.came
        if came.lost:
            log.error("job_lost", job=job.id, kind=job.kind, why=came.lost, next="it is begun again")
        elif came.end is None:
            was_ours = self._store.jobs.put_back(job.id, errand.holder)
            log.info("job_stopped", job=job.id, kind=job.kind, was_ours=was_ours)
        else:
            was_ours = self._write_end(errand, came.end)
            told = {"state": came.end.state.value, "exit_code": came.end.exit_code, "why": came.end.failure or None}
            log.info("job_ended", job=job.id, kind=job.kind, was_ours=was_ours, **told)
        self._errand, self._look_at = None, 0.0

    def _write_end(self, errand: Errand, end: JobEnd) -> bool:
        """Without a word on people who were forgotten meanwhile."""
        store = self._store
        with store.transaction():
            result = without(end.result, store.blocks.blocks_person)
            kept = JobEnd(end.state, end.exit_code, end.failure, result)
            return store.jobs.end(errand.job.id, errand.holder, kept)

    def stop(self) -> None:
        """Tells the job under way to end, and begins no other."""
        self._look_at = float("inf")
        if self._errand is not None:
            self._errand.stop()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Puts the job under way back, and waits for it until a call's deadline and GRACE_SECONDS after it was told."""
        self.stop()
        errand = self._errand
        if errand is None:
            return
        errand.wait(max(0.0, self._settings.call_seconds + GRACE_SECONDS - errand.ending_seconds))
        try:
            if errand.is_over:
                self._end(errand)
            else:
                log.warning("job_left", job=errand.job.id, kind=errand.job.kind, next="it is begun again")
        except StoreError as problem:
            log.warning("job_left", job=errand.job.id, kind=errand.job.kind, why=str(problem))
