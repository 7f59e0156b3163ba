"""The daemon: turns of the loop until it is told to stop, with the web server beside."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import structlog

from state.moving.handover import refuse_handed_over
from state.store import CommitsLostError, HandedOverError, Store, StoreError
from worker.housekeeping import Housekeeping
from worker.intake.intake import Tempo
from worker.interrupts import Interrupts
from worker.jobs.foreman import Foreman
from worker.ports import EventSource
from worker.replaying import remapping
from worker.serving import consent_told, serving
from worker.settings.settings import Settings
from worker.turning.waits import Waits
from worker.web.heartbeat import Heartbeat
from worker.wiring import Worker, kafka_source, wired

ANEW_SECONDS = 0.5
"""How long it is mapped anew between two turns."""
STORE_REST_SECONDS = 5.0
HEED_SECONDS = 5.0
"""How long a daemon that has nothing to write takes at most to notice that its state was handed over."""
TROUBLE_SECONDS = 5.0
"""Trouble with Kafka that is over sooner is not told: every start connects, a join waits for the others' heartbeat."""

log = structlog.get_logger()


def run_daemon(settings: Settings, store: Store) -> None:
    """Runs until SIGTERM or Ctrl-C: then polls no more, lets calls in flight finish, records, commits, leaves.

    Raises SettingsFaults, StoreError or BindError for what is wrong at the start; later, trouble with store, Kafka
    or ORCID is logged and waited out.
    """
    heartbeat = Heartbeat(time.monotonic)
    with Interrupts().listening() as interrupts:
        source = kafka_source(settings, store)
        tempo = Tempo(settings.quiet_seconds, settings.quiet_max_seconds)
        try:
            with (
                wired(settings, store, source, tempo=tempo) as worker,
                serving(settings, store, heartbeat, worker.tally) as web,
                Foreman(settings, store, worker.tally) as foreman,
            ):
                topics, consent = list(settings.kafka_topics), consent_told(settings)
                log.info("daemon_started", web=web.url, topics=topics, consent_pages=consent)
                _is_left_alone(worker, worker.clock.now())  # a state that can't be written is told now, not waited for
                _turns(worker, source, settings, heartbeat=heartbeat, interrupts=interrupts, foreman=foreman)
                foreman.stop()  # first: its time to end runs beside that of the calls in flight
                web.retire()
                log.info("daemon_stopping", calls_in_flight=worker.loop.calls_in_flight)
                worker.loop.stop(worker.clock.now, settings.call_seconds)
                with suppress(StoreError):  # then we are gone after a while
                    worker.company.leave()
        finally:
            source.close()
    log.info("daemon_stopped")


def _is_left_alone(worker: Worker, now: float) -> bool:
    """Whether the last daemon with other settings has gone, and it is ours to map all anew."""
    if not (worker.company.is_due(now) and worker.company.look(now)):
        return False
    log.info("settings_agree", next="everything is mapped and planned again")
    return True


def _rest(worker: Worker, error: StoreError) -> None:
    worker.tally.turns.failed()
    log.error("store_failed", why=str(error), seconds=STORE_REST_SECONDS)
    time.sleep(STORE_REST_SECONDS)


def _turns(
    worker: Worker,
    source: EventSource,
    settings: Settings,
    *,
    heartbeat: Heartbeat,
    interrupts: Interrupts,
    foreman: Foreman,
) -> None:
    housekeeping = Housekeeping(worker.store, settings.history_days)
    heed_at = 0.0
    lost: CommitsLostError | None = None
    troubles = Troubles(time.monotonic)
    anew, waits = MappingAnew(worker, time.monotonic), Waits()
    while not interrupts():
        heartbeat.beat()
        now = worker.clock.now()
        try:
            housekeeping.tend(now)
            if lost is not None:
                worker.loop.recover(now, str(lost), lost.lost_at)
                lost = None
                anew.begin()
            if _is_left_alone(worker, now):
                anew.begin()
            foreman.tend(begins=anew.is_over)
            if now >= heed_at:
                refuse_handed_over(worker.store)
                heed_at = now + HEED_SECONDS
            wait = 0.0 if anew.step() else waits.next(worker.store.agenda.next_at(), now)
            turn = worker.loop.turn(now, wait)
            waits.hear(idle=turn.idle)
            worker.tally.turns.went_well(idle=turn.idle)
        except HandedOverError:
            raise
        except StoreError as error:
            _rest(worker, error)
            lost = error if isinstance(error, CommitsLostError) else lost
        troubles.hear(source.trouble)


class MappingAnew:
    """Maps anew what is to be, between the loop's turns: events are read meanwhile, and nothing is sent.

    For what it makes of records is counted when all is mapped, and not before. `steady` is a clock that never jumps.
    """

    def __init__(self, worker: Worker, steady: Callable[[], float]) -> None:
        """It is to begin."""
        self._worker = worker
        self._steady = steady
        self._steps: Iterator[int] | None = None
        self._mapped = 0
        self.begin()

    def begin(self) -> None:
        """From the first record on."""
        self._steps, self._mapped = remapping(self._worker), 0
        self._worker.loop.may_send, self._worker.tally.mapping_anew = False, True

    @property
    def is_over(self) -> bool:
        """Whether all is mapped, and counted."""
        return self._steps is None

    def step(self) -> bool:
        """Goes on for a while; false when all is mapped. Raises StoreError: then it begins once more."""
        if self._steps is None:
            return False
        end = self._steady() + ANEW_SECONDS
        try:
            for number in self._steps:
                self._mapped += number
                if self._steady() >= end:
                    return True
        except StoreError:
            self.begin()
            raise
        self._worker.company.mapped()  # when that fails, the next step comes here once more
        if self._mapped:
            log.info("all_mapped_anew", source_records=self._mapped)
        self._steps = None
        self._worker.loop.may_send, self._worker.tally.mapping_anew = True, False
        return False


class Troubles:
    """Tells of a source's trouble that lasts, once, and of its end. `clock` never jumps."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = None
        self._told: str | None = None

    def hear(self, trouble: str | None) -> None:
        """What is the matter now, or None."""
        if trouble is None:
            if self._told is not None:
                log.info("source_recovered")
            self._since = self._told = None
            return
        self._since = self._clock() if self._since is None else self._since
        if trouble != self._told and self._clock() - self._since >= TROUBLE_SECONDS:
            self._told = trouble
            log.warning("source_troubled", why=trouble)
