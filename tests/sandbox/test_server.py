"""The server: starting, stopping, and staying."""

import logging
import os
import signal
import socket
import threading
import time
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from tests.sandbox.people import Person, a_person
from worker.cli.sandbox import sandbox
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import RunningSandbox, serve, start_sandbox


def test_a_port_in_use_is_an_error_at_once() -> None:
    """`OSError`, before any thread is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        before = threading.active_count()
        with pytest.raises(OSError, match="in use"):
            start_sandbox(taken.getsockname()[1])
        assert threading.active_count() == before


def test_it_closes_at_once_with_connections_open_and_calls_under_way() -> None:
    """A call that would take half a minute is cut; closing twice is fine."""
    running = start_sandbox(settings=SandboxSettings(faults=("slow:seconds=30",)))
    with httpx.Client(base_url=running.base_url) as client, SandboxControl(running.base_url) as control:
        control.records()
        with pytest.raises(httpx.ReadTimeout):
            client.get("/v3.0/x/works", timeout=httpx.Timeout(10, read=0.05))
        started = time.monotonic()
        running.close()
        running.close()
        assert time.monotonic() - started < 5
        with pytest.raises(httpx.ConnectError):
            client.get("/v3.0/x/works")


def test_one_connection_carries_a_thousand_requests(own_person: Person) -> None:
    """Keep-alive holds, and each reply comes at once (a lost TCP_NODELAY costs 40 ms a call)."""
    started = time.monotonic()
    for _ in range(1000):
        assert own_person.get("works").status_code == 200
    assert time.monotonic() - started < 30


def test_it_is_quiet(own_person: Person, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing on stdout, stderr or in the log, even when a connection is cut or a request is none."""
    own_person.control.fault("reset-before:times=1")
    with caplog.at_level(logging.WARNING), pytest.raises(httpx.ReadError):
        own_person.get("works")
    host, port = own_person.http.base_url.host, own_person.http.base_url.port
    with socket.create_connection((host, port or 0)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        connection.recv(1000)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_an_exception_of_ours_is_orcids_9008(
    own_person: Person, own_sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody thought of is a 500 with its name, and a line in the log."""
    broken: dict[int, Any] = {1: None}
    own_sandbox.sandbox.records[own_person.orcid]._items = broken
    response = own_person.get("works")
    assert (response.status_code, response.json()["error-code"]) == (500, 9008)
    assert response.json()["developer-message"] == "AttributeError"
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_it_serves_in_the_foreground_until_a_signal() -> None:
    """`orcid-sync sandbox`: announces its address, and returns on SIGTERM with the old handlers back."""
    before = signal.getsignal(signal.SIGTERM)
    seen: list[int] = []

    def announced(base_url: str) -> None:
        with SandboxControl(base_url) as control, httpx.Client(base_url=base_url) as http:
            seen.append(a_person(http, control).get("works").status_code)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()

    serve(0, announce=announced)
    assert seen == [200]
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_listens_where_it_is_told() -> None:
    """`--host`: what is announced leads there; an address that this machine has not is named."""
    with start_sandbox(host="localhost") as running, SandboxControl(running.base_url) as control:
        assert running.base_url.startswith("http://localhost:")
        assert control.statistics().requests == {}

    refused = CliRunner().invoke(sandbox, ["--host", "203.0.113.1", "--port", "8765"])
    assert refused.exit_code == 2
    assert "Error: --host 203.0.113.1 --port 8765: " in refused.output
