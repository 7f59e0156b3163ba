"""Metrics: the names of the contract, fed from the tally and the store."""

import threading
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.brake_facts import Brake
from state.facts import DeadLetter, ItemState, Wanted
from state.permission_facts import Grant
from state.sqlite.store import SqliteStore
from state.store import StoreError
from tests.web.hand_clock import HandClock
from worker.note_names import CIRCUIT, FIRST_SEND, FLOOD, LAST_SUCCESS, RECOVERY
from worker.policies import sends_nothing
from worker.settings.settings import load_settings
from worker.watching.counts import counts_for_all
from worker.watching.metric_names import METRICS
from worker.watching.metrics import Figures, FiguresReader, Metrics
from worker.watching.tally import Tally
from worker.web.counting import Counting
from worker.web.store_window import StoreWindow

CONTRACT = {
    "orcid_sync_events_total": {"type", "result"},
    "orcid_sync_calls_total": {"method", "section", "status", "error_code"},
    "orcid_sync_call_seconds": set(),
    "orcid_sync_inbox_messages_total": {"section"},
    "orcid_sync_items": {"state"},
    "orcid_sync_oldest_due_seconds": set(),
    "orcid_sync_consumer_lag": {"topic", "partition"},
    "orcid_sync_budget_used_ratio": set(),
    "orcid_sync_budget_rate": set(),
    "orcid_sync_circuit_open": set(),
    "orcid_sync_paused": set(),
    "orcid_sync_intake_stopped": set(),
    "orcid_sync_dead_letters": set(),
    "orcid_sync_gaps": set(),
    "orcid_sync_grants": {"state"},
}
ADDED = {
    "orcid_sync_store_up": set(),
    "orcid_sync_source_down": set(),
    "orcid_sync_counts_age_seconds": set(),
    "orcid_sync_people": {"state"},
    "orcid_sync_people_due": set(),
    "orcid_sync_people_failing": set(),
    "orcid_sync_failures_in_a_row": set(),
    "orcid_sync_all_paused": set(),
    "orcid_sync_last_success_timestamp_seconds": set(),
    "orcid_sync_budget_limit": set(),
    "orcid_sync_recovering": set(),
    "orcid_sync_spans_total": {"result"},
    "orcid_sync_jobs": {"state"},
    "orcid_sync_drift": set(),
    "orcid_sync_turns_failing_seconds": set(),
    "orcid_sync_mapping_anew": set(),
    "orcid_sync_sending_off": set(),
}
SANDBOX, PRODUCTION = "https://api.sandbox.orcid.org", "https://api.orcid.org"
LOG = LogId("cluster", "topic-id", "hr.events", 3)

LABELS = {named.name: named.labels for named in METRICS}

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def metrics(tally: Tally, window: StoreWindow, back_window: StoreWindow) -> Metrics:
    """The metrics of a running process."""
    reader = FiguresReader(rate=23.0, burst=30.0)
    return Metrics(tally, lambda: window.look(reader.read), Counting(back_window, counts_for_all).latest)


def samples(metrics: Metrics) -> Samples:
    """What a scrape reads: values by name and label values."""
    families = text_string_to_metric_families(metrics.page().decode())
    return {
        (sample.name, tuple(sample.labels[label] for label in LABELS.get(sample.name, sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def away() -> Figures:
    """The figures of a store that cannot be reached."""
    raise StoreError("the state is away")


def count_something(tally: Tally) -> None:
    """What a loop counts."""
    tally.events["publication.changed", "applied"] += 2
    tally.replies["POST", "work", "409", "9021"] += 1
    tally.inbox_messages["work"] += 4
    tally.lag = {LOG: 7}
    tally.source_down = True
    tally.spans["lost"] += 3
    for seconds in (0.05, 0.3, 99.0):
        tally.call_seconds.observe(seconds)


def test_names_are_the_contracts() -> None:
    """Every metric of the contract is there with its labels, and what alerts need besides."""
    ours = {named.name: set(named.labels) for named in METRICS}

    assert ours == CONTRACT | ADDED


def test_every_name_begins_alike(metrics: Metrics, tally: Tally) -> None:
    """Nothing on the page is called otherwise, the process's own figures included."""
    count_something(tally)

    names = {name for name, _ in samples(metrics)}

    assert all(name.startswith("orcid_sync_") for name in names)
    assert {name for name in CONTRACT if name != "orcid_sync_call_seconds"} <= names
    assert "orcid_sync_process_resident_memory_bytes" in names


def test_counters(metrics: Metrics, tally: Tally) -> None:
    """Counters, the histogram and the lag are what the loop counted."""
    count_something(tally)

    read = samples(metrics)

    assert read["orcid_sync_events_total", ("publication.changed", "applied")] == 2
    assert read["orcid_sync_calls_total", ("POST", "work", "409", "9021")] == 1
    assert read["orcid_sync_inbox_messages_total", ("work",)] == 4
    assert read["orcid_sync_consumer_lag", ("hr.events", "3")] == 7
    assert read["orcid_sync_source_down", ()] == 1
    assert read["orcid_sync_spans_total", ("lost",)] == 3
    assert read["orcid_sync_call_seconds_bucket", ("0.05",)] == 1
    assert read["orcid_sync_call_seconds_bucket", ("0.5",)] == 2
    assert read["orcid_sync_call_seconds_bucket", ("30",)] == 2
    assert read["orcid_sync_call_seconds_bucket", ("+Inf",)] == read["orcid_sync_call_seconds_count", ()] == 3
    assert read["orcid_sync_call_seconds_sum", ()] == pytest.approx(99.35)


def test_unknown_event_types_share_a_label(metrics: Metrics, tally: Tally) -> None:
    """What others' events call themselves does not grow the metrics, nor breaks the page."""
    for kind in ("weather.changed", "\ud800", "x" * 10_000):
        tally.events[kind, "dead_letter"] += 1

    assert samples(metrics)["orcid_sync_events_total", ("unknown", "dead_letter")] == 3


def test_what_is_a_closed_set_begins_at_zero(metrics: Metrics, tally: Tally) -> None:
    """Who watches an increase sees the first 5,000, too: a counter that is born with them never grew."""
    before = samples(metrics)
    tally.events["hr.affiliation.changed", "superseded"] += 5000
    tally.events["weather.changed", "dead_letter"] += 1
    tally.inbox_messages["work"] += 1
    tally.spans["lost"] += 1
    after = samples(metrics)

    grown = {sample: value - before[sample] for sample, value in after.items() if value != before.get(sample)}
    assert {sample: value for sample, value in grown.items() if sample[0].endswith("_total") and sample[1]} == {
        ("orcid_sync_events_total", ("hr.affiliation.changed", "superseded")): 5000,
        ("orcid_sync_events_total", ("unknown", "dead_letter")): 1,
        ("orcid_sync_inbox_messages_total", ("work",)): 1,
        ("orcid_sync_spans_total", ("lost",)): 1,
    }


@pytest.mark.parametrize(
    ("send", "api", "approved_at", "is_off"),
    [
        pytest.param("all", SANDBOX, None, 0, id="sandbox"),
        pytest.param("off", SANDBOX, None, 1, id="off"),
        pytest.param("all", PRODUCTION, None, 1, id="production, not approved"),
        pytest.param("pilot", PRODUCTION, None, 1, id="pilot, not approved"),
        pytest.param("all", PRODUCTION, "1.0", 0, id="production"),
        pytest.param("off", PRODUCTION, "1.0", 1, id="production, off"),
    ],
)
def test_whether_anything_is_sent(
    tally: Tally, store: SqliteStore, send: str, api: str, approved_at: str | None, is_off: int
) -> None:
    """Nobody is due then, and nothing else would tell of a first send that nobody approved."""
    settings = load_settings({"ORCID_SYNC_SEND": send, "ORCID_SYNC_API_URL": api})
    store.notes.put(FIRST_SEND, approved_at)
    reader = FiguresReader(23.0, 30.0, lambda seen: sends_nothing(settings, seen))

    read = samples(Metrics(tally, lambda: reader.read(store)))

    assert read["orcid_sync_sending_off", ()] == is_off


def test_an_empty_store(metrics: Metrics) -> None:
    """Every state is there from the start, as zero: an alert on one that never came would not fire."""
    read = samples(metrics)

    assert {read["orcid_sync_items", (state.value,)] for state in ItemState} == {0}
    assert read["orcid_sync_grants", ("active",)] == 0
    assert read["orcid_sync_store_up", ()] == 1
    for name in ("people_due", "oldest_due_seconds", "circuit_open", "paused", "recovering", "dead_letters", "gaps"):
        assert read[f"orcid_sync_{name}", ()] == 0
    assert read["orcid_sync_budget_used_ratio", ()] == 0
    assert read["orcid_sync_people", ("held",)] == 0
    assert ("orcid_sync_last_success_timestamp_seconds", ()) not in read
    assert ("orcid_sync_source_down", ()) not in read, "nothing is read here"


def test_gauges(metrics: Metrics, store: SqliteStore, clock: HandClock) -> None:
    """Gauges are what the store holds at the moment of the scrape."""
    key = ItemKey("E1", Section.WORK, SourceKey("/repository", "publication", "1"), "")
    store.items.want(Wanted(key, "digest", frozenset(), state=ItemState.HELD), "{}")
    store.agenda.changed("E1", 0.0, 0.0)
    store.letters.bury(DeadLetter("id", "hr:1", "/hr", "x", "1", "rule", "field", "why", b"bytes"))
    store.logs.add_gap(LOG, 1, 2, "gone")
    orcid = OrcidId("0000-0002-1825-0097")
    store.grants.put(Grant("E1", orcid, "", frozenset(), Secret("t"), None, 0.0, 0.0))
    store.turns.spend(15, 0.001, 30.0)
    store.notes.put(CIRCUIT, "{}")
    store.notes.put(FLOOD, "{}")
    store.notes.put(RECOVERY, "1.0")
    store.notes.put(LAST_SUCCESS, "1234.5")
    store.brakes.put(Brake(source="/hr"))
    clock.time += 40

    read = samples(metrics)

    assert read["orcid_sync_items", ("held",)] == 1
    assert read["orcid_sync_people", ("held",)] == 1
    assert read["orcid_sync_oldest_due_seconds", ()] == 40
    assert read["orcid_sync_people_due", ()] == 1
    assert read["orcid_sync_last_success_timestamp_seconds", ()] == 1234.5
    assert read["orcid_sync_dead_letters", ()] == read["orcid_sync_gaps", ()] == 1
    assert read["orcid_sync_grants", ("active",)] == 1
    assert read["orcid_sync_budget_used_ratio", ()] == pytest.approx(0.5, abs=0.01)
    assert read["orcid_sync_budget_rate", ()] == read["orcid_sync_budget_limit", ()] == 23.0
    assert read["orcid_sync_circuit_open", ()] == read["orcid_sync_paused", ()] == 1
    assert read["orcid_sync_intake_stopped", ()] == read["orcid_sync_recovering", ()] == 1


def test_who_fails_is_not_due_and_is_seen(metrics: Metrics, store: SqliteStore, clock: HandClock) -> None:
    """A record that rests after a failed try is not due: how many there are, and how often one failed, is told."""
    for person, failures in (("E1", 3), ("E2", 17), ("E3", 0)):
        store.agenda.changed(person, 0.0, 0.0)
        store.agenda.retry(person, clock.time + 300, 1, failures)

    read = samples(metrics)

    assert (read["orcid_sync_people_due", ()], read["orcid_sync_people_failing", ()]) == (0, 2)
    assert read["orcid_sync_failures_in_a_row", ()] == 17


def test_a_pause_of_everything_is_told_apart(metrics: Metrics, store: SqliteStore) -> None:
    """One person's brake stops nobody else."""
    store.brakes.put(Brake(person="E1"))
    of_one = samples(metrics)
    store.brakes.put(Brake())
    of_all = samples(metrics)

    assert [read["orcid_sync_paused", ()] for read in (of_one, of_all)] == [1, 1]
    assert [read["orcid_sync_all_paused", ()] for read in (of_one, of_all)] == [0, 1]


def test_counters_without_a_store(tally: Tally) -> None:
    """While the store is away the counters are served; its gauges are absent, not zero."""
    count_something(tally)

    read = samples(Metrics(tally, away))

    assert read["orcid_sync_inbox_messages_total", ("work",)] == 4
    assert read["orcid_sync_store_up", ()] == 0
    assert ("orcid_sync_dead_letters", ()) not in read


@pytest.fixture
def counting(tally: Tally) -> Iterator[None]:
    """A loop that goes on counting."""
    enough = threading.Event()

    def count() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            tally.replies["POST", "work", str(number), ""] += 1
            tally.inbox_messages[str(number)] += 1
            if number % 500 == 0:
                tally.replies.clear()
                tally.inbox_messages.clear()

    thread = threading.Thread(target=count)
    thread.start()
    yield
    enough.set()
    thread.join()


@pytest.mark.usefixtures("counting")
def test_a_scrape_while_counting(tally: Tally) -> None:
    """The loop's counting never breaks a scrape."""
    metrics = Metrics(tally, away)

    for _ in range(50):
        assert b"orcid_sync_store_up 0.0" in metrics.page()
