"""Leaks planted on purpose, one a test: each must fail. Run by test_planted.py, in a pytest of its own."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.cli.preloaded import Preloaded
from tests.leaks.scanner import INPUTS
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import CLIENT_SECRET
from worker.sandbox.server import start_sandbox
from worker.settings.values import BindAddress
from worker.watching.metrics import FiguresReader, Metrics
from worker.watching.tally import Tally
from worker.web.app import web_app
from worker.web.exposition import metrics_routes
from worker.web.server import WebServer
from worker.web.store_window import StoreWindow

ORCID = "0000-0002-1825-0097"


@pytest.fixture(scope="module")
def control() -> Iterator[SandboxControl]:
    """A stand-in for all, as most tests have it."""
    with start_sandbox() as running, SandboxControl(running.base_url) as made:
        made.grant(ORCID)
        yield made


@pytest.fixture
def token(control: SandboxControl) -> str:
    """A token that was given in this test."""
    return str(control.grant(ORCID)["access_token"])


def test_innocent(token: str, tmp_path: Path) -> None:
    """What a test wrote itself is no leak: this one passes."""
    (tmp_path / INPUTS).mkdir()
    (tmp_path / INPUTS / "grants.jsonl").write_text(token)


def test_store(token: str, tmp_path: Path) -> None:
    """A token that is not sealed."""
    store = SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: 0.0)
    store.notes.put("a", token)
    store.close()


def test_wal(token: str, tmp_path: Path) -> None:
    """One that has not come to the store's main file."""
    (tmp_path / "state.db-wal").write_bytes(b"\x00" * 5000 + token.encode() + b"\x00" * 5000)


def test_refresh_token_in_a_backup(control: SandboxControl, tmp_path: Path) -> None:
    """The other token, in a folder below."""
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "monday").write_text(control.grant(ORCID)["refresh_token"])


def test_code_in_a_log_file(control: SandboxControl, tmp_path: Path) -> None:
    """A code is a secret, too."""
    (tmp_path / "daemon.log").write_text(json.dumps({"event": "callback", "query": control.code(ORCID)}))


def test_client_secret_in_a_folder(token: str, tmp_path: Path) -> None:
    """As a proxy's log would have it."""
    (tmp_path / "out.txt").write_bytes(b64encode(f"APP-1:{CLIENT_SECRET}".encode()))


def test_vault_key_in_an_export(tmp_path: Path) -> None:
    """What opens all the rest."""
    key = new_key()
    Vault([key])
    (tmp_path / "export.json").write_text(json.dumps({"keys": [key]}))


def test_log(token: str) -> None:
    """What this process logs."""
    structlog.get_logger().warning("a test", text=token)


def test_stdout(token: str) -> None:
    """What a command printed, and only the test has read."""
    subprocess.run([sys.executable, "-c", f"print('{token}')"], capture_output=True, check=True)


def test_stderr_of_ours(token: str, preloaded: Preloaded, tmp_path: Path) -> None:
    """What a command of ours complained of."""
    preloaded.run([token], {}, tmp_path, None)


def test_page(token: str) -> None:
    """A page that shows it."""
    _get([Route("/page", lambda _: Response(f"<p>{token}</p>"))], "/page")


def test_header(token: str) -> None:
    """A header of a page."""
    _get([Route("/page", lambda _: Response(headers={"location": f"/next?code={token}"}))], "/page")


def test_metric(token: str, tmp_path: Path) -> None:
    """A label of a metric."""
    tally = Tally()
    tally.events[("hr.person.changed", token)] += 1
    store = SqliteStore(tmp_path / "state.db", Vault([new_key()]), lambda: 0.0)
    window, reader = StoreWindow(store.twin), FiguresReader(rate=23.0, burst=30.0)
    _get(metrics_routes(Metrics(tally, lambda: window.look(reader.read))), "/metrics")
    window.close()
    store.close()


def _get(routes: Sequence[BaseRoute], path: str) -> None:
    with WebServer(web_app(routes), BindAddress("127.0.0.1", 0)) as server:
        assert httpx.get(server.url + path).status_code == 200
