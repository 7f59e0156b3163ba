"""Counting: whoever asks gets the last counts at once, however long a count takes, and one process counts for all."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from state.facts import ItemState
from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from tests.state.helpers import a_grant, a_key, a_wanted
from tests.web.hand_clock import HandClock
from tests.web.operators_reader import Page, page
from worker.note_names import COUNTS
from worker.reports.overview import Counted, count_overview
from worker.settings.values import BindAddress
from worker.watching import counts as counts_module
from worker.watching.counts import Counts, counts_for_all
from worker.watching.metrics import FiguresReader, Metrics
from worker.watching.tally import Tally
from worker.web import counting as counting_module
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.operators.routes import operator_routes
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow

SHORT = 0.05
HELD = 'orcid_sync_items{state="held"}'


class Gate:
    """Counts as the worker does, once it is let; `begun` says how often it began."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self.is_open.set()
        self.begun = 0
        self.fails = False

    def counts(self, store: Store) -> Iterator[Counts]:
        """For metrics."""
        self.pass_by()
        yield from counts_for_all(store)

    def overview(self, store: Store) -> Iterator[Counted]:
        """For the operators' page."""
        self.pass_by()
        yield from count_overview(store)

    def pass_by(self) -> None:
        """Waits as long as it is shut."""
        self.begun += 1
        assert self.is_open.wait(30)
        if self.fails:
            time.sleep(SHORT)
            raise StoreError("the state did not answer")


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Open at first, and in the end."""
    made = Gate()
    yield made
    made.is_open.set()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes longer than a moment takes long."""
    monkeypatch.setattr(counting_module, "SHORT_COUNT", SHORT)


@pytest.fixture
def metrics(gate: Gate, window: StoreWindow, back_window: StoreWindow) -> Metrics:
    """Metrics whose counts go through the gate."""
    reader = FiguresReader(23.0, 30.0)
    return Metrics(Tally(), lambda: window.look(reader.read), Counting(back_window, gate.counts).latest)


def scrape(metrics: Metrics) -> dict[str, float]:
    """The gauges by name, and those of items with their state."""
    return {
        f'{one.name}{{state="{one.labels["state"]}"}}' if "state" in one.labels else one.name: one.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for one in family.samples
    }


def hold(store: Store, *subjects: str) -> None:
    """So many more items are held."""
    for part in subjects:
        store.items.want(a_wanted(a_key(part=part), state=ItemState.HELD), None)


@pytest.mark.usefixtures("soon")
def test_a_scrape_gets_the_last_counts_while_new_ones_are_made(
    metrics: Metrics, gate: Gate, store: SqliteStore, clock: HandClock
) -> None:
    """With their age, and what indexes answer is of now; when the counts are made they are told."""
    hold(store, "a")
    assert scrape(metrics)[HELD] == 1
    gate.is_open.clear()
    hold(store, "b")
    store.agenda.changed("p1", 0.0, 0.0)
    clock.time += 40.0

    began = time.monotonic()
    during = [scrape(metrics) for _ in range(5)]
    assert time.monotonic() - began < 5.0
    gate.is_open.set()
    end = time.monotonic() + 30.0
    while (after := scrape(metrics))[HELD] != 2:
        assert time.monotonic() < end

    for read in during:
        assert (read["orcid_sync_store_up"], read[HELD], read["orcid_sync_counts_age_seconds"]) == (1, 1, 40)
        assert (read["orcid_sync_oldest_due_seconds"], read['orcid_sync_people{state="held"}']) == (40, 1)
    assert after["orcid_sync_counts_age_seconds"] == 0
    assert gate.begun == 2


def test_before_the_first_counts_their_gauges_are_absent(metrics: Metrics, gate: Gate) -> None:
    """Not zero; the store is up."""
    gate.is_open.clear()

    read = scrape(metrics)

    assert read["orcid_sync_store_up"] == 1
    assert "orcid_sync_counts_age_seconds" not in read
    assert not [name for name in read if name.startswith(("orcid_sync_items", "orcid_sync_people{", "orcid_sync_gra"))]


def test_counts_that_fail_are_not_begun_by_each_scrape(metrics: Metrics, gate: Gate) -> None:
    """They rest twenty times as long as it took them to fail; the store is up meanwhile."""
    gate.fails = True
    assert scrape(metrics)["orcid_sync_store_up"] == 1
    failed_at, gate.fails = time.monotonic(), False

    read = scrape(metrics)
    while HELD not in read:
        assert gate.begun == 1
        read = scrape(metrics)
        time.sleep(0.01)

    assert time.monotonic() - failed_at > 10 * SHORT
    assert gate.begun == 2


@pytest.mark.usefixtures("soon")
def test_counts_that_took_long_serve_for_twenty_times_as_long(metrics: Metrics, gate: Gate, store: SqliteStore) -> None:
    """However often somebody asks."""
    gate.is_open.clear()
    scrape(metrics)
    time.sleep(2 * SHORT)
    gate.is_open.set()
    while HELD not in scrape(metrics):
        pass
    hold(store, "a")

    assert [scrape(metrics)[HELD] for _ in range(5)] == [0] * 5
    assert gate.begun == 1


def test_closing_does_not_wait_for_a_count(gate: Gate, store: SqliteStore) -> None:
    """It ends with the process."""
    window = StoreWindow(store.twin, patience=0.1)
    counting = Counting(window, gate.counts)
    gate.is_open.clear()
    counting.latest()
    began = time.monotonic()

    window.close()

    assert time.monotonic() - began < 5.0
    assert gate.begun == 1


def test_the_overview_answers_while_it_is_counted(
    gate: Gate, window: StoreWindow, back_window: StoreWindow, store: SqliteStore, clock: HandClock
) -> None:
    """First without counts, later with the last ones and how old they are."""
    gate.is_open.clear()
    app = web_app(operator_routes(window, Counting(back_window, gate.overview), None, 30.0, lambda _: ""))
    with WebServer(app, BindAddress("127.0.0.1", 0)) as server, httpx.Client(base_url=server.url) as client:
        first = page(client, "/")
        gate.is_open.set()
        counted = _until_counted(client)
        clock.time += 300.0
        later = page(client, "/")

    assert "being counted for the first time" in first.text
    assert "Dead letters 0" in first.text
    assert "Items by state" not in first.tables
    assert "ago" not in counted.text
    assert "Items and people were counted 5 minutes ago." in later.text


def _until_counted(client: httpx.Client) -> Page:
    end = time.monotonic() + 30.0
    while "Items by state" not in (found := page(client, "/")).tables:
        assert time.monotonic() < end
    return found


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, store: SqliteStore) -> SqliteStore:
    """A store of which all counts take long, with the first of them noted: one item is held."""
    monkeypatch.setattr(counts_module, "SHORT_COUNT", -1.0)
    hold(store, "a")
    store.grants.put(a_grant())
    assert held(store) == [1]
    hold(store, "b")
    return store


def held(store: Store) -> list[int]:
    """How many items are held: what was noted, then what was counted."""
    return [counts.items[ItemState.HELD] for counts in counts_for_all(store)]


def test_one_counts_for_all(noted: SqliteStore, clock: HandClock) -> None:
    """The others read what it noted, with its time, until it has served its time."""
    twin = noted.twin()
    (read,) = counts_for_all(twin)
    assert (read.at, read.items[ItemState.HELD], sum(read.grants.values())) == (clock.time, 1, 1)
    clock.time += 3600.0

    assert held(twin) == [1, 2]
    assert held(noted) == [2]
    twin.close()


def test_while_one_counts_nobody_else_does(noted: SqliteStore, clock: HandClock) -> None:
    """But where it has died meanwhile, after a while."""
    twin = noted.twin()
    clock.time += 3600.0
    one = counts_for_all(noted)
    assert [next(one).items[ItemState.HELD] for _ in range(2)] == [1, 2]

    assert held(twin) == [1]
    clock.time += 59.0
    assert held(twin) == [1]
    clock.time += 3600.0
    assert held(twin) == [1, 2]
    twin.close()


def test_a_clock_that_was_set_back_keeps_no_counts(noted: SqliteStore, clock: HandClock) -> None:
    """Else they would serve until it is that time again."""
    clock.time -= 1.0

    assert held(noted) == [1, 2]


def test_counts_that_are_quick_are_not_noted(
    noted: SqliteStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then each process has its own, of this moment."""
    monkeypatch.setattr(counts_module, "SHORT_COUNT", 60.0)
    clock.time += 3600.0

    assert held(noted) == [1, 2]
    assert noted.notes.get(COUNTS) is None
    hold(noted, "c")
    assert held(noted) == [3]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nonsense", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="empty"),
        pytest.param('{"at": null, "items": {}, "people": {}, "grants": {}, "took": 1, "claimed_at": null}', id="null"),
        pytest.param('{"at": 1, "items": {}, "people": {}, "grants": {}, "took": 1, "claimed_at": null}', id="states"),
    ],
)
def test_a_note_of_another_version_is_counted_over(noted: SqliteStore, text: str) -> None:
    """As if there were none."""
    noted.notes.put(COUNTS, text)

    assert held(noted) == [2]
    assert held(noted) == [2]
    assert noted.notes.get(COUNTS) != text


def test_a_state_that_takes_nothing_is_counted(noted: SqliteStore, clock: HandClock) -> None:
    """What can't be noted is told all the same."""
    clock.time += 3600.0
    twin = noted.twin()
    twin.engine.run("PRAGMA query_only = ON")

    assert held(twin) == [1, 2]
    twin.close()
