"""The web server: probes and metrics over real HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from tests.web.hand_clock import HandClock
from worker.settings.values import BindAddress
from worker.watching.counts import counts_for_all
from worker.watching.metrics import FiguresReader, Metrics
from worker.watching.tally import Tally
from worker.web.app import web_app
from worker.web.counting import Counting
from worker.web.exposition import metrics_routes
from worker.web.health import health_routes
from worker.web.heartbeat import Heartbeat
from worker.web.security_headers import STRICT
from worker.web.server import BindError, WebServer
from worker.web.store_window import StoreWindow

ANY_PORT = BindAddress("127.0.0.1", 0)


def away() -> Store:
    """Opens a store that cannot be reached."""
    raise StoreError("the state postgresql://secret-host is away")


def broken(_: Request) -> Response:
    """A page with a bug."""
    raise ZeroDivisionError("a detail that nobody outside needs")


def served(window: StoreWindow, heartbeat: Heartbeat, tally: Tally) -> WebServer:
    """The web server of a process."""
    reader = FiguresReader(rate=23.0, burst=30.0)
    metrics = Metrics(tally, lambda: window.look(reader.read), Counting(window, counts_for_all).latest)
    app = web_app(health_routes(heartbeat, window), metrics_routes(metrics), [Route("/broken", broken)])
    return WebServer(app, ANY_PORT)


@pytest.fixture
def web(window: StoreWindow, heartbeat: Heartbeat, tally: Tally) -> Iterator[httpx.Client]:
    """A client of a running server."""
    with served(window, heartbeat, tally) as server, httpx.Client(base_url=server.url) as client:
        yield client


@pytest.fixture
def storeless(heartbeat: Heartbeat, tally: Tally) -> Iterator[httpx.Client]:
    """A client of a server whose store cannot be reached."""
    window = StoreWindow(away)
    with served(window, heartbeat, tally) as server, httpx.Client(base_url=server.url) as client:
        yield client
    window.close()


def test_alive(web: httpx.Client, clock: HandClock, heartbeat: Heartbeat) -> None:
    """The probe is green while the loop comes round, red when it did not for two minutes, and green again."""
    clock.time += 120
    alive = web.get("/healthz")
    clock.time += 1
    stuck = web.get("/healthz")
    heartbeat.beat()

    assert (alive.status_code, alive.json()) == (200, {"status": "ok", "seconds_since_turn": 120.0})
    assert (stuck.status_code, stuck.json()["status"]) == (503, "stuck")
    assert web.get("/healthz").status_code == 200


def test_ready(web: httpx.Client) -> None:
    """The probe is green when the store answers."""
    reply = web.get("/readyz")

    assert (reply.status_code, reply.json()) == (200, {"status": "ready"})


def test_ready_while_the_loop_writes(web: httpx.Client, store: SqliteStore) -> None:
    """A transaction of the loop's delays no probe."""
    with store.transaction():
        store.notes.put("a", "1")

        assert web.get("/readyz").status_code == 200


def test_without_a_store(storeless: httpx.Client) -> None:
    """Not ready, for a reason that gives nothing away; alive all the same, and the counters are served."""
    reply = storeless.get("/readyz")

    assert reply.status_code == 503
    assert reply.json()["reason"] == "the store cannot be reached; the log says why"
    assert storeless.get("/healthz").status_code == 200
    assert "orcid_sync_store_up 0.0" in storeless.get("/metrics").text


def test_metrics(web: httpx.Client) -> None:
    """Prometheus gets its text format."""
    reply = web.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'orcid_sync_items{state="in_sync"} 0.0' in reply.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/nothing", "/broken"])
def test_every_reply_is_guarded(web: httpx.Client, path: str) -> None:
    """Strict headers on every reply, also of what fails, and none that names the server."""
    reply = web.get(path)

    assert {name: reply.headers[name] for name in STRICT} == STRICT
    assert "server" not in reply.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        pytest.param("GET", "/nothing", 404, "Not Found", id="unknown-path"),
        pytest.param("GET", "/healthz/", 404, "Not Found", id="no-redirects"),
        pytest.param("POST", "/healthz", 405, "Method Not Allowed", id="post"),
        pytest.param("OPTIONS", "/metrics", 405, "Method Not Allowed", id="options"),
        pytest.param("GET", "/broken", 500, "this failed inside orcid-sync; its log says why", id="bug"),
    ],
)
def test_refusals(web: httpx.Client, method: str, path: str, status: int, said: str) -> None:
    """What is not served is refused in one line of JSON."""
    reply = web.request(method, path)

    assert (reply.status_code, reply.json()) == (status, {"error": said})
    assert reply.text.endswith("}\n")


def test_head(web: httpx.Client) -> None:
    """HEAD is GET without a body."""
    reply = web.head("/healthz")

    assert (reply.status_code, reply.content) == (200, b"")


def test_a_port_in_use(web: httpx.Client) -> None:
    """A port that is taken is one line that names the setting."""
    port = web.base_url.port or 0

    with pytest.raises(BindError) as caught:
        WebServer(web_app(), BindAddress("127.0.0.1", port)).start()

    in_use = f"127.0.0.1:{port} is in use: stop what listens there, or choose another port"
    assert str(caught.value) == f"ORCID_SYNC_WEB_BIND: {in_use}"


@pytest.mark.parametrize("host", [pytest.param("203.0.113.1", id="address"), pytest.param("no.invalid", id="name")])
def test_an_address_that_is_not_ours(host: str) -> None:
    """An address of another machine, or none at all, is one line that names the setting."""
    with pytest.raises(BindError, match=r"^ORCID_SYNC_WEB_BIND: \S+:0 cannot be listened on \(.+\): choose another"):
        WebServer(web_app(), BindAddress(host, 0)).start()


def test_closing_is_quick_and_frees_the_port(heartbeat: Heartbeat, window: StoreWindow) -> None:
    """A connection that says nothing delays no shutdown; afterwards the port is free, and closing again is no error."""
    server = WebServer(web_app(health_routes(heartbeat, window)), ANY_PORT)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)):
        port, began = server.port, time.monotonic()
        server.close()
        took = time.monotonic() - began
    server.close()

    assert took < 2
    with WebServer(web_app(), BindAddress("127.0.0.1", port)):
        pass


def test_a_request_under_way_is_answered_before_it_ends() -> None:
    """A visitor who has just come back from ORCID gets the page, though the process was told to stop; nobody new."""
    asked, go_on = threading.Event(), threading.Event()

    def slow(_: Request) -> Response:
        asked.set()
        assert go_on.wait(10)
        return Response("stored")

    server = WebServer(web_app([Route("/callback", slow)]), ANY_PORT, grace=10.0)
    server.start()
    url = f"{server.url}/callback"
    with ThreadPoolExecutor() as visitors:
        visit = visitors.submit(httpx.get, url, timeout=20)
        assert asked.wait(10)
        server.retire()
        time.sleep(1.5)  # longer than a server that gives no grace waits
        go_on.set()
        answer = visit.result(20)
        server.close()

    assert (answer.status_code, answer.text) == (200, "stored")
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_ipv6(heartbeat: Heartbeat, window: StoreWindow) -> None:
    """An IPv6 address is served as well, where the machine has one."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    server = WebServer(web_app(health_routes(heartbeat, window)), BindAddress("::1", 0))
    try:
        server.start()
    except BindError as error:
        pytest.skip(str(error))
    reply = httpx.get(f"{server.url}/healthz")
    server.close()

    assert reply.status_code == 200
