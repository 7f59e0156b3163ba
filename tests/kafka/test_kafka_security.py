"""Kafka behind TLS, logins and rights: who is let in, and what is said when we are not."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)
from structlog.testing import capture_logs

from mappers.events.messages import Place
from mappers.secret import Secret
from tests.kafka.certificates import Authority
from tests.kafka.guarded_kafka import CERTIFIED, PASSWORD, GuardedKafka
from tests.kafka.readers import Ledger, Reader
from tests.kafka.topics import Topics, topics_at
from worker.kafka import connection as kafka_connection
from worker.kafka import source as kafka_source
from worker.kafka.access import KafkaAccess
from worker.kafka.dead_letter_topic import DeadLetterTopic
from worker.kafka.replay_source import CannotReplayError, KafkaReplaySource
from worker.kafka.source import KafkaSource
from worker.kafka.subscription import Subscription
from worker.settings.settings import Settings, variable_of

KEY_PASSWORD = "hunter2-of-the-key"
WRONG = "hunter2-but-wrong"


@pytest.fixture
def guarded_topics(guarded_kafka: GuardedKafka) -> Iterator[Topics]:
    """Topics behind the guarded doors."""
    with topics_at(guarded_kafka) as topics:
        yield topics


def by_login(kafka: GuardedKafka, mechanism: str, *, door: str = "password", **other: Any) -> KafkaAccess:
    """With the worker's login."""
    access = KafkaAccess(
        bootstrap_servers=[kafka.door(door)],
        security_protocol="SASL_SSL" if door == "password" else "SASL_PLAINTEXT",
        sasl_mechanism=mechanism,
        sasl_username="worker",
        sasl_password=Secret(PASSWORD),
        ssl_cafile=str(kafka.authority.certificate),
    )
    return replace(access, **other)


def by_tls(kafka: GuardedKafka, door: str, files: tuple[Path, Path] | None = None, **other: Any) -> KafkaAccess:
    """With TLS, and our own certificate when there is one."""
    certificate, key = files or (None, None)
    access = KafkaAccess(
        bootstrap_servers=[kafka.door(door)],
        security_protocol="SSL",
        ssl_cafile=str(kafka.authority.certificate),
        ssl_certfile=str(certificate) if certificate else None,
        ssl_keyfile=str(key) if key else None,
    )
    return replace(access, **other)


def our_certificate(kafka: GuardedKafka, name: str = CERTIFIED, **how: Any) -> tuple[Path, Path]:
    """A certificate of ours that the brokers' authority signed."""
    return kafka.authority.issue(name, **how)


def source_of(access: KafkaAccess, topic: str, group: str | None = None) -> KafkaSource:
    """A source with an empty store."""
    subscription = Subscription(topics=[topic], group_id=group or uuid.uuid4().hex)
    return KafkaSource(access, subscription, Ledger().next_offset)


def read_and_write(access: KafkaAccess, topic: str, group: str | None = None) -> list[bytes | None]:
    """Values that were in the topic and a dead letter of ours, by way of every client that we have."""
    with closing(DeadLetterTopic(access, topic)) as dead_letters:
        dead_letters.publish(Place("june.jsonl", 4), "shape", "data")
    with closing(source_of(access, topic, group)) as source:
        live = Reader(source, Ledger()).read(2).values
    with closing(KafkaReplaySource(access, [topic])) as replayed:
        assert Reader(replayed, Ledger()).read(2).values == live
    return live


LET_IN = [
    pytest.param(lambda kafka: by_tls(kafka, "tls"), id="TLS"),
    pytest.param(lambda kafka: by_tls(kafka, "mutual", our_certificate(kafka)), id="our certificate"),
    pytest.param(
        lambda kafka: by_tls(
            kafka, "mutual", our_certificate(kafka, password=KEY_PASSWORD), ssl_password=Secret(KEY_PASSWORD)
        ),
        id="our certificate with a locked key",
    ),
    *(
        pytest.param(lambda kafka, mechanism=mechanism: by_login(kafka, mechanism), id=f"TLS and {mechanism}")
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
    ),
    pytest.param(lambda kafka: by_login(kafka, "SCRAM-SHA-512", door="clear"), id="SCRAM without TLS"),
]


@pytest.mark.parametrize("way", LET_IN)
def test_every_client_of_ours_is_let_in(way: Any, guarded_kafka: GuardedKafka, guarded_topics: Topics) -> None:
    """The consumer and its admin, the replay, and the producer of dead letters take the same settings."""
    topic = guarded_topics.create()
    guarded_topics.send(topic, b"an event")

    event, dead_letter = read_and_write(way(guarded_kafka), topic)

    assert event == b"an event"
    assert json.loads(dead_letter or b"")["reason"] == "shape"


REFUSED = [
    pytest.param(
        lambda kafka: by_login(kafka, "PLAIN", sasl_password=Secret(WRONG)),
        "refuses the login of worker by PLAIN: look at ORCID_SYNC_KAFKA_SASL_USERNAME",
        id="wrong password",
    ),
    pytest.param(
        lambda kafka: by_login(kafka, "SCRAM-SHA-512", sasl_password=Secret(WRONG)),
        "refuses the login of worker by SCRAM-SHA-512",
        id="wrong password for SCRAM",
    ),
    pytest.param(
        lambda kafka: by_login(kafka, "SCRAM-SHA-256", door="clear", sasl_username="nobody"),
        "refuses the login of nobody",
        id="unknown user",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "tls", ssl_cafile=str(Authority(kafka.folder / "x").certificate)),
        "is not trusted: ORCID_SYNC_KAFKA_SSL_CAFILE",
        id="another authority",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "tls", ssl_cafile=None),
        "is not trusted: ORCID_SYNC_KAFKA_SSL_CAFILE",
        id="the system's authorities",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "tls", bootstrap_servers=[kafka.door("tls", "localhost")]),
        "certificate is for another host: ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS",
        id="wrong host",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "mutual"),
        "asks for a certificate: set ORCID_SYNC_KAFKA_SSL_CERTFILE and ORCID_SYNC_KAFKA_SSL_KEYFILE",
        id="no certificate of ours",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "mutual", our_certificate(kafka, "late", life=-timedelta(days=1))),
        "refuses our certificate, ORCID_SYNC_KAFKA_SSL_CERTFILE, which expired on ",
        id="our certificate expired",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "mutual", Authority(kafka.folder / "y").issue(CERTIFIED)),
        "refuses our certificate, ORCID_SYNC_KAFKA_SSL_CERTFILE (",
        id="our certificate by another authority",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "tls", ssl_cafile="/nowhere/ca.pem"),
        "_CAFILE, _CERTFILE or _KEYFILE is gone",
        id="no file",
    ),
    pytest.param(
        lambda kafka: KafkaAccess(bootstrap_servers=[kafka.door("tls")]),
        "ORCID_SYNC_KAFKA_SECURITY_PROTOCOL, which is PLAINTEXT",
        id="no TLS where it is wanted",
    ),
    pytest.param(
        lambda kafka: KafkaAccess(bootstrap_servers=[kafka.door("clear")]),
        "hangs up: if it stays so, look at ORCID_SYNC_KAFKA_SECURITY_PROTOCOL",
        id="no login where it is wanted",
    ),
    pytest.param(
        lambda kafka: by_tls(kafka, "tls", bootstrap_servers=[kafka.bootstrap]),
        "no TLS is spoken at this port: look at ORCID_SYNC_KAFKA_SECURITY_PROTOCOL, which is SSL",
        id="TLS where there is none",
    ),
    pytest.param(
        lambda kafka: by_login(kafka, "PLAIN", bootstrap_servers=[kafka.door("tls")]),
        "asks for no login at this port: look at ORCID_SYNC_KAFKA_SECURITY_PROTOCOL, which is SASL_SSL",
        id="a login where none is wanted",
    ),
    pytest.param(
        lambda kafka: by_login(kafka, "PLAIN", sasl_username="guest"),
        "into the group of ORCID_SYNC_KAFKA_GROUP_ID: it takes READ",
        id="no right to the group",
    ),
]


@pytest.mark.parametrize(("way", "says"), REFUSED)
def test_a_refusal_is_trouble_in_one_line(way: Any, says: str, guarded_kafka: GuardedKafka) -> None:
    """Soon, and with the setting to look at; never with a password. The source goes on trying."""
    access = way(guarded_kafka)
    with closing(source_of(access, "hr.events")) as source, capture_logs() as logs:
        reader = Reader(source, Ledger())
        reader.until(lambda: says in str(source.trouble), patience=9)
        trouble = str(source.trouble)

    assert trouble.startswith(f"{access.bootstrap_servers[0]}: ")
    assert trouble.isprintable()
    assert "hunter2" not in f"{trouble}{logs}{access}"
    named = {word.rstrip(":,") for word in trouble.split() if word.startswith("ORCID_SYNC_")}
    assert named <= {variable_of(name) for name in Settings.model_fields}


def test_a_login_that_is_refused_is_tried_again(
    guarded_kafka: GuardedKafka, guarded_topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password may be put right at the broker: nobody has to restart the worker then."""
    monkeypatch.setattr(kafka_source, "RECONNECT_SECONDS", 1.0)
    topic, rotated = guarded_topics.create(), "hunter2-rotated"
    access = by_login(guarded_kafka, "SCRAM-SHA-512", sasl_username="late", sasl_password=Secret(rotated))
    with closing(source_of(access, topic)) as source:
        reader = Reader(source, Ledger())
        reader.until(lambda: "refuses the login of late" in str(source.trouble))
        guarded_topics.admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion("late", "SCRAM-SHA-512", rotated)]
        )
        reader.until(lambda: "Kafka does not allow us into the group" in str(source.trouble))


def test_a_refused_login_is_not_tried_all_the_time(guarded_kafka: GuardedKafka) -> None:
    """There are directories that lock who fails too often; waiting takes no longer than a poll may."""
    access = by_login(guarded_kafka, "PLAIN", sasl_password=Secret(WRONG))
    with closing(source_of(access, "hr.events")) as source:
        reader = Reader(source, Ledger())
        reader.until(lambda: "refuses the login" in str(source.trouble))
        began = monotonic()
        for _ in range(5):
            reader.turn()
        polled = monotonic() - began
        tries = source._connecting

    assert tries is None
    assert 0.4 < polled < 1.5


def test_a_replay_that_is_not_let_in_says_why(guarded_kafka: GuardedKafka) -> None:
    """One line for the operator, as soon as it is known."""
    access = by_login(guarded_kafka, "PLAIN", sasl_password=Secret(WRONG))
    with pytest.raises(
        CannotReplayError, match=r"^Kafka cannot be read: 127.0.0.1:\d+: Kafka refuses the login"
    ) as said:
        KafkaReplaySource(access, ["hr.events"])

    assert str(said.value).isprintable()


def test_a_replay_that_trusts_nobody_says_why(guarded_kafka: GuardedKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not merely that time is up."""
    monkeypatch.setattr(kafka_connection, "PATIENCE", 1.0)
    access = by_tls(guarded_kafka, "tls", ssl_cafile=None)

    with pytest.raises(CannotReplayError, match="is not trusted"):
        KafkaReplaySource(access, ["hr.events"])


def test_a_dead_letter_notice_that_may_not_be_sent_is_told_once(guarded_kafka: GuardedKafka) -> None:
    """With the reason, and without the password."""
    access = by_login(guarded_kafka, "PLAIN", sasl_password=Secret(WRONG))
    with capture_logs() as logs:
        dead_letters = DeadLetterTopic(access, "dead")
        dead_letters.publish(Place("june.jsonl", 4), "shape", None)
        deadline = monotonic() + 10
        while not logs and monotonic() < deadline:
            sleep(0.05)
        dead_letters.close(timeout=0.1)

    (line,) = logs
    assert "refuses the login of worker by PLAIN" in line["why"]
    assert "hunter2" not in str(line)


def test_the_rights_that_are_told_are_enough(guarded_kafka: GuardedKafka, guarded_topics: Topics) -> None:
    """READ on the topics and the group, WRITE on the topic of dead letters; without READ a topic is trouble."""
    topic, group = guarded_topics.create(), uuid.uuid4().hex
    guarded_topics.send(topic, b"an event")
    access = by_login(guarded_kafka, "PLAIN", sasl_username="guest")
    allow(guarded_topics, ResourceType.GROUP, group, ACLOperation.READ)
    with closing(source_of(access, topic, group)) as source:
        Reader(source, Ledger()).until(lambda: f"no right to read the topic: {topic}" == str(source.trouble))

    allow(guarded_topics, ResourceType.TOPIC, topic, ACLOperation.READ)
    allow(guarded_topics, ResourceType.TOPIC, topic, ACLOperation.WRITE)

    assert len(read_and_write(access, topic, group)) == 2


def allow(topics: Topics, kind: ResourceType, name: str, operation: ACLOperation) -> None:
    """Gives the guest a right."""
    allowed = ACL("User:guest", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))
    topics.admin.create_acls([allowed])


def test_a_tls_handshake_that_nobody_answers_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that hangs accepts connections all the same."""
    monkeypatch.setattr(kafka_connection, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = KafkaAccess(bootstrap_servers=[f"127.0.0.1:{silent.getsockname()[1]}"], security_protocol="SSL")
        with closing(source_of(access, "hr.events")) as source:
            reader = Reader(source, Ledger())
            began = monotonic()
            reader.turn()
            polled = monotonic() - began
            reader.until(lambda: "no TLS is spoken" in str(source.trouble), patience=5)

    assert polled < 0.5
