"""The daemon: turns of the loop until it is told to stop, with the web server beside."""

import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from state.handover import refuse_handed_over
from state.store import CommitsLostError, HandedOverError, Store, StoreError
from worker.intake.intake import Tempo
from worker.interrupts import Interrupts
from worker.jobs.foreman import Foreman
from worker.permission.walks import tidy
from worker.policies import look_again
from worker.ports import EventSource
from worker.replaying import remap_all
from worker.serving import consent_told, serving
from worker.settings.settings import Settings
from worker.web.heartbeat import Heartbeat
from worker.wiring import Worker, kafka_source, wired

IDLE_SECONDS = 1.0
"""How long one turn waits for something to happen; stopping takes at most this long to be noticed."""
HOUSEKEEPING_SECONDS = 3600.0
STORE_REST_SECONDS = 5.0
HEED_SECONDS = 5.0
"""How long a daemon that has nothing to write takes at most to notice that its state was handed over."""
DAY_SECONDS = 86_400.0
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
                _remap(worker, heartbeat, interrupts)
                _turns(worker, source, settings, heartbeat=heartbeat, interrupts=interrupts, foreman=foreman)
                foreman.stop()
                web.retire()
                log.info("daemon_stopping", calls_in_flight=worker.loop.calls_in_flight)
                worker.loop.stop(worker.clock.now, settings.call_seconds)
                with suppress(StoreError):  # then we are gone after a while
                    worker.company.leave()
        finally:
            source.close()
    log.info("daemon_stopped")


def _remap(worker: Worker, heartbeat: Heartbeat, interrupts: Interrupts) -> None:
    """Maps anew what is to be; a store that fails in the middle of it, which may last, is waited for."""
    while not interrupts():
        try:
            remap_all(worker, interrupts, heartbeat.beat)
        except HandedOverError:
            raise
        except StoreError as error:
            _rest(error)
        else:
            return


def _is_left_alone(worker: Worker, now: float) -> bool:
    """Whether the last daemon with other settings has just gone: then everybody is looked at again."""
    if not worker.company.is_due(now):
        return False
    with worker.store.transaction():
        is_over = worker.company.look(now)
        if is_over:
            look_again(worker.store)
    if is_over:
        log.info("settings_agree", next="everything is mapped and planned again")
    return is_over


def _rest(error: StoreError) -> None:
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
    clean_at = heed_at = 0.0
    lost: CommitsLostError | None = None
    troubles = Troubles(time.monotonic)
    while not interrupts():
        heartbeat.beat()
        now = worker.clock.now()
        try:
            if now >= clean_at:
                worker.store.records.forget_history(now - settings.history_days * DAY_SECONDS)
                worker.store.jobs.forget_ended(now - settings.history_days * DAY_SECONDS)
                tidy(worker.store, now)
                clean_at = now + HOUSEKEEPING_SECONDS
            if lost is not None:
                worker.loop.recover(now, str(lost))
                lost = None
            foreman.tend()
            if _is_left_alone(worker, now):
                _remap(worker, heartbeat, interrupts)
            if now >= heed_at:
                refuse_handed_over(worker.store)
                heed_at = now + HEED_SECONDS
            worker.loop.turn(now, _wait(worker, now))
        except HandedOverError:
            raise
        except StoreError as error:
            _rest(error)
            lost = error if isinstance(error, CommitsLostError) else lost
        troubles.hear(source.trouble)


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


def _wait(worker: Worker, now: float) -> float:
    """How long the next turn may wait: no longer than till somebody is due."""
    next_at = worker.store.agenda.next_at()
    return IDLE_SECONDS if next_at is None else min(IDLE_SECONDS, max(0.02, next_at - now))
