"""The web command: the pages alone, in a process of their own, until they are told to stop."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from state.vault import new_key
from tests.cli.conftest import COMMAND
from tests.web.consent.browsers import page_id
from tests.web.consent.site import REDIRECT_URI
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.sandbox.server import RunningSandbox

SECONDS = 30.0


@contextmanager
def serving(folder: Path, environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """The running command, and what it said when it had started."""
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen([COMMAND, "web"], env=environ, stdin=subprocess.DEVNULL, stderr=output)
    try:
        end, lines = time.monotonic() + SECONDS, list[dict[str, Any]]()
        while not (lines := [line for line in said(log) if line["event"] == "web_started"]):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        yield process, lines[0]
    finally:
        process.kill()
        process.wait()


def said(log: Path) -> list[dict[str, Any]]:
    """The whole lines of a log."""
    return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture
def environ(tmp_path: Path, stand_in: RunningSandbox) -> dict[str, str]:
    """The settings of an institution with consent pages."""
    return {
        "ORCID_SYNC_API_URL": stand_in.base_url,
        "ORCID_SYNC_AUTH_URL": stand_in.base_url,
        "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
        "ORCID_SYNC_CLIENT_SECRET": CLIENT_SECRET,
        "ORCID_SYNC_REDIRECT_URI": REDIRECT_URI,
        "ORCID_SYNC_STATE_URL": f"sqlite:///{tmp_path / 'state.db'}",
        "ORCID_SYNC_VAULT_KEYS": new_key(),
        "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
        "ORCID_SYNC_LOG_FORMAT": "json",
    }


def test_the_pages_alone(tmp_path: Path, environ: dict[str, str]) -> None:
    """Pages, probes and metrics are served until SIGTERM; what researchers' browsers ask for is not logged."""
    with serving(tmp_path, environ) as (process, started):
        url = started["web"]
        found = {path: httpx.get(url + path).status_code for path in ("/healthz", "/readyz", "/metrics", "/callback")}
        page = httpx.get(f"{url}/callback?code=abc123&state=forged456")
        process.send_signal(signal.SIGTERM)
        code = process.wait(SECONDS)
    log = (tmp_path / "web.log").read_text()

    assert started["consent_pages"] == "on"
    assert set(found.values()) == {200}
    assert page_id(page) == "state-forged-page"
    assert code == 0
    assert "abc123" not in log
    assert "forged456" not in log


def test_pages_that_are_off(tmp_path: Path, environ: dict[str, str]) -> None:
    """Without a redirect URI, and all else that they need, there are no consent pages; the log says what is missing."""
    del environ["ORCID_SYNC_REDIRECT_URI"], environ["ORCID_SYNC_CLIENT_SECRET"]
    with serving(tmp_path, environ) as (_, started):
        statuses = [httpx.get(started["web"] + path).status_code for path in ("/connect/x", "/callback")]

    assert started["consent_pages"] == "off: ORCID_SYNC_CLIENT_SECRET, ORCID_SYNC_REDIRECT_URI not set"
    assert statuses == [404, 404]


def test_pages_that_no_answer_reaches_are_off(tmp_path: Path, environ: dict[str, str]) -> None:
    """ORCID's answer goes to a page that is not ours."""
    environ["ORCID_SYNC_REDIRECT_URI"] = "https://lib.example.edu/landing"
    with serving(tmp_path, environ) as (_, started):
        status = httpx.get(started["web"] + "/callback").status_code

    assert started["consent_pages"] == "off: ORCID_SYNC_REDIRECT_URI does not end in /callback"
    assert status == 404
