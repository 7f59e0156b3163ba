"""A daemon whose Kafka, ORCID or state does not answer for a while."""

from urllib.parse import urlsplit

from tests.benchmarks.institution import affiliation_event, work_event
from tests.daemon.line import Line
from tests.daemon.site import Site, titles
from tests.kafka.brokers import require

PEOPLE = range(1, 6)


def test_a_daemon_waits_for_a_kafka_that_comes_up_after_it(site: Site) -> None:
    """It starts, says why nothing comes, stays alive and ready, and reads when Kafka is there."""
    broker = site.topics.broker
    require(broker, "restart")
    site.institution.permit(1)
    site.send(affiliation_event(1))
    broker.stop()
    daemon = site.daemon()
    site.until(lambda: bool(daemon.said("source_troubled")))
    probes = daemon.probe("/healthz"), daemon.probe("/readyz")
    why = daemon.said("source_troubled")[0]["why"]

    broker.start()

    site.until_titles({1: ["Lecturer"]})
    site.until(lambda: bool(daemon.said("source_recovered")))
    assert probes == (200, 200)
    assert broker.bootstrap in why
    assert daemon.stop() == 0


def test_events_come_in_while_orcid_is_down_and_go_out_when_it_is_back(site: Site) -> None:
    """No partition waits for ORCID, the daemon is alive all the while, and nothing is sent twice."""
    stand_in = urlsplit(site.institution.base_url)
    with Line(str(stand_in.hostname), stand_in.port or 0) as line:
        site.institution.settings["ORCID_SYNC_API_URL"] = f"http://127.0.0.1:{line.port}"
        site.institution.permit(*PEOPLE)
        daemon = site.daemon()
        site.send(*(affiliation_event(person) for person in PEOPLE))
        site.until_titles({person: ["Lecturer"] for person in PEOPLE})

        line.cut()
        site.send(*(work_event(person, 0) for person in PEOPLE))
        site.send(*(affiliation_event(person, sequence=2) for person in PEOPLE))
        site.until(lambda: len(daemon.said("record_rests")) >= len(PEOPLE))
        site.send(*(work_event(person, 1) for person in PEOPLE))
        site.until(lambda: daemon.metric("orcid_sync_events_total") == 4 * len(PEOPLE))
        lag, health = daemon.metric("orcid_sync_consumer_lag"), daemon.probe("/healthz")
        arrived = site.writes()
        line.mend()

        site.until_titles({person: titles(person, [0, 1]) for person in PEOPLE})
        site.until_in_sync(3 * len(PEOPLE))
        assert (lag, health) == (0, 200)
        assert arrived == len(PEOPLE)
        assert site.control.statistics().overlaps == 0
        assert daemon.stop() == 0
