"""Who may look at the operators' pages."""

import hmac
import time
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request

from mappers.secret import Secret
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.helpers import a_grant
from worker.reports.overview import count_overview
from worker.settings.values import BindAddress
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.operators.access import guarded
from worker.web.operators.routes import operator_routes
from worker.web.replies import one_line
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow

TOKEN = "pässword: with/colons"
PATHS = ("/", "/people", "/person?id=p1", "/dead-letters", "/held", "/operators.css")


def basic(credentials: str | bytes) -> str:
    """The header of HTTP Basic."""
    raw = credentials.encode() if isinstance(credentials, str) else credentials
    return f"Basic {b64encode(raw).decode()}"


def server(window: StoreWindow, token: str | None) -> WebServer:
    """The pages behind a token, or none."""
    secret = None if token is None else Secret(token)
    app = web_app(operator_routes(window, Counting(window, count_overview), secret, 30.0, lambda _: ""))
    return WebServer(app, BindAddress("127.0.0.1", 0))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store with one person."""
    made = SqliteStore(tmp_path_factory.mktemp("access") / "state.db", Vault([new_key()]), time.time)
    made.grants.put(a_grant())
    yield made
    made.close()


@pytest.fixture(scope="module")
def window(store: SqliteStore) -> Iterator[StoreWindow]:
    """A window on it."""
    made = StoreWindow(store.twin)
    yield made
    made.close()


@pytest.fixture(scope="module")
def locked(window: StoreWindow) -> Iterator[httpx.Client]:
    """A client without the token, of a server that has one."""
    with server(window, TOKEN) as running, httpx.Client(base_url=running.url) as client:
        yield client


@pytest.fixture(scope="module")
def open_here(window: StoreWindow) -> Iterator[httpx.Client]:
    """A client of a server that has no token."""
    with server(window, None) as running, httpx.Client(base_url=running.url) as client:
        yield client


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        pytest.param(None, 401, id="none"),
        pytest.param("", 401, id="empty"),
        pytest.param(basic(f"anybody:{TOKEN}"), 200, id="basic"),
        pytest.param(basic(f":{TOKEN}"), 200, id="basic-without-user"),
        pytest.param(basic(f"anybody:{TOKEN}").replace("Basic", "bAsIc"), 200, id="scheme-in-any-case"),
        pytest.param(basic(f"{TOKEN}:anybody"), 401, id="basic-as-user"),
        pytest.param(basic(f"anybody:{TOKEN}x"), 401, id="basic-longer"),
        pytest.param(basic(f"anybody:{TOKEN[:-1]}"), 401, id="basic-shorter"),
        pytest.param(basic(f"anybody:{TOKEN}".encode("latin-1")), 401, id="basic-not-utf-8"),
        pytest.param(basic("anybody"), 401, id="basic-without-colon"),
        pytest.param("Basic ???", 401, id="basic-broken"),
        pytest.param("Basic", 401, id="basic-alone"),
        pytest.param(f"Bearer {TOKEN}", 200, id="bearer"),
        pytest.param(f"Bearer {TOKEN}x", 401, id="bearer-wrong"),
        pytest.param("Bearer", 401, id="bearer-alone"),
        pytest.param(f"Digest {TOKEN}", 401, id="another-scheme"),
        pytest.param(TOKEN, 401, id="bare"),
    ],
)
def test_the_token_opens(locked: httpx.Client, authorization: str | None, status: int) -> None:
    """As password of any user, or as a bearer token; nothing else does, not even from this machine."""
    headers = {} if authorization is None else {b"authorization": authorization.encode()}

    reply = locked.get("/", headers=headers)

    assert reply.status_code == status
    assert ("www-authenticate" in reply.headers) == (status == 401)


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_forgotten(locked: httpx.Client, path: str) -> None:
    """Each asks for the token, and tells a browser how to give it."""
    reply = locked.get(path)

    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, 'Basic realm="orcid-sync", charset="UTF-8"')
    assert reply.headers["cache-control"] == "no-store"
    assert "orcid_sync" not in reply.text.lower().replace("orcid_sync_web_token", "")


def test_strangers_do_not_learn_who_is_known(locked: httpx.Client) -> None:
    """Without the token, a known person and an unknown one are one reply."""
    known, unknown = locked.get("/person?id=p1"), locked.get("/person?id=p2")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("authorization", [basic("x:wrong"), "Bearer wrong"])
def test_the_token_is_compared_in_constant_time(
    locked: httpx.Client, authorization: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the library's function for it, with the whole of both."""
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def spying(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spying)
    locked.get("/", headers={"authorization": authorization})

    assert compared == [(b"wrong", TOKEN.encode())]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="as-it-is"),
        pytest.param({"host": "localhost"}, 200, id="localhost"),
        pytest.param({"host": "[::1]:8080"}, 200, id="ipv6"),
        pytest.param({"host": "sync.example.edu"}, 403, id="a-name-that-points-here"),
        pytest.param({"host": "127.0.0.1.evil.example"}, 403, id="a-name-that-looks-like-it"),
        pytest.param({"host": "[::1"}, 403, id="broken-host"),
        pytest.param({"host": ""}, 403, id="no-host"),
        pytest.param({"x-forwarded-for": "127.0.0.1"}, 403, id="proxy"),
        pytest.param({"forwarded": "for=127.0.0.1"}, 403, id="proxy-by-the-standard"),
        pytest.param({"x-real-ip": "127.0.0.1"}, 403, id="another-proxy"),
    ],
)
def test_without_a_token_only_this_machine_may_look(
    open_here: httpx.Client, headers: dict[str, str], status: int
) -> None:
    """Neither who comes through a proxy, nor a web page that took our address for its own."""
    reply = open_here.get("/", headers=headers)

    assert reply.status_code == status
    assert ("ORCID_SYNC_WEB_TOKEN" in reply.text) == (status == 403)


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        pytest.param(("127.0.0.1", 1), 200, id="loopback"),
        pytest.param(("127.8.8.8", 1), 200, id="all-of-loopback"),
        pytest.param(("::1", 1), 200, id="ipv6"),
        pytest.param(("192.0.2.7", 1), 403, id="another-machine"),
        pytest.param(("2001:db8::7", 1), 403, id="another-machine-ipv6"),
        pytest.param(None, 403, id="nobody-knows"),
    ],
)
def test_without_a_token_the_peer_counts(peer: tuple[str, int] | None, status: int) -> None:
    """Whatever host it asks for."""
    page = guarded(lambda _: one_line(200, {}), None)
    scope = {"type": "http", "client": peer, "headers": [(b"host", b"127.0.0.1")]}

    assert page(Request(scope)).status_code == status
