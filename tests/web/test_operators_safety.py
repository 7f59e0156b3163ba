"""The operators' pages over real HTTP: what they never show, and that whoever asks gets an answer."""

from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappers.secret import Secret
from mappers.wanted import SourceKey
from state.facts import ItemState
from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from tests.state.helpers import (
    LAURE,
    LOG,
    a_grant,
    a_key,
    a_letter,
    a_move,
    a_wanted,
)
from tests.web.operators_reader import Page, page
from worker.calling.circuit import Cause, Circuit
from worker.note_names import CIRCUIT
from worker.reports.overview import count_overview
from worker.settings.values import BindAddress
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.operators.routes import operator_routes
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow

PATHS = ("/", "/people", "/person?id=p1", "/dead-letters", "/held")
HOSTILE = "<script>alert('1')</script>\"&\u202e"


@pytest.fixture
def hostile(store: SqliteStore) -> SqliteStore:
    """A store full of what would be markup."""
    record = SourceKey(HOSTILE, HOSTILE, HOSTILE)
    for person in ("p1", HOSTILE):
        store.grants.put(a_grant(person, name=HOSTILE, reason=HOSTILE, scopes=frozenset({HOSTILE})))
        key = a_key(person, record=record, part=HOSTILE)
        store.items.want(a_wanted(key, state=ItemState.WAITING, reason=HOSTILE), None)
        store.moves.put(a_move(person, LAURE, reason=HOSTILE))
    store.letters.bury(
        a_letter(source=HOSTILE, subject=HOSTILE, place=HOSTILE, rule=HOSTILE, field=HOSTILE, message=HOSTILE)
    )
    store.logs.add_gap(LOG, 3, 9, HOSTILE)
    store.notes.put(CIRCUIT, Circuit(Cause.OURS, HOSTILE, 0.0, 100.0).text())
    hold = a_wanted(a_key("p1", record=SourceKey("/a", "b", "c")), hold=HOSTILE, hold_reason=HOSTILE, digest="d2")
    store.items.want(hold, None)
    return store


def test_what_comes_from_outside_is_text(operators: httpx.Client, hostile: SqliteStore) -> None:
    """No page holds it as markup, nor what turns the reading direction; it is shown as it was written."""
    for path in (*PATHS, f"/person?{urlencode({'id': HOSTILE})}", f"/people?{urlencode({'search': HOSTILE})}"):
        reply = operators.get(path)
        assert (reply.status_code, HOSTILE in reply.text, "\u202e" in reply.text) == (200, False, False), path
        Page(reply)
    shown = HOSTILE.replace("\u202e", " ").strip()
    listed = page(operators, "/people")
    assert [row[0] for row in listed.rows("People")] == [shown, "p1"]
    (link,) = (link for link in listed.links if "script" in link)
    assert page(operators, f"/{link}").rows("Permissions")[0][1] == shown


def test_no_page_shows_a_secret(operators: httpx.Client, store: SqliteStore) -> None:
    """Tokens and the bytes of dead letters stay where they are."""
    store.grants.put(a_grant(access_token=Secret("marker-access"), refresh_token=Secret("marker-refresh")))
    store.letters.bury(a_letter(envelope=b"marker-envelope"))

    assert [path for path in PATHS if "marker" in operators.get(path).text] == []


@pytest.mark.parametrize("path", [*PATHS, "/operators.css", "/person?id=nobody"])
def test_headers(operators: httpx.Client, path: str) -> None:
    """Nothing is cached, indexed, framed, or loaded from elsewhere; there is no script."""
    headers = operators.get(path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_the_style_is_ours(operators: httpx.Client) -> None:
    """Every page names it, and it loads nothing."""
    style = operators.get("/operators.css")

    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in style.text
    assert '<link rel="stylesheet" href="operators.css">' in operators.get("/").text


@pytest.mark.parametrize("path", PATHS)
def test_every_page_can_be_read_aloud(operators: httpx.Client, hostile: SqliteStore, path: str) -> None:
    """A language, a title, one heading, a way past the navigation, captions and scopes; no field without a label."""
    html = operators.get(path).text

    assert '<html lang="en">' in html
    assert html.count("<h1>") == 1
    assert 'href="#content"' in html
    assert html.count("<table>") == html.count("<caption>")
    assert html.count("<th scope=") == html.count("<th ")
    assert "<th>" not in html
    for field in ("search", "permission"):
        assert (f'id="{field}"' in html) == (f'<label for="{field}">' in html)


def test_the_pages_only_read(operators: httpx.Client) -> None:
    """No other method is served."""
    statuses = {operators.request(method, path).status_code for method in ("POST", "PUT", "DELETE") for path in PATHS}
    assert statuses == {405}


def test_a_store_that_does_not_answer() -> None:
    """A page that says so, without the reason: it may name hosts."""

    def away() -> Store:
        raise StoreError("the state postgresql://secret-host is away")

    window = StoreWindow(away)
    app = web_app(operator_routes(window, Counting(window, count_overview), None, 30.0, lambda _: ""))
    with WebServer(app, BindAddress("127.0.0.1", 0)) as server, httpx.Client(base_url=server.url) as client:
        replies = [client.get(path) for path in PATHS]
    window.close()

    assert {reply.status_code for reply in replies} == {503}
    assert all("secret-host" not in reply.text for reply in replies)


_PATHS = st.sampled_from(["/", "/people", "/person", "/dead-letters", "/held", "/operators.css", "/people/", "//"])
_NAMES = st.sampled_from(["id", "search", "permission", "page", "x", ""])


@given(
    path=_PATHS | st.text(max_size=30).map(lambda text: f"/{quote(text)}"),
    query=st.lists(st.tuples(_NAMES, st.text(max_size=30) | st.integers().map(str)), max_size=4),
    tail=st.binary(max_size=8),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_address_fails(
    operators: httpx.Client, hostile: SqliteStore, path: str, query: list[tuple[str, str]], tail: bytes
) -> None:
    """Whatever is asked for, the answer is a page, or that there is none."""
    reply = operators.get(f"{path}?{urlencode(query)}{quote(tail)}")

    assert reply.status_code in {200, 404, 405}
