"""The overlays' processes are real: started with their words, settings and secrets, they answer their own probes."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import wait_until
from tests.deploy.manifests.kustomize import build, command
from tests.deploy.manifests.lint import NO_KUSTOMIZE
from tests.deploy.manifests.objects import Object
from tests.deploy.pods_here import Cluster, Pod
from tests.kafka.brokers import Broker
from tests.kafka.topics import Topics, topics_at
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.sandbox.server import start_sandbox

pytestmark = pytest.mark.skipif(command() is None, reason=NO_KUSTOMIZE)

WAITING = 300
"""People whose events are read too, so that a replay lasts long enough to be probed."""


@cache
def _built(overlay: str) -> list[Object]:
    return build(overlay)


@pytest.fixture
def pods() -> Iterator[list[Pod]]:
    """Pods that were started; none is left running."""
    started: list[Pod] = []
    yield started
    for pod in started:
        pod.process.close()


@pytest.fixture
def topics(kafka_broker: Broker) -> Iterator[Topics]:
    """Topics at the broker."""
    with topics_at(kafka_broker) as found:
        yield found


def _cluster(overlay: str, folder: Path, topics: Topics, topic: str) -> Cluster:
    cluster = Cluster(copy.deepcopy(_built(overlay)), folder)
    cluster.give(
        {
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": topics.broker.bootstrap,
            "ORCID_SYNC_KAFKA_TOPICS": topic,
            "ORCID_SYNC_KAFKA_GROUP_ID": f"group-{topic}",
            "ORCID_SYNC_SEND": "all",
            "ORCID_SYNC_QUIET_SECONDS": "0",
        },
        {},
    )
    return cluster


def _start(pods: list[Pod], cluster: Cluster, name: str) -> Pod:
    pod = cluster.pod(name)
    pods.append(pod)
    pod.process.start()
    return pod


def _ends(pod: Pod) -> None:
    """Told to end, it does so as an end that was asked for, well before Kubernetes kills it."""
    began = monotonic()
    assert pod.process.stop() == 0, pod.process.tail()
    assert monotonic() - began < pod.workload.pod["terminationGracePeriodSeconds"] / 2


def test_single(topics: Topics, tmp_path: Path, pods: list[Pod]) -> None:
    """The daemon on its volume becomes ready, and ends when it is told to; its state is on the volume, and goes on."""
    cluster = _cluster("single", tmp_path, topics, topics.create())
    pod = _start(pods, cluster, "orcid-sync")
    pod.until_ready()
    _ends(pod)
    assert (pod.root / "var/lib/orcid-sync/orcid-sync.db").exists()
    pod.process.start()
    pod.until_ready()
    _ends(pod)


def test_sandbox(topics: Topics, tmp_path: Path, pods: list[Pod]) -> None:
    """Daemon and stand-in work together with the client that the overlay names; the stand-in keeps what it has."""
    cluster = _cluster("sandbox", tmp_path, topics, topics.create())
    stand_in = _start(pods, cluster, "orcid")
    stand_in.until_ready()
    address = f"http://127.0.0.1:{stand_in.container['ports'][0]['containerPort']}"
    cluster.give({"ORCID_SYNC_API_URL": address, "ORCID_SYNC_AUTH_URL": address}, {})
    with SandboxControl(address) as control:
        control.grant(orcid_id(1))
    daemon = _start(pods, cluster, "orcid-sync")
    daemon.until_ready()
    _ends(daemon)
    _ends(stand_in)
    assert orcid_id(1) in (stand_in.root / "var/lib/orcid-sync/records.json").read_text()


def test_scaled(topics: Topics, tmp_path: Path, pods: list[Pod], postgres_url: str, preloaded: Preloaded) -> None:
    """A replay takes the topics in, the daemon sends; the drift check finds it right, whoever waits, then wrong."""
    topic = topics.create(partitions=2)
    cluster = _cluster("scaled-replay", tmp_path, topics, topic)
    with start_sandbox() as orcid, SandboxControl(orcid.base_url) as control:
        cluster.give(*_here(orcid.base_url, postgres_url))
        _permit(cluster, control, preloaded, tmp_path)
        others = (affiliation_event(number) for number in range(2, WAITING))
        for event in (affiliation_event(1), work_event(1, 1), work_event(1, 2), *others):
            topics.send_structured(topic, event)
        assert _job(pods, cluster, "orcid-sync-replay") == 0, pods[-1].process.tail()
        assert not control.record(orcid_id(1)).items
        served = [_start(pods, cluster, name) for name in ("orcid-sync", "orcid-sync-pages")]
        for pod in served:
            pod.until_ready()
        wait_until(lambda: len(control.record(orcid_id(1)).items) == 3, *(pod.process for pod in served))
        # So that there is time to probe what asks it.
        control.fault("slow-reply:seconds=4,times=1")
        assert _job(pods, cluster, "orcid-sync-drift-check") == 0, pods[-1].process.tail()
        control.remove_as_researcher(orcid_id(1), control.record(orcid_id(1)).items[0].put_code)
        assert _job(pods, cluster, "orcid-sync-drift-check", probed=False) == 3, pods[-1].process.tail()
        assert [pod.process.metric("orcid_sync_drift") for pod in served] == [1, 1]
        for pod in served:
            _ends(pod)


def _here(orcid: str, postgres_url: str) -> tuple[dict[str, str], dict[str, str]]:
    """ORCID and PostgreSQL as they are on this machine: settings, and secrets."""
    parts = urlsplit(postgres_url)
    host = f"{parts.username}@{parts.hostname}:{parts.port}"
    settings = {
        "ORCID_SYNC_STATE_URL": urlunsplit(parts._replace(netloc=host)),
        "ORCID_SYNC_API_URL": orcid,
        "ORCID_SYNC_AUTH_URL": orcid,
        "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
    }
    return settings, {"state-password": unquote(parts.password or ""), "client-secret": CLIENT_SECRET}


def _permit(cluster: Cluster, control: SandboxControl, preloaded: Preloaded, folder: Path) -> None:
    grant: dict[str, Any] = {"person_id": person_id(1), **control.grant(orcid_id(1))}
    environ = cluster.pod("orcid-sync-pages").process.environ
    ran = preloaded.run(("permission", "import", "-"), environ, folder, json.dumps(grant).encode())
    assert ran.returncode == 0, ran.stderr


def _job(pods: list[Pod], cluster: Cluster, name: str, *, probed: bool = True) -> int:
    """Runs a Job's pod, and probes it meanwhile; its exit code."""
    pod = _start(pods, cluster, name)
    if probed:
        pod.until_ready()
    return pod.until_done()
