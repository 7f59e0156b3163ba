"""PostgreSQL servers that the tests run on: the order in which one is looked for, and what a test may ask of it."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.kafka.brokers import free_port
from tests.kafka.docker_engine import docker_answers

USER, PASSWORD = "orcid_sync", "only for tests"
IMAGE = "postgres:17"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For what is thrown away anyway; not where durability is tested."""
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "autovacuum_naptime=20s",
    "logging_collector=off",
)


class Server(Protocol):
    """A PostgreSQL server that the tests can reach as a user who may create databases and roles."""

    @property
    def name(self) -> str:
        """What it is, for the line that says which real parts were used."""
        ...

    @property
    def url(self) -> str:
        """A postgresql:// URL of a database that is always there, with the password."""
        ...

    @property
    def is_ours(self) -> bool:
        """Whether a test may stop it and start it again."""
        ...

    def start(self) -> None:
        """Starts it and waits until it serves; what was committed before is there again."""
        ...

    def stop(self) -> None:
        """Kills it as a power failure would; its files stay."""
        ...

    def remove(self) -> None:
        """Ends it and leaves nothing behind."""
        ...


class Databases:
    """Fresh databases on a running server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.made: list[str] = []
        self.at_end: list[Callable[[], None]] = []
        """What is to be closed before the server ends."""

    def new_database(self, template: str = "template0") -> str:
        """The URL of a new database: empty, or a copy of another to which nobody is connected."""
        name = f"orcid_sync_{uuid4().hex[:12]}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY")
        if template == "template0":
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        self._administer(made.format(sql.Identifier(name), sql.Identifier(template)))
        self.made.append(name)
        return in_database(self.server.url, name)

    def drop(self, url: str) -> None:
        """Drops a database that was made here, whoever is connected to it."""
        name = urlsplit(url).path.strip("/")
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self.made.remove(name)

    def drop_all(self) -> None:
        """Drops all that were made here and are still there."""
        for name in list(self.made):
            with suppress(psycopg.Error):
                self.drop(in_database(self.server.url, name))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(statement)


class GivenServer:
    """The server that POSTGRES_URL names: not ours to stop."""

    is_ours = False

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.name = f"the server at {parts.hostname}:{parts.port or 5432}"

    def start(self) -> None:
        """It runs already."""
        self.name = f"{version_of(self.url)} ({self.name})"

    def stop(self) -> None:
        """It is not ours to stop."""
        pytest.skip(f"{self.name} is not ours to stop")

    def remove(self) -> None:
        """It goes on running."""


class LocalServer:
    """A server on this machine's loopback from programs found here, with a folder of its own."""

    is_ours = True

    def __init__(self, programs: Path, origin: str, settings: Sequence[str] = QUICK) -> None:
        self.programs = programs
        self.name = f"PostgreSQL ({origin})"
        self.origin = origin
        self.settings = (*SETTINGS, *settings)
        self.port = free_port()
        self.url = f"postgresql://{USER}:{quote(PASSWORD)}@127.0.0.1:{self.port}/postgres"
        self.folder: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As a user who is not root: PostgreSQL refuses root."""
        if self.folder is None:
            self.folder = self._initialized()
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        for setting in self.settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, cwd="/", **_as_user()
            )
        self._wait()
        self.name = f"{version_of(self.url)} ({self.origin})"

    def _initialized(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="orcid-sync-postgres-"))
        (folder / "password").write_text(PASSWORD, "utf-8")
        if uid := _as_user().get("user"):
            os.chown(folder, uid, -1)
            os.chown(folder / "password", uid, -1)
        command: list[str | Path] = [self.programs / "initdb", "-D", folder / "data", "-U", USER]
        command += ["--pwfile", folder / "password"]
        command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_as_user())
        if done.returncode:
            shutil.rmtree(folder)
            raise RuntimeError(f"{self.programs / 'initdb'} failed: {done.stderr}")
        return folder

    def _wait(self, patience: float = 60.0) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.Error as error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = "" if self.folder is None else (self.folder / "log").read_text("utf-8")[-3000:]
                    self.stop()
                    raise RuntimeError(f"PostgreSQL does not serve: {error}\n{log}") from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Kills all its processes at once. What they shared is left to the next start, as after a power failure."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def copied(self, folder: Path) -> Path:
        """Its files as they are while it is stopped: a standby that hears of nothing more."""
        if self.folder is None:
            raise RuntimeError("it was never started")
        subprocess.run(["cp", "-a", self.folder / "data", folder / "lagging"], check=True)
        return folder / "lagging"

    def replaced(self, copy: Path) -> None:
        """That standby takes its place."""
        if self.folder is not None:
            shutil.rmtree(self.folder / "data")
            subprocess.run(["cp", "-a", copy, self.folder / "data"], check=True)

    def remove(self) -> None:
        """At once; nothing in it is needed any more."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # "immediate": it takes its shared memory with it
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class DockerServer:
    """A server in a container, on a port of the host that stays the same when it is restarted."""

    is_ours = True

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        port = free_port()
        self.name = f"{IMAGE} (Docker)"
        self.container = DockerContainer(IMAGE).with_bind_ports(5432, port)
        self.container.with_env("POSTGRES_USER", USER).with_env("POSTGRES_PASSWORD", PASSWORD)
        self.container.with_command("postgres -c max_connections=200")
        host = self.container.get_container_host_ip()
        self.url = f"postgresql://{USER}:{quote(PASSWORD)}@{host}:{port}/postgres"
        self.started = False

    def start(self) -> None:
        """Creates the container the first time, else starts it again."""
        if self.started:
            self.container.get_wrapped_container().start()
        else:
            self.container.start()
            self.started = True
        deadline = time.monotonic() + 60
        while True:
            try:
                self.name = f"{version_of(self.url)} (Docker)"
            except psycopg.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """Kills it; the container's data stays."""
        self.container.get_wrapped_container().kill()

    def remove(self) -> None:
        """Kills it and removes the container with its data."""
        if self.started:
            self.container.stop()


def choose_server(settings: Sequence[str] = QUICK) -> Server | None:
    """The first server of the order that can be had here; not started yet. None when there is none at all."""
    if url := os.environ.get("POSTGRES_URL"):
        return GivenServer(url)
    if docker_answers():
        return DockerServer()
    found = find_programs()
    return LocalServer(*found, settings) if found else None


def find_programs() -> tuple[Path, str] | None:
    """The folder with `initdb` and `postgres`, the newest first, and where it is from."""
    if (found := shutil.which("initdb")) and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent, "on the PATH"
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0, default=None)
    if newest is not None:
        return newest.parent, "of this system"
    package = importlib.util.find_spec("pgserver")
    for place in (package.submodule_search_locations or ()) if package else ():
        if (programs := Path(place) / "pginstall" / "bin").is_dir():
            return programs, "from PyPI"
    return None


@contextmanager
def running(server: Server) -> Iterator[Databases]:
    """The server, serving; removed in every case, and the databases that were made on it."""
    try:
        server.start()
        databases = Databases(server)
        try:
            yield databases
        finally:
            for close in databases.at_end:
                close()
            if not server.is_ours:
                databases.drop_all()
    finally:
        server.remove()


@contextmanager
def running_postgres(settings: Sequence[str] = QUICK) -> Iterator[Databases]:
    """A running server of our own choice, for what runs outside pytest. Raises LookupError when there is none."""
    server = choose_server(settings)
    if server is None:
        raise LookupError("there is no PostgreSQL here: set POSTGRES_URL, or install the package postgresql")
    with running(server) as databases:
        yield databases


def in_database(url: str, name: str) -> str:
    """The same server's URL with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def version_of(url: str) -> str:
    """`PostgreSQL 15.18`."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version") or ""
    return f"PostgreSQL {version.split()[0]}"


def _as_user() -> dict[str, Any]:
    """Whom a server's processes belong to, when we are root: as `subprocess` takes it."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}
