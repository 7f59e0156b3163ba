"""Replaying: takes a bounded source in, maps what a new mapping changes, reconciles, and sums up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from state.store import Store
from worker.intake.completing import Completing
from worker.intake.intake import Tempo
from worker.intake.releasing import release_changed, release_due
from worker.interrupts import Interrupts
from worker.kafka.replay_source import KafkaReplaySource
from worker.people.forgetting import finish_forgetting
from worker.ports import EventSource
from worker.reports.summary import Summary, summarise
from worker.settings.settings import Settings
from worker.sources.logs import LogSource
from worker.sources.nothing import NothingSource
from worker.turning.reconcile import Until, reconcile
from worker.turning.records import is_paused
from worker.watching.tally import Tally
from worker.wiring import Worker, kafka_access, wired


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how the work goes on, and who may end it; what is done is counted in `tally`."""

    taken_in: Callable[[int], None] = lambda _: None
    sent: Callable[[Worker], None] = lambda _: None
    interrupted: Callable[[], bool] = field(default_factory=Interrupts)
    tally: Tally = field(default_factory=Tally)
    mapped: Callable[[int], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    summary: Summary
    interrupted: bool


@dataclass(frozen=True, slots=True)
class How:
    """How to run: seconds to wait for retries, whether to send, whether what differs only in form goes out too."""

    wait: float = 30.0
    send: bool = True
    rewrite: bool = False
    complete: tuple[str, ...] = ()
    """Sources, or their entities, of which the events are all that there is."""
    beside: Tempo | None = None
    """The tempo of the daemon that sends beside us. Then what is read waits as its own events do, so that many of one
    item stay one call, and who comes due later is left to it: where events keep coming, somebody always is."""


@contextmanager
def bounded_source(
    settings: Settings, logs: Sequence[str], since: float | None = None, *, complete: bool = False, wait: float = 0.0
) -> Iterator[EventSource]:
    """The logs, or without any the topics of the settings, since a time; closed at the end.

    Raises LogError or CannotReplayError. With `complete` a log without events can't be read. How long Kafka may bring
    nothing depends on `wait`, in seconds (worker/kafka/replay_source.py).
    """
    source: EventSource = (
        LogSource(logs, none_empty=complete)
        if logs
        else KafkaReplaySource(kafka_access(settings), settings.kafka_topics, since, wait=wait)
    )
    try:
        yield source
    finally:
        source.close()


def replay(settings: Settings, store: Store, source: EventSource, how: How, watch: Watch) -> Ran:
    """Takes all of `source` in before anything is sent, so that many events of one item are one call.

    Raises, with nothing sent, IncompleteError when what was read can't be all that one of `complete` has, and
    CannotReplayError when what is left in Kafka does not come; FloodError, with the last batch not applied, when most
    of what was read can't be taken.
    """
    completing = Completing(how.complete)
    tempo = how.beside or Tempo(0.0, 0.0)
    with wired(settings, store, source, tempo=tempo, tally=watch.tally) as worker:
        began = worker.clock.now()
        remap_all(worker, watch)
        for _ in worker.intake.rewrite() if how.rewrite else ():
            if watch.interrupted():
                break
        events = 0
        worker.intake.hear = completing.hear
        while not source.exhausted and not watch.interrupted():
            events += worker.loop.take_in(worker.clock.now(), 0.5)
            watch.taken_in(events)
        worker.intake.flood.end_reading()
        if how.complete and not watch.interrupted():
            completing.withdraw(store, worker.intake, worker.tally.events, worker.clock.now(), watch.interrupted)
        if how.send and not watch.interrupted():
            wait = how.wait + tempo.quiet
            before = None if how.beside is None else worker.clock.now() + wait
            until = Until(wait, watch.interrupted, lambda: watch.sent(worker), before=before)
            reconcile(worker.loop, store, worker.tally, worker.clock, until)
        if not how.send or is_paused(store) or watch.interrupted():
            worker.desk.look_through(worker.clock.now(), watch.interrupted)
        worker.loop.stop(worker.clock.now, settings.call_seconds)
        finish_forgetting(store, watch.interrupted)
        return Ran(summarise(store, worker.tally, worker.clock.now() - began), watch.interrupted())


def reconcile_person(settings: Settings, store: Store, person: str, wait: float, watch: Watch) -> Summary:
    """Reconciles one person's records until nothing is due there, and looks at nobody else; reads no events."""
    return reconcile_people(settings, store, (person,), wait, watch)


def reconcile_people(settings: Settings, store: Store, people: Sequence[str], wait: float, watch: Watch) -> Summary:
    """Reconciles these people's records, one after the other; whoever has to wait waits while the others are done."""
    with wired(settings, store, NothingSource(), tempo=Tempo(0.0, 0.0), tally=watch.tally) as worker:
        began = worker.clock.now()
        for patience in (wait,) if len(people) == 1 else (0.0, wait):
            for person in people:
                worker.desk.queue.only = person
                until = Until(patience, watch.interrupted, lambda: watch.sent(worker), person)
                reconcile(worker.loop, store, worker.tally, worker.clock, until)
        worker.loop.stop(worker.clock.now, settings.call_seconds)
        return summarise(store, worker.tally, worker.clock.now() - began)


def remap_all(worker: Worker, watch: Watch) -> int:
    """Maps every source record that was mapped otherwise; returns how many. Tells it and may be ended in each step."""
    mapped = 0
    for number in remapping(worker):
        mapped += number
        watch.mapped(mapped)
        if watch.interrupted():
            break
    return mapped


def remapping(worker: Worker) -> Iterator[int]:
    """Maps every source record that was mapped otherwise, in short steps: how many each did. Raises StoreError.

    Until the last step nothing may be sent: what it makes of records is not counted before. Dead letters that may be
    taken now are tried again.
    """
    yield from worker.intake.remap()
    release_due(worker.intake, worker.store, worker.clock.now())
    for _ in release_changed(worker.intake, worker.store):
        yield 0
