"""The real daemon and a Kafka that lets in only who has a password."""

from tests.benchmarks.institution import affiliation_event
from tests.daemon.site import Site
from tests.kafka.guarded_kafka import PASSWORD, GuardedKafka
from tests.kafka.topics import topics_at


def test_a_daemon_with_a_wrong_password_waits_and_tells(site: Site, guarded_kafka: GuardedKafka) -> None:
    """It is alive and ready, sends what it has, and does not end; a replay ends with one line; with it they read."""
    password = site.institution.folder / "password"
    password.write_text("hunter2-but-wrong\n")
    site.institution.settings |= {
        "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": guarded_kafka.door("password"),
        "ORCID_SYNC_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "ORCID_SYNC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "ORCID_SYNC_KAFKA_SASL_USERNAME": "worker",
        "ORCID_SYNC_KAFKA_SASL_PASSWORD_FILE": str(password),
        "ORCID_SYNC_KAFKA_SSL_CAFILE": str(guarded_kafka.authority.certificate),
    }
    site.institution.permit(1)
    with topics_at(guarded_kafka) as site.topics:
        site.use_topic(site.topics.create())
        site.send(affiliation_event(1))
        daemon = site.daemon()
        site.until(lambda: bool(daemon.said("source_troubled")))
        probes = daemon.probe("/healthz"), daemon.probe("/readyz")
        replayed = site.institution.run("replay", "--from-kafka")
        assert daemon.stop() == 0

        password.write_text(f"{PASSWORD}\n")
        daemon.start()
        site.until_titles({1: ["Lecturer"]})
        assert daemon.stop() == 0

    log, said = daemon.log.read_text(), replayed.stderr.decode()
    assert probes == (200, 200)
    assert "Kafka refuses the login of worker by SCRAM-SHA-512" in log
    assert replayed.returncode == 1
    assert "Kafka refuses the login of worker by SCRAM-SHA-512" in said
    assert len(said.splitlines()) == 1
    assert "hunter2" not in log + said + replayed.stdout.decode()
