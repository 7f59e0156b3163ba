"""Events in Kafka become items on records, by the real daemon."""

from typing import Any

from tests.benchmarks.institution import affiliation_event, work_event
from tests.daemon.site import Site, question

HOUSE_METRICS = (
    "orcid_sync_oldest_due_seconds",
    "orcid_sync_budget_used_ratio",
    "orcid_sync_budget_rate",
    "orcid_sync_circuit_open",
    "orcid_sync_paused",
    "orcid_sync_gaps",
)


def removed(event: dict[str, Any]) -> dict[str, Any]:
    """The removal of what the event tells."""
    return event | {"type": event["type"].replace("changed", "removed"), "data": {}}


def tombstone(event: dict[str, Any]) -> dict[str, Any]:
    """A message without a value, whose headers say what it stands for."""
    return {name: text for name, text in event.items() if name in {"type", "source", "subject"}}


def test_events_of_both_modes_become_items_and_what_cannot_be_taken_stops_nobody(site: Site) -> None:
    """One call for each change, and probes and metrics that tell of it."""
    site.institution.permit(1, 2)
    daemon = site.daemon()
    site.topics.send(site.topic, b"no event at all")
    site.topics.send_structured(site.topic, affiliation_event(1))
    site.topics.send_binary(site.topic, work_event(1, 0))
    site.topics.send_binary(site.topic, affiliation_event(2))
    site.topics.send_structured(site.topic, work_event(2, 0))
    site.until_titles({person: sorted([question(person, 0), "Lecturer"]) for person in (1, 2)})
    added = site.control.statistics().requests

    site.topics.send_binary(site.topic, affiliation_event(1, sequence=2, title="Reader"))
    site.topics.send_structured(site.topic, removed(work_event(1, 0, sequence=2)))
    site.topics.send_binary(site.topic, tombstone(affiliation_event(2)))
    site.until_titles({1: ["Reader"], 2: [question(2, 0)]})
    site.until(lambda: daemon.metric("orcid_sync_items", state="in_sync") == 2)
    changed = site.control.statistics().requests

    assert added == {"POST": 4}
    assert changed == {"POST": 4, "PUT": 1, "DELETE": 2}
    assert (daemon.probe("/healthz"), daemon.probe("/readyz")) == (200, 200)
    assert daemon.metric("orcid_sync_events_total") == 8
    assert daemon.metric("orcid_sync_events_total", type="hr.affiliation.changed", result="applied") == 4
    assert daemon.metric("orcid_sync_events_total", type="publication.removed", result="applied") == 1
    assert daemon.metric("orcid_sync_events_total", type="unknown", result="dead_letter") == 1
    assert daemon.metric("orcid_sync_calls_total", method="POST", section="employment", status="201") == 2
    assert daemon.metric("orcid_sync_calls_total", method="PUT", section="employment", status="200") == 1
    assert daemon.metric("orcid_sync_calls_total", method="DELETE", status="204") == 2
    assert daemon.metric("orcid_sync_calls_total") == daemon.metric("orcid_sync_call_seconds_count") == 7
    assert daemon.metric("orcid_sync_inbox_messages_total") == 7
    assert daemon.metric("orcid_sync_items") == 2
    assert daemon.metric("orcid_sync_consumer_lag", topic=site.topic, partition="0") == 0
    assert daemon.metric("orcid_sync_dead_letters") == 1
    assert daemon.metric("orcid_sync_grants", state="active") == 2
    assert [name for name in HOUSE_METRICS if daemon.metric(name) is None] == []
    assert site.institution.json("dead-letters", "list")["dead_letters"][0]["place"] == f"{site.topic}/0@0"


def test_a_replay_of_a_topic_that_a_daemon_has_read_makes_no_call(site: Site) -> None:
    """`replay --from-kafka` beside the running daemon takes every event again, and finds nothing to do."""
    site.institution.permit(1, 2)
    daemon = site.daemon()
    site.send(affiliation_event(1), affiliation_event(2), work_event(1, 0), affiliation_event(1, sequence=2, title="X"))
    site.topics.send_binary(site.topic, tombstone(affiliation_event(2)))
    site.until_titles({1: [question(1, 0), "X"], 2: []})
    before = site.control.statistics().requests

    summary = site.institution.json("replay", "--from-kafka")

    assert (summary["events"], sum(summary["calls"].values())) == (5, 0)
    assert site.control.statistics().requests == before
    assert daemon.stop() == 0
