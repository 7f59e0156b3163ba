"""Three real workers on one PostgreSQL that crashes and is cut off, and one of them that is frozen for a while."""

import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import sleep
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon
from tests.daemon.line import Line
from tests.daemon.site import Site, a_site
from tests.kafka.brokers import Broker
from tests.postgres.servers import PASSWORD, Databases, choose_server, running
from tests.soak.ordeal import Ordeal
from tests.soak.university import University

PEOPLE = range(1, 31)
PARTITIONS = 6
REPLICAS = 3
LEASE_SECONDS = 4.0
"""Twice the deadline of a call: so long after its last intent a lease can't be taken over."""


@pytest.fixture
def durable(told: list[str]) -> Iterator[Databases]:
    """A server of the test's own, which keeps what it has told to be committed."""
    server = choose_server(settings=())
    if server is None or not server.is_ours:
        pytest.skip("there is no PostgreSQL here that may be killed")
    with running(server) as databases:
        told.append(f"real PostgreSQL to be killed: {server.name}")
        yield databases


@pytest.fixture
def line(durable: Databases) -> Iterator[Line]:
    """By which the workers reach it."""
    parts = urlsplit(durable.server.url)
    with Line(str(parts.hostname), parts.port or 5432) as line:
        yield line


@pytest.fixture
def site(kafka_broker: Broker, tmp_path: Path, preloaded: Preloaded, durable: Databases, line: Line) -> Iterator[Site]:
    """A site whose state is behind that line."""
    parts = urlsplit(durable.new_database())
    login = parts.netloc.rpartition("@")[0]
    url = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{line.port}"))
    with a_site(kafka_broker, tmp_path, preloaded, {"ORCID_SYNC_STATE_URL": url}) as site:
        yield site


@pytest.mark.timeout(300)
def test_replicas_outlive_their_database_and_each_other(site: Site, durable: Databases, line: Line) -> None:
    """Killed in the middle of transactions, cut off, frozen past a lease: none of it ends a worker or costs an item."""
    random = Random(7)
    site.use_topic(site.topics.create(partitions=PARTITIONS))
    ordeal = Ordeal(site, university := University(random, PEOPLE), random, PARTITIONS, scattered=True)
    ordeal.begin(university.begin(publications=1))
    daemons = [site.daemon() for _ in range(REPLICAS)]
    site.until(lambda: site.writes() >= len(PEOPLE))
    site.control.fault("slow:seconds=0.3,every=2")

    durable.server.stop()
    ordeal.live(2)
    probes = daemons[0].probe("/healthz"), daemons[0].probe("/readyz")
    durable.server.start()
    ordeal.live(2)
    line.cut()
    ordeal.live(2)
    line.mend()
    ordeal.live(2)
    freeze(daemons[1], LEASE_SECONDS + 2)
    ordeal.live(1)
    site.control.clear_faults()
    ordeal.until_right()

    assert probes == (200, 503)
    assert site.control.statistics().overlaps == 0
    assert ordeal.differences(most=10) == []
    assert all(daemon.said("store_failed") for daemon in daemons)
    assert not [daemon for daemon in daemons if PASSWORD.replace(" ", "%20") in daemon.log.read_text()]
    assert not [daemon for daemon in daemons if PASSWORD in daemon.log.read_text()]
    assert [daemon.stop() for daemon in daemons] == [0] * REPLICAS
    assert site.lag() == 0


def freeze(daemon: Daemon, seconds: float) -> None:
    """It stands still wherever it is, calls under way included, and goes on as if nothing had been."""
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    sleep(seconds)
    daemon.process.send_signal(signal.SIGCONT)
