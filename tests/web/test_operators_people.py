"""The operators' list of people over real HTTP: pages of those who were looked for, however many there are."""

from urllib.parse import urlencode

import httpx
import pytest

from mappers.identifiers import OrcidId
from state.permission_facts import GrantState, KnownPerson
from state.sql import grants
from state.sqlite.store import SqliteStore
from tests.state.helpers import JOSIAH, a_grant
from tests.web.operators_reader import Page, page
from worker.reports import people

LATE = 10.0**10


@pytest.fixture
def crowd(store: SqliteStore) -> SqliteStore:
    """Two hundred and five people; every tenth permission is broken."""
    with store.transaction():
        for number in range(205):
            state = GrantState.BROKEN if number % 10 == 0 else GrantState.ACTIVE
            orcid = OrcidId(f"0000-0002-1825-{number:04}")
            store.grants.put(a_grant(f"E{number:03}", orcid=orcid, state=state, expires_at=LATE))
    return store


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is time for one look at twenty people."""
    monkeypatch.setattr(grants, "LOOKED", 20)
    monkeypatch.setattr(people, "LOOK_SECONDS", 0.0)


def listed(read: Page) -> list[str]:
    """The ids on a page."""
    return [row[0] for row in read.rows("People")] if "People" in read.tables else []


def next_of(read: Page) -> str | None:
    """Where its last link of the list leads, if that is not the beginning."""
    return next((link for link in read.links if "after=" in link), None)


def test_people_are_paged(operators: httpx.Client, crowd: SqliteStore) -> None:
    """A hundred a page, with a link to those behind them; each page tells whether there are more."""
    first = page(operators, "/people")
    second = page(operators, f"/{next_of(first)}")
    last = page(operators, f"/{next_of(second)}")

    assert [listed(read) for read in (first, second, last)] == [
        [f"E{number:03}" for number in numbers] for numbers in (range(100), range(100, 200), range(200, 205))
    ]
    assert "100 people; there are more" in first.text
    assert "100 people after E099; there are more" in second.text
    assert "5 people after E199; there are no more" in last.text
    assert ("people" in last.links[4:], next_of(last)) == (True, None)


def test_a_page_that_ends_with_the_last_leads_nowhere(operators: httpx.Client, crowd: SqliteStore) -> None:
    """Nobody is behind the hundredth."""
    for number in range(100, 205):
        crowd.people.erase(f"E{number}")
    read = page(operators, "/people")

    assert (len(listed(read)), next_of(read)) == (100, None)
    assert "100 people" in read.text
    assert "more" not in read.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"search": "e20"}, ["E200", "E201", "E202", "E203", "E204"], id="part-of-an-id"),
        pytest.param({"search": f"https://orcid.org/{JOSIAH}"}, ["E097"], id="orcid-id"),
        pytest.param({"search": "E00", "permission": "broken"}, ["E000"], id="both"),
        pytest.param({"search": str(JOSIAH), "permission": "broken"}, [], id="orcid-id-and-another-permission"),
        pytest.param({"permission": "none"}, [], id="nobody"),
        pytest.param({"permission": "no such state"}, [], id="unknown-state"),
        pytest.param({"search": "E2", "after": "E203"}, ["E204"], id="behind-somebody"),
        pytest.param({"after": "E9"}, [], id="behind-everybody"),
        pytest.param({"search": "E203", "page": "7"}, ["E203"], id="a-page-of-former-links"),
    ],
)
def test_people_are_found(operators: httpx.Client, crowd: SqliteStore, query: dict[str, str], found: list[str]) -> None:
    """By a part of their id, a whole iD, and what they allow."""
    assert listed(page(operators, "/people", **query)) == found


def test_the_next_page_is_of_the_same_people(operators: httpx.Client, crowd: SqliteStore) -> None:
    """And so is the first."""
    looked_for = urlencode({"search": "e", "permission": "active"})
    first = page(operators, "/people", search="e", permission="active")
    second = page(operators, f"/{next_of(first)}")

    assert next_of(first) == f"people?{looked_for}&after=E111"
    assert f"people?{looked_for}" in second.links
    assert [one for one in listed(first) + listed(second) if one.endswith("0")] == []
    assert len(listed(first) + listed(second)) == 184


@pytest.mark.parametrize(
    ("search", "first"),
    [
        pytest.param("E150", ["E150"], id="as-it-is"),
        pytest.param("e150", ["E150"], id="in-small-letters"),
        pytest.param("E15", [], id="a-part-is-not-there-yet"),
    ],
)
def test_a_whole_id_is_found_at_once(
    operators: httpx.Client, crowd: SqliteStore, hurried: None, search: str, first: list[str]
) -> None:
    """On the first page, and on no other, however far behind its place it is."""
    read = page(operators, "/people", search=search)
    assert listed(read) == first

    again: list[str] = []
    while (link := next_of(read)) is not None:
        read = page(operators, f"/{link}")
        again += listed(read)
    assert set(again).isdisjoint(first)


def test_it_is_told_how_far_it_was_looked(operators: httpx.Client, crowd: SqliteStore, hurried: None) -> None:
    """When there was no time for more; a link goes on from there, and in the end all are found."""
    crowd.people.put(KnownPerson("E205"))
    read = page(operators, "/people", permission="none")
    assert "0 people; looked as far as E019, there may be more" in read.text

    found, looks = listed(read), 1
    while (link := next_of(read)) is not None:
        read, looks = page(operators, f"/{link}"), looks + 1
        found += listed(read)
    assert (found, looks) == (["E205"], 11)
    assert "there are no more" in read.text


def test_a_page_reads_no_more_than_it_may(crowd: SqliteStore, hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement for each spelling of a whole id, and one for a look: a row for each whom it is of, no more."""
    run, rows = crowd.engine.run, []

    def counted(*args: object, **named: object) -> object:
        found = run(*args, **named)  # type: ignore[arg-type]
        rows.append(len(found))
        return found

    monkeypatch.setattr(crowd.engine, "run", counted)
    for permission in ("", "active", "broken", "none"):
        for search in ("", "%", "E"):
            rows.clear()
            people.list_people(crowd, search, permission, "")
            assert (len(rows) <= 4, max(rows) <= 20) == (True, True)
