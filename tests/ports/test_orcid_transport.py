"""The transport: the client over HTTP, and the stand-in's core asked in the same process, give the same replies."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

from tests.ports.orcids import KINDS, ORCID, OTHER, Orcid, Told, in_process, over_http
from tests.sandbox.people import a_work, an_employment
from worker.ports import NoToken
from worker.sandbox.grants import TokenState
from worker.sandbox.records import RecordState


@pytest.fixture(params=list(KINDS))
def orcid(request: pytest.FixtureRequest) -> Iterator[Orcid]:
    """ORCID behind a transport of each kind."""
    with KINDS[request.param]() as made:
        yield made


@pytest.fixture
def both() -> Iterator[tuple[Orcid, Orcid]]:
    """Both kinds at once."""
    with ExitStack() as stack:
        yield stack.enter_context(KINDS["http"]()), stack.enter_context(KINDS["in-process"]())


def code(told: Told) -> tuple[int, int | None]:
    """Status and error-code."""
    return told.status, told.body.get("error-code") if isinstance(told.body, dict) else None


def added(orcid: Orcid, section: str, document: object) -> str:
    """The put-code of an item that was added, as text."""
    told = orcid.ask("POST", f"/{section}", document)
    assert told.status == 201
    assert told.location is not None
    return told.location.rpartition("/")[2]


def test_a_post_answers_201_with_the_items_address(orcid: Orcid) -> None:
    """And no body."""
    told = orcid.ask("POST", "/work", a_work())

    assert (told.status, told.body) == (201, None)
    assert told.location is not None
    assert told.location.startswith(f"/v3.0/{ORCID}/work/")


def test_what_was_posted_can_be_read_changed_and_deleted(orcid: Orcid) -> None:
    """One item's life."""
    put_code = added(orcid, "employment", an_employment(role_title="Lecturer"))
    changed = an_employment(role_title="Professor") | {"put-code": int(put_code)}

    put = orcid.ask("PUT", f"/employment/{put_code}", changed)
    read = orcid.ask("GET", f"/employment/{put_code}")
    gone = orcid.ask("DELETE", f"/employment/{put_code}")
    again = orcid.ask("DELETE", f"/employment/{put_code}")

    assert (put.status, read.status, gone.status, gone.body) == (200, 200, 204, None)
    assert read.body["role-title"] == "Professor"
    assert code(again) == (404, 9016)


def test_a_bulk_answers_with_a_slot_for_each_work(orcid: Orcid) -> None:
    """In the order sent; the duplicate among them is an error in its slot."""
    works = [a_work("10.5555/a"), a_work("10.5555/b"), a_work("10.5555/a")]

    told = orcid.ask("POST", "/works", {"bulk": [{"work": work} for work in works]})

    assert told.status == 200
    assert [list(slot) for slot in told.body["bulk"]] == [["work"], ["work"], ["error"]]


def test_a_list_shows_what_stands_there(orcid: Orcid) -> None:
    """Works grouped, with their source."""
    put_code = added(orcid, "work", a_work())

    told = orcid.ask("GET", "/works")

    (group,) = told.body["group"]
    assert [summary["put-code"] for summary in group["work-summary"]] == [int(put_code)]


@pytest.mark.parametrize(
    ("token", "path", "expected"),
    [
        pytest.param("no-such-token", "/work", 401, id="unknown-token"),
        pytest.param("reading", "/work", 403, id="scope-too-small"),
        pytest.param("all", "/no-such-section", 404, id="unknown-section"),
    ],
)
def test_what_is_not_allowed_is_a_reply(orcid: Orcid, token: str, path: str, expected: int) -> None:
    """An error has a body in JSON, and raises nothing."""
    told = orcid.ask("POST", path, a_work(), as_=token)

    assert told.status == expected
    assert isinstance(told.body, dict)


def test_a_token_is_for_its_own_record_only(orcid: Orcid) -> None:
    """The body says so by its error-code."""
    assert code(orcid.ask("POST", "/work", a_work(), orcid=OTHER)) == (401, 9017)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(RecordState.LOCKED, (409, 9018), id="locked"),
        pytest.param(RecordState.DEACTIVATED, (409, 9044), id="deactivated"),
        pytest.param(RecordState.UNCLAIMED, (409, 9036), id="unclaimed"),
        pytest.param(RecordState.DEPRECATED, (409, 9007), id="deprecated"),
        pytest.param(RecordState.MISSING, (404, 9016), id="missing"),
    ],
)
def test_a_record_that_takes_no_writes_says_why(
    orcid: Orcid, state: RecordState, expected: tuple[int, int | None]
) -> None:
    """By error-code."""
    orcid.suspend(state)

    assert code(orcid.ask("POST", "/work", a_work())) == expected


GROUP = {"name": "Kelp", "group-id": "orcid-generated:kelp", "description": "All about kelp", "type": "journal"}
KELP = "/group-id-record?group-id=orcid-generated%3Akelp"


def test_a_call_of_our_clients_own_has_a_token_of_its_own(orcid: Orcid) -> None:
    """Nobody's permission is needed for a group-id record; one token serves several calls."""
    before = orcid.own("GET", KELP)
    told = [orcid.own("POST", "/group-id-record", GROUP) for _ in range(2)]
    after = orcid.own("GET", KELP)

    assert isinstance(before, Told)
    assert isinstance(after, Told)
    assert [code(one) for one in told if isinstance(one, Told)] == [(201, None), (409, 9025)]
    assert [one.body["group-id"] for one in (before, after)] == [None, "orcid-generated:kelp"]
    assert len(orcid.own_tokens()) == 1


def test_a_scope_that_a_client_cannot_have_of_itself_allows_nothing(orcid: Orcid) -> None:
    """ORCID leaves it out of the token, and refuses the call."""
    told = orcid.own("POST", "/group-id-record", GROUP, scope="/activities/update")

    assert isinstance(told, Told)
    assert code(told) == (403, 9038)


def test_a_token_that_is_not_accepted_any_more_is_asked_for_anew(orcid: Orcid) -> None:
    """The call that met it tells 401; the next one has another token."""
    orcid.own("GET", KELP)
    (token,) = orcid.own_tokens()
    with orcid.sandbox.lock:
        grant = orcid.sandbox.grants.find(token)
        assert grant is not None
        orcid.sandbox.grants.end(grant, TokenState.DISABLED)
    statuses = [told.status for _ in range(2) if isinstance(told := orcid.own("GET", KELP), Told)]

    assert statuses == [401, 200]
    assert len(orcid.own_tokens()) == 2


@pytest.mark.parametrize("kind", [over_http, in_process], ids=["http", "in-process"])
def test_a_wrong_secret_gets_no_token(kind: Callable[[str], AbstractContextManager[Orcid]]) -> None:
    """Nothing is sent then, and the reply says why."""
    with kind("wrong") as orcid:
        assert orcid.own("GET", KELP) == NoToken("invalid_client", "Bad client credentials")


SCRIPT: list[tuple[str, str, Any, str]] = [
    ("POST", "/work", a_work("10.5555/1"), "all"),
    ("POST", "/work", a_work("10.5555/1"), "all"),
    ("POST", "/work", {"title": None}, "all"),
    ("POST", "/works", {"bulk": [{"work": a_work("10.5555/2")}, {"work": {"type": "poem"}}]}, "all"),
    ("POST", "/works", {"bulk": []}, "all"),
    ("POST", "/employment", an_employment(), "all"),
    ("PUT", "/work/1001", a_work("10.5555/1", title={"title": {"value": "Kiwi"}}) | {"put-code": 1001}, "all"),
    ("PUT", "/work/1001", a_work("10.5555/1") | {"put-code": 999}, "all"),
    ("PUT", "/work/999", a_work("10.5555/1") | {"put-code": 999}, "all"),
    ("GET", "/works", None, "all"),
    ("GET", "/works/1001,1002,999", None, "all"),
    ("GET", "/employments", None, "reading"),
    ("GET", "/work/1001", None, "reading"),
    ("GET", "/work/999", None, "all"),
    ("GET", "/work/nine", None, "all"),
    ("DELETE", "/work/1001", None, "reading"),
    ("DELETE", "/work/1001", None, "all"),
    ("DELETE", "/work/1001", None, "all"),
    ("PATCH", "/work/1002", a_work(), "all"),
    ("POST", "/work", None, "all"),
    ("POST", "/work", a_work(), "no-such-token"),
    ("GET", "/a%20b/caf%C3%A9", None, "all"),
]
"""Calls of every kind, right and wrong, one after the other on one record."""


def test_both_give_the_same_replies_word_for_word(both: tuple[Orcid, Orcid]) -> None:
    """Status, JSON body, media type and the path in Location, over a whole story."""
    real, fake = both

    for number, (method, path, document, token) in enumerate(SCRIPT):
        expected = real.ask(method, path, document, as_=token)
        assert fake.ask(method, path, document, as_=token) == expected, f"{number}: {method} {path}"


@pytest.mark.parametrize("state", list(RecordState))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_both_say_the_same_of_a_record_in_any_state(both: tuple[Orcid, Orcid], state: RecordState, method: str) -> None:
    """Redirects of a deprecated record included: the client follows none."""
    path = "/works" if method == "GET" else "/work" if method == "POST" else "/work/7"
    document = a_work() if method in {"POST", "PUT"} else None
    for one in both:
        one.suspend(state)

    real, fake = (one.ask(method, path, document) for one in both)

    assert fake == real
