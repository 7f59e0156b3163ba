"""Metrics: what Prometheus reads. Counters come from the tally, gauges from the store at the moment of a scrape."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from mappers.events.faults import entity_of
from mappers.events.permissions import GRANTED, REVOKED
from mappers.families.registry import FAMILIES
from state.facts import ItemState
from state.permission_facts import GrantState
from state.store import Store, StoreError
from worker.note_names import CIRCUIT, FLOOD
from worker.watching.tally import SECONDS_BOUNDS, Tally


@dataclass(frozen=True, slots=True)
class Named:
    """A metric: its name, what it tells, and its labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


EVENTS = Named("orcid_sync_events_total", "Events taken by this process.", ("type", "result"))
CALLS = Named(
    "orcid_sync_calls_total",
    "Calls to ORCID's API by this process, by what was answered (status none: no reply).",
    ("method", "section", "status", "error_code"),
)
CALL_SECONDS = Named("orcid_sync_call_seconds", "How long calls to ORCID's API took, in seconds.")
INBOX_MESSAGES = Named(
    "orcid_sync_inbox_messages_total", "Messages that this process's calls left in researchers' inboxes.", ("section",)
)
ITEMS = Named("orcid_sync_items", "Wanted items by how far they have come.", ("state",))
OLDEST_DUE_SECONDS = Named("orcid_sync_oldest_due_seconds", "How long the record due longest has been due, in seconds.")
CONSUMER_LAG = Named(
    "orcid_sync_consumer_lag", "Messages behind the position of each partition we read.", ("topic", "partition")
)
BUDGET_USED_RATIO = Named("orcid_sync_budget_used_ratio", "Share of the request budget's burst that is spent, 0 to 1.")
BUDGET_RATE = Named(
    "orcid_sync_budget_rate",
    "Requests a second that the budget lets through now: fewer after ORCID asked to slow down, 0 while it has us wait.",
)
CIRCUIT_OPEN = Named("orcid_sync_circuit_open", "1 from when all sending stopped until a call succeeded again.")
IS_PAUSED = Named("orcid_sync_paused", "1 while an operator has paused something.")
INTAKE_STOPPED = Named(
    "orcid_sync_intake_stopped", "1 while nothing is read because most of it can't be taken, until an operator decides."
)
DEAD_LETTERS = Named("orcid_sync_dead_letters", "Dead letters that nobody has settled.")
GAPS = Named("orcid_sync_gaps", "Gaps in the logs that nobody has closed.")
GRANTS = Named("orcid_sync_grants", "Grants by state.", ("state",))
STORE_UP = Named(
    "orcid_sync_store_up", "1 when the store answered this scrape; the gauges of its state are absent else."
)

METRICS = (
    EVENTS,
    CALLS,
    CALL_SECONDS,
    INBOX_MESSAGES,
    ITEMS,
    OLDEST_DUE_SECONDS,
    CONSUMER_LAG,
    BUDGET_USED_RATIO,
    BUDGET_RATE,
    CIRCUIT_OPEN,
    IS_PAUSED,
    INTAKE_STOPPED,
    DEAD_LETTERS,
    GAPS,
    GRANTS,
    STORE_UP,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the gauges tell of the store at one moment."""

    items: Mapping[ItemState, int]
    grants: Mapping[GrantState, int]
    oldest_due_seconds: float
    budget_used_ratio: float
    budget_rate: float
    dead_letters: int
    gaps: int
    circuit_open: bool
    paused: bool
    intake_stopped: bool


class FiguresReader:
    """Reads figures from a store: single statements outside any transaction, so no lock is held between them."""

    def __init__(self, rate: float, burst: float) -> None:
        """`rate` and `burst` are those of the settings."""
        self._rate = rate
        self._burst = burst

    def read(self, store: Store) -> Figures:
        """The figures of now; raises StoreError."""
        now = store.now()
        next_at = store.agenda.next_at()
        return Figures(
            items=store.items.counts(),
            grants=store.grants.counts(),
            oldest_due_seconds=0.0 if next_at is None else max(0.0, now - next_at),
            budget_used_ratio=store.turns.used_ratio(self._burst),
            budget_rate=store.turns.rate_now(self._rate),
            dead_letters=store.letters.count(),
            gaps=len(store.logs.gaps()),
            circuit_open=store.notes.get(CIRCUIT) is not None,
            paused=bool(store.brakes.all()),
            intake_stopped=store.notes.get(FLOOD) is not None,
        )


class Metrics:
    """All metrics of this process, in a registry of their own. `figures` raises StoreError when the store is away."""

    def __init__(self, tally: Tally, figures: Callable[[], Figures]) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(TallyCollector(tally))
        self._registry.register(StoreCollector(figures))
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
        yield _counter(EVENTS, events)
        yield _counter(CALLS, {labels: count for labels, count in dict(tally.replies).items()})  # noqa: C416 - wider keys
        yield self._call_seconds()
        yield _counter(INBOX_MESSAGES, {(section,): count for section, count in dict(tally.inbox_messages).items()})
        yield _gauge(CONSUMER_LAG, {(log.topic, str(log.partition)): lag for log, lag in dict(tally.lag).items()})

    def _call_seconds(self) -> Metric:
        durations = self._tally.call_seconds
        bounds = (*(f"{bound:g}" for bound in SECONDS_BOUNDS), "+Inf")
        buckets = list(zip(bounds, accumulate(float(count) for count in list(durations.counts)), strict=True))
        return HistogramMetricFamily(CALL_SECONDS.name, CALL_SECONDS.help, buckets=buckets, sum_value=durations.total)


class StoreCollector(Collector):
    """What the store holds. While it does not answer, only that is told."""

    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """The gauges."""
        try:
            figures = self._figures()
        except StoreError:
            return [_gauge(STORE_UP, {(): 0})]
        return [
            _gauge(STORE_UP, {(): 1}),
            _gauge(ITEMS, {(state.value,): figures.items.get(state, 0) for state in ItemState}),
            _gauge(GRANTS, {(state.value,): figures.grants.get(state, 0) for state in GrantState}),
            _gauge(OLDEST_DUE_SECONDS, {(): figures.oldest_due_seconds}),
            _gauge(BUDGET_USED_RATIO, {(): figures.budget_used_ratio}),
            _gauge(BUDGET_RATE, {(): figures.budget_rate}),
            _gauge(CIRCUIT_OPEN, {(): figures.circuit_open}),
            _gauge(IS_PAUSED, {(): figures.paused}),
            _gauge(INTAKE_STOPPED, {(): figures.intake_stopped}),
            _gauge(DEAD_LETTERS, {(): figures.dead_letters}),
            _gauge(GAPS, {(): figures.gaps}),
        ]


def _known(kind: str) -> str:
    """The type as a label: what somebody else's events call themselves must not grow our metrics without end."""
    return kind if entity_of(kind) in FAMILIES or kind in {GRANTED, REVOKED} else "unknown"


def _counter(named: Named, values: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(named.name, named.help, labels=named.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    return family


def _gauge(named: Named, values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(named.name, named.help, labels=named.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(labels, float(value))
    return family
