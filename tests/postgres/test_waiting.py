"""A state whose server is away when a daemon starts is waited for; what is wrong for good is told at once."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import pack

import httpx
import pytest

from state.postgres.store import PostgresStore
from state.store import AwayError, StoreError
from state.vault import Vault, new_key
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon, wait_until
from tests.postgres.servers import Databases, LocalServer, choose_server, running
from tests.postgres.test_postgres_faults import (
    Admin,
    no_database,
    no_server,
    not_allowed,
    read_only,
    too_many,
    wrong_password,
)
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox


def unknown_host(url: str, admin: Admin) -> str:
    """A name that no server of names knows."""
    return "postgresql://u@nowhere.invalid/db"


def refused_and_away(url: str, admin: Admin) -> str:
    """Of two servers one is away, and the other refuses the password."""
    away, here = no_server(url, admin).rpartition("@")[2].partition("/")[0], wrong_password(url, admin)
    return here.replace("@", f"@{away},")


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        pytest.param(no_server, True, id="no-server"),
        pytest.param(unknown_host, True, id="unknown-host"),
        pytest.param(too_many, True, id="too-many"),
        pytest.param(read_only, True, id="read-only"),
        pytest.param(wrong_password, False, id="wrong-password"),
        pytest.param(no_database, False, id="no-database"),
        pytest.param(not_allowed, False, id="not-allowed"),
        pytest.param(refused_and_away, False, id="one-away-one-refuses"),
    ],
)
def test_what_may_pass_is_told_from_what_stays(
    cause: Callable[[str, Admin], str], postgres_url: str, vault: Vault, admin: Admin, *, passes: bool
) -> None:
    """By causes as they happen."""
    with pytest.raises(StoreError) as seen:
        PostgresStore(cause(postgres_url, admin), vault)

    assert isinstance(seen.value, AwayError) is passes, str(seen.value)


def message(kind: bytes, body: bytes) -> bytes:
    """One of PostgreSQL's protocol 3.0."""
    return kind + pack("!i", len(body) + 4) + body


def let_in(**told: str) -> bytes:
    """What a server says to a client that it lets in, and of itself."""
    parameters = {"server_version": "17.2", "server_encoding": "UTF8", "client_encoding": "UTF8"} | told
    said = [message(b"S", f"{name}\0{value}\0".encode()) for name, value in parameters.items()]
    return b"".join((message(b"R", pack("!i", 0)), *said, message(b"K", pack("!ii", 7, 7)), message(b"Z", b"I")))


def refused(why: str) -> bytes:
    """What a pooler says to a client that it has no server for."""
    return message(b"E", f"SFATAL\0C08P01\0M{why}\0\0".encode())


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """The port of what says this to whoever comes, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    with client:
                        client.recv(65_536)
                        client.sendall(said)
                        client.shutdown(socket.SHUT_WR)
                        while client.recv(65_536):
                            pass

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


@pytest.mark.parametrize(
    ("said", "options", "told", "passes"),
    [
        pytest.param(
            let_in(in_hot_standby="on", default_transaction_read_only="off"),
            "sslmode=disable",
            "session is read-only: this is a standby",
            True,
            id="standby",
        ),
        pytest.param(
            let_in(in_hot_standby="on", default_transaction_read_only="off"),
            "sslmode=disable&target_session_attrs=primary",
            "server is in hot standby mode: this is a standby",
            True,
            id="standby-where-a-primary-is-asked-for",
        ),
        pytest.param(
            refused("server login has been failing, try again later (server_login_retry)"),
            "sslmode=disable",
            "server_login_retry",
            True,
            id="pooler-whose-server-is-away",
        ),
        pytest.param(
            refused("server login has been failing, cached error: password authentication failed (server_login_retry)"),
            "sslmode=disable",
            "server_login_retry",
            False,
            id="pooler-that-is-refused",
        ),
        pytest.param(
            refused("query_wait_timeout"), "sslmode=disable", "query_wait_timeout", True, id="pooler-that-waited"
        ),
        pytest.param(b"S", "sslmode=require", "EOF|eof", True, id="balancer-with-nobody-behind-it-over-tls"),
        pytest.param(b"", "sslmode=disable", "server closed the connection", True, id="balancer-with-nobody-behind-it"),
    ],
)
def test_what_stands_before_a_server_that_is_away_passes(
    said: bytes, options: str, told: str, vault: Vault, *, passes: bool
) -> None:
    """By what libpq makes of it: a failover that goes on, poolers and balancers; not what they pass on as lasting."""
    with answering(said) as port, pytest.raises(StoreError, match=told) as seen:
        PostgresStore(f"postgresql://u@127.0.0.1:{port}/db?gssencmode=disable&{options}", vault)

    assert isinstance(seen.value, AwayError) is passes, str(seen.value)


@pytest.fixture(scope="module")
def server() -> Iterator[Databases]:
    """A server that a test may stop."""
    chosen = choose_server()
    if not isinstance(chosen, LocalServer):
        pytest.skip("there is no PostgreSQL here that a test may stop")
    with running(chosen) as databases:
        yield databases


@pytest.fixture
def institution(tmp_path: Path, preloaded: Preloaded, server: Databases) -> Iterator[Institution]:
    """One whose state is on that server, and whose Kafka is down."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
    ):
        settings = {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_STATE_URL": server.new_database(),
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
            "ORCID_SYNC_LOG_FORMAT": "json",
            "ORCID_SYNC_CALL_SECONDS": "0.6",
        }
        yield Institution(tmp_path, control, stand_in.base_url, preloaded, settings)


@pytest.fixture
def daemons(institution: Institution) -> Iterator[dict[str, Daemon]]:
    """`run` and `web`, started when there is no server; they are gone at the end."""
    environ = institution.environ()
    made = {word: Daemon(environ, institution.folder / f"{word}.log", (word,)) for word in ("run", "web")}
    yield made
    for one in made.values():
        one.close()


def waiting(daemon: Daemon) -> bool:
    """Whether it said that it waits."""
    return bool(daemon.said("store_waits"))


def test_a_server_that_comes_up_late_is_waited_for(
    institution: Institution, server: Databases, daemons: dict[str, Daemon]
) -> None:
    """Alive and not ready meanwhile, with the metric that says why; then they begin. Other commands end at once."""
    server.server.stop()
    answers = {}
    try:
        for daemon in daemons.values():
            daemon.start()
        wait_until(lambda: all(map(waiting, daemons.values())), *daemons.values())
        for word, daemon in daemons.items():
            said = daemon.said("store_waits")[0]
            assert "Connection refused" in said["why"]
            pages = ("/healthz", "/readyz", "/metrics")
            answers[word] = [httpx.get(said["web"] + page, timeout=10, trust_env=False) for page in pages]
        status = institution.run("status")
    finally:
        server.server.start()

    wait_until(lambda: bool(daemons["run"].said("daemon_started")), *daemons.values())
    wait_until(lambda: bool(daemons["web"].said("web_started")), *daemons.values())
    for word, daemon in daemons.items():
        assert [answer.status_code for answer in answers[word]] == [200, 503, 200]
        assert "orcid_sync_store_up 0.0" in answers[word][2].text
        wait_until(lambda daemon=daemon: daemon.probe("/readyz") == 200, daemon)  # type: ignore[misc]
    assert (status.returncode, status.stderr.count(b"\n")) == (1, 1)
    assert [daemon.stop() for daemon in daemons.values()] == [0, 0]


def test_who_waits_for_a_server_ends_at_once_when_told(server: Databases, daemons: dict[str, Daemon]) -> None:
    """By SIGTERM, or Ctrl-C, with exit code 0."""
    server.server.stop()
    try:
        for daemon in daemons.values():
            daemon.start()
        wait_until(lambda: all(map(waiting, daemons.values())), *daemons.values())
        began = time.monotonic()
        codes = daemons["run"].stop(), daemons["web"]._end(signal.SIGINT)
        took = time.monotonic() - began
    finally:
        server.server.start()

    assert codes == (0, 0)
    assert took < 5


def test_what_is_wrong_for_good_ends_a_daemon_at_once(institution: Institution) -> None:
    """With one line, as before."""
    url = institution.settings["ORCID_SYNC_STATE_URL"]
    institution.settings["ORCID_SYNC_STATE_URL"] = url.replace("only%20for%20tests", "hunter2")

    ran = [institution.run(word) for word in ("run", "web")]

    assert [one.returncode for one in ran] == [1, 1]
    assert all(b"password authentication failed" in one.stderr and one.stderr.count(b"\n") == 1 for one in ran)
