"""Errands: one job under way, in a thread of its own, by the very functions that its command calls."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from state.job_facts import Job, JobEnd, JobState
from state.store import Store, StoreError
from worker.failures import failure_of
from worker.intake.intake import Tempo
from worker.jobs.orders import Order, ReplayOrder, VerifyOrder, unpacked
from worker.jobs.passing import Passing
from worker.ports import EventSource
from worker.replaying import How, Watch, bounded_source, replay
from worker.settings.settings import Settings
from worker.sources.logs import LogError
from worker.verifying.checking import Asked, check
from worker.verifying.verifying import Watch as Looking
from worker.watching.tally import Tally
from worker.web.heartbeat import Heartbeat
from worker.wiring import Worker

REST_SECONDS = (0.15, 2.0)
"""Rest after each batch of events: as long as it took, at least and at most so long. A batch is one transaction, and on
SQLite who waits to write looks every 0.1 s whether it may: without a rest the loop waited 15 s for its turn, and with
the least one for a batch at each of its many small transactions (measured: 20,000 events on a busy machine)."""
TELL_SECONDS = 1.0
"""How often it is counted how many people are left."""
ROWS = 1000
"""Rows of one kind that a result keeps; how many more there were is said."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an errand: its end; or none, because it was told to stop, or (`lost`) because the state failed."""

    end: JobEnd | None = None
    lost: str = ""


class Errand:
    """Begins at once. Used by the loop's thread; its own thread has a twin of the store, and writes nothing of the job.

    `progress` is a line on how far it is; what it does is `counted`. It beats wherever the work asks, between two of
    its steps, whether it shall end: what does not ask any more does not hear either that it shall.
    """

    def __init__(self, settings: Settings, open_store: Callable[[], Store], job: Job, holder: str) -> None:
        self.job = job
        self.holder = holder
        self._tally = Tally()
        self.counted = Passing(self._tally)
        self.progress = ""
        self.came = Came(lost="its thread ended")
        self._settings = settings
        self._open = open_store
        self._stop = threading.Event()
        self._stopped_at = 0.0
        self._heartbeat = Heartbeat(time.monotonic)
        self._tell_at = 0.0
        self._rested_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"orcid-sync-job-{job.id}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether `came` says what came of it."""
        return not self._thread.is_alive()

    @property
    def quiet_seconds(self) -> float:
        """How long ago it last asked whether it shall end."""
        return self._heartbeat.age()

    @property
    def ending_seconds(self) -> float:
        """How long ago it was told to end; 0 when it was not."""
        return time.monotonic() - self._stopped_at if self._stop.is_set() else 0.0

    def stop(self) -> None:
        """Tells it to end: calls in flight are finished, and what was taken in is kept."""
        if not self._stop.is_set():
            self._stopped_at = time.monotonic()
            self._stop.set()

    def _is_told_to_end(self) -> bool:
        self._heartbeat.beat()
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Until it is over, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        structlog.contextvars.bind_contextvars(job=self.job.id)
        try:
            store = self._open()
            try:
                self.came = self._work(store)
            finally:
                store.close()
        except StoreError as error:
            self.came = Came(lost=str(error))
        except Exception as error:  # noqa: BLE001 - whatever a job does to us, the daemon goes on
            self.came = Came(_failed(error))

    def _work(self, store: Store) -> Came:
        try:
            order: Order = unpacked(self.job.kind, self.job.order)
        except ValueError:
            return Came(JobEnd(JobState.FAILED, 1, "what it asks for can't be understood by this version"))
        match order:
            case ReplayOrder():
                return self._replay(store, order)
            case VerifyOrder():
                return self._verify(store, order)

    def _replay(self, store: Store, order: ReplayOrder) -> Came:
        settings = self._settings
        tempo = Tempo(settings.quiet_seconds, settings.quiet_max_seconds)
        how = How(order.wait, send=order.send, complete=order.complete, beside=tempo)
        self.progress = "opening what is to be read"
        for path in order.logs:
            if Path(path).is_fifo() or Path(path).is_char_device():
                raise LogError(f"{path} is no file: it might keep a job waiting for ever")
        with bounded_source(
            settings, order.logs, order.since, complete=bool(order.complete), wait=order.wait
        ) as source:
            watch = Watch(lambda events: self._taken_in(events, source), self._sent, self._is_told_to_end, self._tally)
            ran = replay(settings, store, source, how, watch)
        if ran.interrupted:
            return Came()
        return Came(_done(ran.summary.exit_code(sent=order.send), ran.summary.as_json()))

    def _taken_in(self, events: int, source: EventSource) -> None:
        trouble = source.trouble
        self.progress = f"reading events: {events}{f' ({trouble})' if trouble else ''}"
        least, most = REST_SECONDS
        self._stop.wait(max(least, min(most, time.monotonic() - self._rested_at)))
        self._rested_at = time.monotonic()

    def _sent(self, worker: Worker) -> None:
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + TELL_SECONDS
            calls = sum(self._tally.calls.values())
            self.progress = f"sending: {calls} calls, {worker.people_left()} people left"

    def _verify(self, store: Store, order: VerifyOrder) -> Came:
        watch = Looking(self._looked, self._is_told_to_end, self._tally)
        checked = check(self._settings, store, Asked(self.job.person or None, order.repair, order.wait), watch)
        if self._stop.is_set():
            return Came()
        end = _done(checked.exit_code, checked.told)
        closed = checked.verified.closed
        return Came(replace(end, state=JobState.FAILED, failure=closed) if closed else end)

    def _looked(self, what: str, done: int, number: int) -> None:
        self.progress = f"{what}: {done} of {number}"


def _done(exit_code: int, told: dict[str, Any]) -> JobEnd:
    """The object that the command prints, without rows beyond ROWS."""
    long = {name: rows for name, rows in told.items() if isinstance(rows, list) and len(rows) > ROWS}
    kept = told | {name: rows[:ROWS] for name, rows in long.items()}
    if long:
        kept["left_out"] = {name: len(rows) - ROWS for name, rows in long.items()}
    return JobEnd(JobState.DONE, exit_code, result=json.dumps(kept, ensure_ascii=False))


def _failed(error: Exception) -> JobEnd:
    """With the line that the command would print."""
    failure = failure_of(error)
    if failure is not None:
        return JobEnd(JobState.FAILED, failure.exit_code, "; ".join(failure.lines))
    log.error("job_broke", exc_info=error)
    return JobEnd(JobState.FAILED, 1, f"{type(error).__name__}, which nobody expects: the log tells more")
