"""A running daemon heeds what an operator says, and stops before it empties a topic into dead letters."""

from time import monotonic, sleep
from typing import Any

from tests.benchmarks.institution import affiliation_event
from tests.daemon.site import Site, load, titles

PEOPLE = range(1, 41)


def _foreign(number: int) -> dict[str, Any]:
    return affiliation_event(number) | {"id": f"w{number}", "type": "weather.changed", "subject": f"W{number}"}


def test_a_running_daemon_heeds_a_pause_within_a_turn(site: Site) -> None:
    """Amid its work; calls that are under way end, and resumed it sends the rest, all only once."""
    site.institution.permit(*PEOPLE)
    site.control.fault("slow:seconds=0.3")
    daemon = site.daemon()
    site.send(*load(PEOPLE, range(2)))
    site.until(lambda: site.writes() >= 10)

    site.institution.json("pause")
    paused_at = monotonic()
    site.until(lambda: daemon.metric("orcid_sync_paused") == 1)
    sleep(max(0.0, 2.0 - (monotonic() - paused_at)))
    arrived = site.writes()
    sleep(1.5)
    stayed = site.writes()
    ready = daemon.probe("/readyz")
    site.institution.json("resume")

    site.until_titles({person: titles(person, range(2)) for person in PEOPLE})
    seen = site.control.statistics()
    assert arrived == stayed < 2 * len(PEOPLE)
    assert ready == 200
    assert (seen.requests, seen.overlaps) == ({"POST": len(PEOPLE), "POST_BULK": len(PEOPLE)}, 0)
    assert daemon.stop() == 0


def test_a_topic_of_foreign_messages_stops_reading_until_an_operator_says_so(site: Site) -> None:
    """With few dead letters and its position unmoved; what is wanted goes out all the while."""
    site.institution.permit(1, 2)
    site.control.fault("503:times=2,retry-after=1")
    daemon = site.daemon()
    site.send(affiliation_event(1))
    site.until(lambda: daemon.metric("orcid_sync_events_total") == 1)

    site.send(*map(_foreign, range(1000)), affiliation_event(2))
    site.until(lambda: daemon.metric("orcid_sync_intake_stopped") == 1)
    site.until_titles({1: ["Lecturer"]})
    (line,) = daemon.said("reading_stopped")
    status = site.institution.json("status")
    (row,) = site.institution.json("held", "list")["held"]
    probes = daemon.probe("/healthz"), daemon.probe("/readyz")
    site.until(lambda: bool(daemon.metric("orcid_sync_consumer_lag")))
    approved = site.institution.run("approve", row["id"])

    site.until_titles({2: ["Lecturer"]})
    site.until(lambda: daemon.metric("orcid_sync_intake_stopped") == 0)
    assert "the rule unknown-type" in line["why"]
    assert line["why"] == status["reading_stopped"] == row["reason"]
    assert status["dead_letters"] <= 100
    assert (probes, approved.returncode) == ((200, 200), 0)
    assert site.institution.json("status")["dead_letters"] == 1000
    assert daemon.stop() == 0
