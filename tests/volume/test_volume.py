"""What is asked for each event, turn, call, page or person never reads all of a large table, however large it is."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from mappers.mapping_file import EMPTY
from state.permission_facts import PERMISSIONS
from state.postgres.store import PostgresStore
from state.sql.store import SqlStore
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.benchmarks.institution import person_id
from tests.fakes.set_clock import SetClock
from tests.turning.worlds import NOW, World, employment, ended, work
from tests.volume.filled import DAY, DAYS, fill, person
from tests.volume.plans import Recorder, reads_all
from worker.housekeeping import Housekeeping
from worker.intake.intake import Intake, Tempo
from worker.intake.releasing import release_due
from worker.people.forgetting import begin_forgetting, finish_forgetting
from worker.people.merging import merge_people
from worker.permission.walks import has_exchange
from worker.recording.recovering import begin_recovery
from worker.reports.overview import read_overview
from worker.reports.people import list_people, person_page
from worker.reports.status import person_status
from worker.reports.story import tell
from worker.watching.counts import counts_for_all
from worker.watching.metrics import FiguresReader

_COUNTS = "for metrics: outside of transactions, a twentieth of the time at the most (worker/watching/counts.py)"
MAY_READ_ALL: dict[str, str] = {
    "SELECT EXISTS (SELECT 1 FROM forgetting) AS now": "it stops at the first row",
    "INSERT INTO agenda (person, due_at, quiet_since, quiet_until, retry_at, revision, failures) WITH": "everybody is"
    " looked at again after a loss, or when a policy changed: once each, in one statement",
    "SELECT count(*) AS n FROM published_items WHERE source": "what is published of a source, whole sources of it: once"
    " for each window of the guard (worker/recording/guard.py)",
    "UPDATE sections SET listed_at = NULL": "once at the end of a recovery",
    "SELECT count(*) AS wanted, count(CASE WHEN s.listed_at": "how far a recovery has come: outside of transactions, a"
    " twentieth of the time at the most (worker/turning/records.py)",
    "SELECT state, count(*) AS n FROM grants": _COUNTS,
    "SELECT state, count(DISTINCT person) AS n FROM": _COUNTS,
    "SELECT state, count(*) AS n FROM wanted_items GROUP BY state": _COUNTS,
    "SELECT person FROM grants GROUP BY person HAVING count(*) > 1": _COUNTS,
}
"""How statements begin that may, and why."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What is logged is tested elsewhere."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> SetClock:
    """The clock of the state, and of all who work on it."""
    return SetClock(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[SqlStore[Any]]:
    """A state with years behind it."""
    vault = Vault([new_key()])
    made: SqlStore[Any]
    if request.param == "sqlite":
        made = SqliteStore(tmp_path / "state.db", vault, clock.now)
        made.engine.run("PRAGMA synchronous = OFF")
    else:
        made = PostgresStore(request.getfixturevalue("postgres_url"), vault, clock.now)
    fill(made)
    if request.param == "postgresql":
        made.scrub()
        made.engine.run("ANALYZE")
    yield made
    made.close()


def test_no_statement_of_every_day_reads_all_of_a_large_table(store: SqlStore[Any], clock: SetClock) -> None:
    """As the database would find what it asks for, with the parameters that it had."""
    recorder = Recorder(store.engine)
    with recorder.listening():
        live(World(store, clock), store, recorder)
    assert len(recorder.heard) > 100
    found = {
        f"{place}: {how}: {' '.join(sql.split())}"
        for sql, (place, parameters) in recorder.heard.items()
        if (how := reads_all(store.engine, sql, parameters)) and not sql.startswith(tuple(MAY_READ_ALL))
    }
    assert not found, "\n".join(sorted(found))


def live(world: World, store: SqlStore[Any], recorder: Recorder) -> None:
    """What a daemon, its pages and its operators do, each once."""
    office = world.office(store=store)
    world.connect(1, 2, 3)
    with recorder.at("a new event, and its call"):
        world.tell(employment(1), work(1), work(2), work(3), employment(3))
        world.settle(office)
    with recorder.at("a change, the same again, a removal, one that can't be taken"):
        world.tell(employment(1, sequence=2, title="Reader"), work(1), ended(work(2)), {**work(3), "data": {}})
        world.settle(office)
    with recorder.at("a page of one person, a story of one record"):
        person_page(store, person_id(1))
        person_status(store, person(7))
        tell(store, "/hr", "APPT-1-0", None)
    with recorder.at("a page of people"):
        for permission in ("", *PERMISSIONS):
            for search in ("", "x", "0000-0002-1825-0097"):
                list_people(store, search, permission, person(7))
    with recorder.at("a removal in the guard's next window"):
        world.clock.advance(2 * DAY)
        world.tell(ended(employment(3)))
        world.settle(office)
    with recorder.at("a scrape"):
        FiguresReader(24.0, 40.0).read(store)
        list(counts_for_all(store))
    with recorder.at("the overview, but for its counts"):
        read_overview(store, 40.0, None)
    with recorder.at("a new mapping"):
        intake = Intake(store, EMPTY, Tempo(0.0, 0.0))
        intake.remap()
        release_due(intake, store, world.clock.now())
    with recorder.at("a consent"):
        store.consents.of_person(person(4))
        has_exchange(store, person(4), store.now())
    with recorder.at("housekeeping"):
        Housekeeping(store, DAYS + 2.5).tend(world.clock.now())
    with recorder.at("a merge"):
        merge_people(store, person(8), person(9))
    with recorder.at("a recovery"):
        with store.transaction():
            begin_recovery(store, world.clock.now(), "the state was lost")
        store.items.forget_listings(world.clock.now())
    with store.transaction():
        for due in store.agenda.due(world.clock.now(), 10_000, skip=(person(7), *map(person_id, (1, 2, 3)))):
            store.agenda.retry(due.person, None, due.revision, 0)
    with recorder.at("a turn while a recovery lasts"):
        world.settle(office)
    with recorder.at("forgetting"):
        begin_forgetting(store, person_id(3), remove_items=False, now=store.now())
        for token in store.tokens.of_person(person_id(3)):
            store.tokens.drop(token.mark)  # as it is when ORCID has revoked it
        finish_forgetting(store)
    assert store.blocks.forgetting(person_id(3)) is None


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_step_through_a_hold_goes_on_where_the_last_ended(store: SqlStore[Any]) -> None:
    """By the index, not by what the hold has before: it may have millions of items, and as many steps."""
    store.engine.run("UPDATE wanted_items SET hold = 'some'")
    recorder = Recorder(store.engine)
    with recorder.listening(), recorder.at("a step"):
        assert store.items.change_hold("some", "other", "why", after=person(0), limit=500)
    plans = [
        [row["detail"] for row in store.engine.run(f"EXPLAIN QUERY PLAN {sql}", asked)]
        for sql, (_, asked) in recorder.heard.items()
        if "wanted_items" in sql
    ]
    assert len(plans) == 2
    assert all("(hold=? AND person>?" in plan[0] for plan in plans), plans
