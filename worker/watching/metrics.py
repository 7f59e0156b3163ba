"""Metrics: what Prometheus reads. Counters come from the tally, gauges from the store at the moment of a scrape.

But for those that take a pass over whole tables: they are what was counted last (worker/watching/counts.py).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, product

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from state.facts import ItemState
from state.job_facts import JobState
from state.permission_facts import GrantState
from state.store import Store, StoreError
from worker.note_names import CIRCUIT, DRIFT, FLOOD, LAST_SUCCESS, RECOVERY
from worker.watching import metric_names as names
from worker.watching.counts import Counts
from worker.watching.metric_names import Named
from worker.watching.tally import SECONDS_BOUNDS, Tally

DAY_SECONDS = 86_400.0
MANY_FAILING = 1000
"""So many people whose last try failed are counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the gauges tell of the store at one moment, `now` by its clock: what indexes answer at once."""

    now: float
    people_due: int
    oldest_due_seconds: float
    people_failing: int
    failures_in_a_row: int
    last_success_at: float | None
    budget_used_ratio: float
    budget_rate: float
    budget_limit: float
    sending_off: bool
    dead_letters: int
    gaps: int
    circuit_open: bool
    paused: bool
    all_paused: bool
    intake_stopped: bool
    recovering: bool
    jobs: Mapping[JobState, int]
    drift: int | None


class FiguresReader:
    """Reads figures from a store: single statements outside any transaction, so no lock is held between them."""

    def __init__(self, rate: float, burst: float, is_off: Callable[[Store], bool] = lambda _: False) -> None:
        """`rate` and `burst` are those of the settings; `is_off` tells whether nothing is sent for anybody."""
        self._rate = rate
        self._burst = burst
        self._is_off = is_off

    def read(self, store: Store) -> Figures:
        """The figures of now; raises StoreError."""
        now = store.now()
        next_at, succeeded = store.agenda.next_at(), store.notes.get(LAST_SUCCESS)
        drift = store.notes.get(DRIFT)
        failing = store.agenda.due(now + DAY_SECONDS, MANY_FAILING, failing=True)
        brakes = store.brakes.all()
        return Figures(
            now=now,
            people_due=store.agenda.overdue(now),
            oldest_due_seconds=0.0 if next_at is None else max(0.0, now - next_at),
            people_failing=len(failing),
            failures_in_a_row=max((due.failures for due in failing), default=0),
            last_success_at=None if succeeded is None else float(succeeded),
            budget_used_ratio=store.turns.used_ratio(self._burst),
            budget_rate=store.turns.rate_now(self._rate),
            budget_limit=self._rate,
            sending_off=self._is_off(store),
            dead_letters=store.letters.count(),
            gaps=len(store.logs.gaps()),
            circuit_open=store.notes.get(CIRCUIT) is not None,
            paused=bool(brakes),
            all_paused=any(not (one.person or one.source or one.section) for one in brakes),
            intake_stopped=store.notes.get(FLOOD) is not None,
            recovering=store.notes.get(RECOVERY) is not None,
            jobs=store.jobs.counts(now - DAY_SECONDS),
            drift=None if drift is None else int(drift),
        )


class Metrics:
    """All metrics of this process, in a registry of their own. `figures` raises StoreError when the store is away.

    `counts` gives what was counted last, None before anything was; neither waits for a count that takes long.
    """

    def __init__(
        self, tally: Tally, figures: Callable[[], Figures], counts: Callable[[], Counts | None] = lambda: None
    ) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(TallyCollector(tally))
        self._registry.register(StoreCollector(figures, counts))
        ProcessCollector(namespace="orcid_sync", registry=self._registry)

    def page(self) -> bytes:
        """What Prometheus reads, in its text format (version 0.0.4)."""
        return generate_latest(self._registry)


class TallyCollector(Collector):
    """What this process counted. The loop goes on counting meanwhile: each counter is copied at once first."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """Counters, the histogram of calls, and the lag."""
        tally = self._tally
        events = Counter[tuple[str, ...]]()
        for (kind, result), count in dict(tally.events).items():
            events[_known(kind), result] += count
        yield _counter(names.EVENTS, events)
        yield _counter(names.CALLS, {labels: count for labels, count in dict(tally.replies).items()})  # noqa: C416 - wider keys
        yield self._call_seconds()
        yield _counter(names.INBOX_MESSAGES, _by_one(tally.inbox_messages))
        yield _counter(names.SPANS, _by_one(tally.spans))
        lag = Counter[tuple[str, ...]]()
        for log, behind in dict(tally.lag).items():
            lag[log.topic, str(log.partition)] += behind
        yield _gauge(names.CONSUMER_LAG, lag)
        down = tally.source_down
        yield _gauge(names.SOURCE_DOWN, {} if down is None else {(): down})
        yield _gauge(names.TURNS_FAILING_SECONDS, {(): tally.turns.failing_seconds()})
        yield _gauge(names.MAPPING_ANEW, {(): tally.mapping_anew})

    def _call_seconds(self) -> Metric:
        named, durations = names.CALL_SECONDS, self._tally.call_seconds
        bounds = (*(f"{bound:g}" for bound in SECONDS_BOUNDS), "+Inf")
        buckets = list(zip(bounds, accumulate(float(count) for count in list(durations.counts)), strict=True))
        return HistogramMetricFamily(named.name, named.help, buckets=buckets, sum_value=durations.total)


class StoreCollector(Collector):
    """What the store holds. While it does not answer, only that is told."""

    def __init__(self, figures: Callable[[], Figures], counts: Callable[[], Counts | None]) -> None:
        self._figures = figures
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """The gauges."""
        try:
            figures = self._figures()
        except StoreError:
            return [_gauge(names.STORE_UP, {(): 0})]
        succeeded, counts = figures.last_success_at, self._counts()
        return [
            _gauge(names.STORE_UP, {(): 1}),
            *([] if counts is None else _counted(counts, figures.now)),
            _gauge(names.PEOPLE_DUE, {(): figures.people_due}),
            _gauge(names.OLDEST_DUE_SECONDS, {(): figures.oldest_due_seconds}),
            _gauge(names.PEOPLE_FAILING, {(): figures.people_failing}),
            _gauge(names.FAILURES_IN_A_ROW, {(): figures.failures_in_a_row}),
            _gauge(names.LAST_SUCCESS, {} if succeeded is None else {(): succeeded}),
            _gauge(names.BUDGET_USED_RATIO, {(): figures.budget_used_ratio}),
            _gauge(names.BUDGET_RATE, {(): figures.budget_rate}),
            _gauge(names.BUDGET_LIMIT, {(): figures.budget_limit}),
            _gauge(names.SENDING_OFF, {(): figures.sending_off}),
            _gauge(names.CIRCUIT_OPEN, {(): figures.circuit_open}),
            _gauge(names.IS_PAUSED, {(): figures.paused}),
            _gauge(names.ALL_PAUSED, {(): figures.all_paused}),
            _gauge(names.INTAKE_STOPPED, {(): figures.intake_stopped}),
            _gauge(names.RECOVERING, {(): figures.recovering}),
            _gauge(names.DEAD_LETTERS, {(): figures.dead_letters}),
            _gauge(names.GAPS, {(): figures.gaps}),
            _gauge(names.JOBS, {(state.value,): figures.jobs.get(state, 0) for state in JobState}),
            _gauge(names.DRIFT, {} if figures.drift is None else {(): figures.drift}),
        ]


def _counted(counts: Counts, now: float) -> Iterator[Metric]:
    yield _gauge(names.COUNTS_AGE_SECONDS, {(): max(0.0, now - counts.at)})
    yield _gauge(names.ITEMS, {(state.value,): counts.items.get(state, 0) for state in ItemState})
    yield _gauge(names.PEOPLE, {(state.value,): counts.people.get(state, 0) for state in names.STUCK})
    yield _gauge(names.GRANTS, {(state.value,): counts.grants.get(state, 0) for state in GrantState})


def _known(kind: str) -> str:
    """The type as a label: what somebody else's events call themselves must not grow our metrics without end."""
    return kind if kind in names.EVENT_TYPES else names.UNKNOWN_TYPE


def _by_one(counts: Mapping[str, int]) -> Mapping[tuple[str, ...], float]:
    """Counts by one label."""
    return {(label,): count for label, count in dict(counts).items()}


def _counter(named: Named, values: Mapping[tuple[str, ...], float]) -> Metric:
    """With zeros where all labels are closed sets: who watches increases sees nothing of one that is born at 5,000."""
    family = CounterMetricFamily(named.name, named.help, labels=named.labels)
    closed = product(*(named.values.get(label, ()) for label in named.labels))
    for labels, value in sorted((dict.fromkeys(closed, 0.0) | dict(values)).items()):
        family.add_metric(labels, value)
    return family


def _gauge(named: Named, values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(named.name, named.help, labels=named.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, float(value))
    return family
