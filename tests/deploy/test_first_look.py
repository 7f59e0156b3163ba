"""The services of deploy/compose.yaml at work: their own commands and settings, on a real Kafka and PostgreSQL."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.cli.conftest import COMMAND
from tests.daemon.daemons import Daemon, wait_until
from tests.deploy.compose import FirstLook, make_secrets, read_first_look
from tests.kafka.brokers import Broker, free_port
from tests.leaks.scanner import INPUTS
from tests.postgres.servers import Databases

if TYPE_CHECKING:
    from tests.kafka.topics import Topics


class Machine:
    """The services, each a process here: another port where one is taken, this machine in place of their hosts."""

    def __init__(self, first_look: FirstLook, folder: Path, moved: dict[str, str]) -> None:
        self.first_look = first_look
        self.folder = folder
        self.moved = moved
        self.secrets = make_secrets(folder)
        self.daemons: dict[str, Daemon] = {}

    def environ(self, name: str) -> dict[str, str]:
        """What a service is given."""
        environ = self.first_look.settings_of(name, self.secrets)
        return {"PATH": os.environ["PATH"]} | {key: self.here(value) for key, value in environ.items()}

    def here(self, text: str) -> str:
        """A text of the file with hosts, ports and folders as they are here."""
        for there, here in self.moved.items():
            text = text.replace(there, here)
        return text

    def start(self, name: str) -> Daemon:
        """Starts a service that goes on."""
        words = [self.here(word) for word in self.first_look.services[name].command]
        daemon = Daemon(self.environ(name), self.folder / f"{name}.log", words)
        self.daemons[name] = daemon
        return daemon.start()

    def run(self, name: str) -> subprocess.CompletedProcess[bytes]:
        """Runs a service that ends."""
        words = [self.here(word) for word in self.first_look.services[name].command]
        return subprocess.run([COMMAND, *words], env=self.environ(name), capture_output=True, timeout=60, check=False)

    def is_healthy(self, name: str) -> bool:
        """What the service's health check says."""
        kind, program, *words = self.first_look.services[name].raw["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "/opt/orcid-sync/bin/python")
        return not subprocess.run(
            [sys.executable, *map(self.here, words)], env={}, capture_output=True, timeout=20, check=False
        ).returncode


@pytest.fixture
def machine(kafka_broker: Broker, postgres: Databases, postgres_url: str, tmp_path: Path) -> Iterator[Machine]:
    """Everything moved to where it is here, and nothing started."""
    folder = tmp_path / INPUTS
    folder.mkdir()
    server = urlsplit(postgres_url)
    moved = {
        "0.0.0.0": "127.0.0.1",  # noqa: S104 - what is moved away
        "8765": str(free_port()),
        ":8080": f":{free_port()}",
        "kafka:9092": kafka_broker.bootstrap,
        "postgres:5432/orcid_sync": f"{server.hostname}:{server.port}{server.path}",
        "orcid_sync@": f"first_look_{os.getpid()}@",
        "/var/lib/orcid-sync/": f"{folder}/",
        "/stand-in/": f"{folder}/",
        ".events": f".events-{os.getpid()}",
    }
    machine = Machine(read_first_look(), folder, moved)
    user = sql.Identifier(f"first_look_{os.getpid()}")
    password = (machine.secrets / "state-password").read_text()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, sql.Literal(password)))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(server.path[1:]), user))
    yield machine
    for daemon in machine.daemons.values():
        daemon.close()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(user))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(sql.Identifier(server.path[1:])))
        admin.execute(sql.SQL("DROP ROLE {}").format(user))


def test_the_first_look_shows_something(machine: Machine, kafka_broker: Broker) -> None:
    """Sample events come by Kafka: one person's items go onto the record, another's wait, whose link then opens."""
    from tests.kafka.topics import topics_at

    orcid = machine.start("orcid")
    wait_until(lambda: machine.is_healthy("orcid"), orcid, patience=30)
    assert not machine.is_healthy("worker")
    with topics_at(kafka_broker) as topics:
        _feed(machine, topics)
        worker = machine.start("worker")
        wait_until(lambda: machine.is_healthy("worker"), worker, patience=30)
        imported = machine.run("permissions")
        assert imported.returncode == 0, imported.stderr.decode()

        wait_until(lambda: worker.metric("orcid_sync_items", state="in_sync") == 4, worker, orcid)
        wait_until(lambda: worker.metric("orcid_sync_items", state="waiting") == 2, worker, orcid)

        invited = subprocess.run(
            [COMMAND, "permission", "invite", "E2048"], env=machine.environ("worker"), capture_output=True, check=True
        )
        page = httpx.get(invited.stdout.decode().strip(), trust_env=False)
        assert page.status_code == 200
        assert b"127.0.0.1" in page.headers["content-security-policy"].encode()
        assert worker.get("/").status_code == 401  # type: ignore[union-attr]  # it answers: it is healthy
        assert worker.stop() == 0, worker.tail()
    assert orcid.stop() == 0, orcid.tail()
    assert (machine.folder / "stand-in.json").exists()


def _feed(machine: Machine, topics: "Topics") -> None:
    """What `topics` and `events` do: a topic for each source, each line of the log a message without key or headers."""
    services = machine.first_look.services
    [(log, _)] = services["events"].binds.values()
    for topic, kind in zip(("hr.events", "publication.events"), ("hr", "publication"), strict=True):
        name = topics.create(machine.here(topic), partitions=3)
        lines = [line for line in log.read_bytes().splitlines() if re.search(rf'"type": "{kind}\.'.encode(), line)]
        assert lines
        topics.send(name, *lines, key=None)
