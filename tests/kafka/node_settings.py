"""Settings of a single Kafka node for tests: quick to start, quick to rebalance, nothing replicated."""

import re
from pathlib import Path

POM = Path(__file__).parent / "pom.xml"


def kafka_version() -> str:
    """The version that the pom pins."""
    found = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text(encoding="utf-8"))
    assert found is not None, f"{POM} pins no kafka.version"
    return found[1]


def node_settings(*, bind: str, port: int, controller: int, advertised: str, data: str) -> dict[str, str]:
    """A node that is broker and controller at once; clients reach it at `advertised`."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"PLAINTEXT://{bind}:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.session.timeout.ms": "1500",
        "broker.heartbeat.interval.ms": "300",
        "message.max.bytes": "33554432",
        "file.delete.delay.ms": "1000",
        "log.cleaner.dedupe.buffer.size": "2097152",
        "num.io.threads": "2",
        "num.network.threads": "2",
    }
