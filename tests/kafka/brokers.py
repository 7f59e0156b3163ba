"""Brokers that the tests run on: the order in which one is looked for, and what a test may ask of it."""

import os
import random
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, Protocol

import pytest

EVERYTHING = frozenset(
    {
        "topic-ids",  # a topic made anew has another id
        "delete-records",  # the log's start can be moved, as retention does
        "transactions",  # aborted messages are not shown
        "restart",  # the tests may stop it and start it again
        "eviction",  # a member that was killed loses its partitions after its session
    }
)


class Broker(Protocol):
    """A Kafka broker that the tests can reach."""

    @property
    def name(self) -> str:
        """What it is, for the line that says which real parts were used."""
        ...

    @property
    def bootstrap(self) -> str:
        """Its address, `host:port`; the same after a restart."""
        ...

    @property
    def abilities(self) -> frozenset[str]:
        """Which of `EVERYTHING` it can do."""
        ...

    def start(self) -> None:
        """Starts it and waits until it serves; what it stored before is there again."""
        ...

    def stop(self) -> None:
        """Stops it the hard way; its data stays."""
        ...

    def remove(self) -> None:
        """Stops it and leaves nothing behind."""
        ...


class GivenBroker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names: not ours to stop."""

    abilities: ClassVar = EVERYTHING - {"restart"}

    def __init__(self, bootstrap: str) -> None:
        self.name = f"the broker at {bootstrap}"
        self.bootstrap = bootstrap

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        """It is not ours to stop."""
        pytest.skip(f"{self.name} is not ours to stop")

    def remove(self) -> None:
        """It goes on running."""


def choose_broker(cache: Path, folder: Path) -> Broker | None:
    """The first broker of the order that can be had here; not started yet. None when there is none at all."""
    from tests.kafka.apache_kafka import ApacheKafka, find_apache_kafka
    from tests.kafka.docker_engine import docker_answers
    from tests.kafka.docker_kafka import DockerKafka
    from tests.kafka.noida import NoidaBroker, find_noida

    if address := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return GivenBroker(address)
    if docker_answers():
        return DockerKafka()
    if (java := shutil.which("java")) and (libraries := find_apache_kafka(cache)):
        return ApacheKafka(java, libraries, folder)
    if noida := find_noida():
        return NoidaBroker(noida, folder)
    return None


@contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    """The broker, serving; removed in every case."""
    try:
        broker.start()
        yield broker
    finally:
        broker.remove()


def require(broker: Broker, *abilities: str) -> None:
    """Skips the test, by name and reason, where the broker cannot do what it needs."""
    if missing := set(abilities) - broker.abilities:
        pytest.skip(f"{broker.name} cannot do {', '.join(sorted(missing))}")


def free_port() -> int:
    """A port of the loopback that nothing listens on.

    From below the range that outgoing connections use: a server takes seconds to start, and a port of that range may
    be in use again by then.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for_port(address: str, patience: float = 60) -> None:
    """Waits until something accepts connections at `host:port`."""
    deadline = time.monotonic() + patience
    while not accepts(address):
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing serves at {address}")
        time.sleep(0.05)


def accepts(address: str) -> bool:
    """Whether something accepts connections at `host:port`."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
