"""The operators' pages over real HTTP: what each shows."""

from dataclasses import replace

import httpx
import pytest

from mappers.sections import Section
from mappers.wanted import SourceKey
from state.brake_facts import Brake
from state.facts import ItemState
from state.permission_facts import Forgetting, GrantState, KnownPerson, MoveState, Suspension, SuspensionKind
from state.removal_facts import RemovalState
from state.sqlite.store import SqliteStore
from tests.state.helpers import (
    JOSIAH,
    LAURE,
    LOG,
    a_grant,
    a_key,
    a_letter,
    a_move,
    a_published,
    a_wanted,
    an_ask,
)
from tests.web.hand_clock import HandClock
from tests.web.operators_reader import Page, page
from worker.calling.circuit import Cause, Circuit
from worker.note_names import CIRCUIT, FLOOD
from worker.reports.overview import count_overview
from worker.settings.values import BindAddress
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.operators.routes import operator_routes
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow

LATE = 10.0**10


def test_an_empty_store(operators: httpx.Client) -> None:
    """Every page has something to say."""
    overview = page(operators, "/")

    assert "Oldest due nobody" in overview.text
    assert set(overview.tables) == {"Items by state", "People by permission"}
    assert "0 people" in page(operators, "/people").text
    assert "Nothing is held." in page(operators, "/held").text
    assert "could not be taken: 0" in page(operators, "/dead-letters").text


def test_the_overview(operators: httpx.Client, store: SqliteStore, clock: HandClock) -> None:
    """Items, people by permission, what waits and why, and what an operator has to look at."""
    clock.time = 5_000.0
    for number, state in enumerate(GrantState, start=1):
        store.grants.put(a_grant(f"p{number}", state=state, expires_at=LATE))
    store.grants.put(a_grant("late", expires_at=4_999.0))
    store.people.put(KnownPerson("no", denied_at=2.0))
    store.items.want(replace(a_wanted(), state=ItemState.WAITING, reason="no permission yet"), None)
    store.agenda.changed("p1", 0.0, 0.0)
    clock.time += 7_200.0
    store.letters.bury(a_letter())
    store.logs.add_gap(LOG, 3, 9, "retention")
    store.turns.spend(15, 1.0, 30.0)
    for _ in range(3):
        store.jobs.add("verify", "{}")
    store.jobs.take("a", 60.0)

    overview = page(operators, "/")

    assert "Jobs 2 queued, 1 running" in overview.text
    assert dict(overview.rows("Items by state"))["waiting"] == "1"
    assert dict(overview.rows("People by permission")) == {
        **dict.fromkeys(("active", "expired", "broken", "ending", "revoked", "replaced", "denied"), "1"),
        "none": "0",
    }
    assert overview.rows("What waits, and why") == [["waiting", "no permission yet", "1"]]
    ((_, log, offsets, reason, _),) = overview.rows("Gaps: what the log no longer had")
    assert (log, offsets, reason) == ("hr 0", "3 to 9", "retention")
    for told in ("Oldest due for 2 hours", "Request budget used 50 %", "Dead letters 1", "Held 0", "Gaps in the log 1"):
        assert told in overview.text


def test_what_keeps_us_from_sending_is_told(window: StoreWindow, store: SqliteStore) -> None:
    """Above all else."""
    store.notes.put(CIRCUIT, Circuit(Cause.OURS, "ORCID has locked our client (9057)", 0.0, 100.0).text())
    store.brakes.put(Brake(section="work", at=100.0))
    store.notes.put(FLOOD, '{"why": "everything <b>is</b> bad", "decided_by": ""}')
    app = web_app(
        operator_routes(window, Counting(window, count_overview), None, 30.0, lambda _: "ORCID_SYNC_SEND is off")
    )
    with WebServer(app, BindAddress("127.0.0.1", 0)) as server:
        told = Page(httpx.get(server.url)).text

    assert "Sending is stopped and is tried again from 1970-01-01 00:01:40 UTC: ORCID has locked our client" in told
    assert "Not everything is sent: ORCID_SYNC_SEND is off" in told
    assert "Sending is paused by an operator since 1970-01-01 00:01:40 UTC: section work." in told
    assert "orcid-sync resume --section work" in told
    assert "Reading is stopped: everything <b>is</b> bad" in told


def test_a_person(operators: httpx.Client, store: SqliteStore) -> None:
    """Permissions, items with state, reason and put-code, former records, requests."""
    store.grants.put(a_grant(orcid=LAURE, expires_at=9.0))
    store.grants.put(a_grant(granted_at=2.0, expires_at=LATE))
    store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "spam", 9.0))
    thesis, job = a_key(), a_key(section=Section.EMPLOYMENT, record=SourceKey("/hr", "employment", "1"), part="a")
    store.items.want(a_wanted(thesis, state=ItemState.REMOVED_BY_RESEARCHER, reason="the researcher removed it"), None)
    store.items.want(a_wanted(job, state=ItemState.IN_SYNC), None)
    store.items.publish(a_published(4711, job))
    store.items.publish(a_published(8, thesis, LAURE))
    move = a_move(orcid=LAURE, state=MoveState.HELD, reason="moved")
    store.moves.put(move)
    store.asks.put(an_ask(5, asked_at=86_400.0, read_at=90_000.0))
    store.asks.put(an_ask(0, asked_at=99_000.0))

    person = page(operators, "/person", id="p1")

    scopes, why = "/activities/update /read-limited", f"replaced by a grant on {JOSIAH}"
    assert person.rows("Permissions") == [
        [JOSIAH, "Josiah Carberry", "active", "", scopes, "1970-01-01 00:00:02", "2286-11-20 17:46:40"],
        [LAURE, "Josiah Carberry", "replaced", why, scopes, "1970-01-01 00:00:01", "1970-01-01 00:00:09"],
    ]
    assert sorted(person.rows("Items")) == [
        ["employment", "/hr employment 1 a", "in sync", "", JOSIAH, "4711"],
        ["work", "/repository thesis 2043/1", "held", "moved", LAURE, "8"],
        ["work", "/repository thesis 2043/1", "removed by researcher", "the researcher removed it", JOSIAH, ""],
    ]
    assert person.rows("Other records with something of ours") == [[LAURE, "1", f"held ({move.id})", "moved"]]
    assert person.rows("Permission requests in the ORCID inbox") == [
        ["no clear answer", JOSIAH, "1970-01-02 03:30:00", "", "", "", ""],
        ["5", JOSIAH, "1970-01-02 00:00:00", "1970-01-02 01:00:00", "", "", ""],
    ]
    assert "The record takes no writes now: locked: spam" in person.text


@pytest.mark.parametrize(
    ("known", "told"),
    [
        pytest.param(KnownPerson("p1", denied_at=3.0), "Permission denied Said no at ORCID 1970-01-01", id="denied"),
        pytest.param(KnownPerson("p1", revoked_at=3.0), "Permission none Revoked 1970-01-01", id="revoked"),
    ],
)
def test_a_person_without_items(operators: httpx.Client, store: SqliteStore, known: KnownPerson, told: str) -> None:
    """What they said counts, if nothing else is known."""
    store.people.put(known)

    text = page(operators, "/person", id="p1").text
    assert told in text
    assert "No items." in text


def test_a_merged_person_is_found_by_the_former_id(operators: httpx.Client, store: SqliteStore) -> None:
    """And the page says so."""
    store.grants.put(a_grant("p2"))
    store.people.merge("p2", "p1")

    assert "p2 was merged into this person." in page(operators, "/person", id="p2").text


def test_a_person_who_is_being_forgotten(operators: httpx.Client, store: SqliteStore) -> None:
    """The page says so."""
    store.grants.put(a_grant())
    store.blocks.begin(Forgetting("p1", remove_items=True, since=1.0))

    assert "is being forgotten" in page(operators, "/person", id="p1").text


@pytest.mark.parametrize("query", [pytest.param({"id": "nobody"}, id="unknown"), pytest.param({}, id="none")])
def test_an_unknown_person(operators: httpx.Client, query: dict[str, str]) -> None:
    """A page that says so, with 404."""
    reply = operators.get("/person", params=query)

    assert reply.status_code == 404
    assert "Nobody of this id" in Page(reply).text


def test_dead_letters(operators: httpx.Client, store: SqliteStore) -> None:
    """Rule, field, place and message of the newest hundred, how many more there are, and never a byte of the event."""
    with store.transaction():
        for number in range(101):
            store.letters.bury(
                a_letter(f"{number:08}ffff", at=float(number), rule="wrong-form", envelope=b"a name that stays sealed")
            )

    reply = operators.get("/dead-letters")
    letters = Page(reply)

    assert len(letters.rows("Open dead letters")) == 100
    assert letters.rows("Open dead letters")[0] == [
        "00000100",
        "1970-01-01 00:01:40",
        "hr/0@1",
        "/hr employment 1024",
        "shape",
        "wrong-form",
        "data.start",
        "is no date",
    ]
    assert "could not be taken: 101" in letters.text
    assert "1 more are not shown: orcid-sync dead-letters list --limit 101 lists them all" in letters.text
    assert "sealed" not in reply.text


def test_held(operators: httpx.Client, store: SqliteStore) -> None:
    """Each with the command that lets it go."""
    held = a_wanted(hold="mapping-1f3a", hold_reason="300 updates with no event", digest="d2", state=ItemState.HELD)
    store.items.want(held, None)
    store.items.publish(a_published())

    ((identity, source, cause, *_, reason, command),) = page(operators, "/held").rows("Steps that wait for an operator")

    assert (identity, source, cause, reason) == ("mapping-1f3a", "", "rewrites", "300 updates with no event")
    assert command == "orcid-sync approve mapping-1f3a"


def test_held_removals(operators: httpx.Client, store: SqliteStore) -> None:
    """As one step, with how many they are; the overview counts the step."""
    for code in (7, 8):
        removal = store.removals.add(JOSIAH, code, a_key(part=str(code)), "", 1.0)
        store.removals.put(replace(removal, state=RemovalState.HELD))

    ((identity, source, cause, removals, *_),) = page(operators, "/held").rows("Steps that wait for an operator")

    assert (identity[:9], source, cause, removals) == ("removals-", "/repository", "removals", "2")
    assert [counted.held for counted in count_overview(store)] == [1]
