"""The way of an event: the real commands, one process after the other, make one trace of it at a real receiver."""

from typing import Any

from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.cli.conftest import Institution
from tests.tracing.collector import Collector
from worker.sandbox.sandbox import CLIENT_SECRET

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MAKER = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{MAKER}-01"


def take(institution: Institution, *events: dict[str, Any], code: int = 0) -> None:
    """Takes events in, in a process of its own that sends nothing."""
    ran = institution.run("replay", "--no-send", institution.log("log.jsonl", *events))
    assert ran.returncode == code, ran.stderr.decode()


def send(institution: Institution) -> None:
    """Sends what is due, in another process."""
    ran = institution.run("sync")
    assert ran.returncode == 0, ran.stdout.decode() + ran.stderr.decode()


def test_one_trace_from_event_to_call_though_the_process_ends_between(
    institution: Institution, collector: Collector
) -> None:
    """Taken and mapped by one process, planned and sent by the next: each span under the one that led to it."""
    institution.permit(1)

    take(institution, affiliation_event(1))
    send(institution)

    event = collector.one("event")
    spans = collector.of(event.trace)
    assert [one.name for one in spans] == ["event", "map", "plan", "plan", "POST employment", "outcome", "plan"]
    _, mapped, looked, planned, call, outcome, settled = spans
    assert event.parent == ""
    assert {one.parent for one in (mapped, looked, planned, call, settled)} == {event.span}
    assert outcome.parent == call.span
    assert event.said == {
        "type": "hr.affiliation.changed",
        "result": "applied",
        "place": event.said["place"],
        "source": "/hr",
        "entity": "hr.affiliation",
        "subject": "APPT-1",
        "event_id": "appt-1-1",
    }
    assert mapped.said == {"items": 1, "people": 1}
    assert [one.said["state"] for one in (looked, planned, settled)] == ["pending", "pending", "in_sync"]
    assert [one.said.get("step") for one in (looked, planned, settled)] == [None, "Add", None]
    assert call.said["http.response.status_code"] == 201
    assert (call.said["http.request.method"], call.said["verdict"]) == ("POST", "created")
    assert (call.said["person"], call.said["orcid"]) == (person_id(1), institution.orcid(1))
    assert outcome.said["verdict"] == "created"
    assert event.ended <= planned.began <= call.began <= call.ended <= settled.ended
    assert not any(one.failed for one in spans)
    told = [one.resource for one in spans]
    assert {one["service.name"] for one in told} == {"orcid-sync"}
    assert all(one["service.version"] for one in told)
    assert len({one["service.instance.id"] for one in told}) == 2
    assert set(collector.paths) == {"/v1/traces"}


def test_an_event_goes_on_with_the_trace_it_brought(institution: Institution, collector: Collector) -> None:
    """Also in the process that sends, which never saw the event."""
    institution.permit(1)

    take(institution, {**affiliation_event(1), "traceparent": TRACEPARENT})
    send(institution)

    assert {one.name for one in collector.of(TRACE)} == {"event", "map", "plan", "POST employment", "outcome"}
    assert {one.trace for one in collector.spans} == {TRACE}
    assert collector.one("event").parent == MAKER


def test_what_nobody_samples_is_not_sent(institution: Institution, collector: Collector) -> None:
    """The maker's word counts, by the SDK's own rule; so does the standard variable for those without one."""
    institution.permit(1, 2, 3)
    institution.settings |= {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}

    take(
        institution,
        {**affiliation_event(1), "traceparent": TRACEPARENT},
        {**affiliation_event(2), "traceparent": TRACEPARENT[:-2] + "00"},
        affiliation_event(3),
    )
    send(institution)

    assert {one.trace for one in collector.spans} == {TRACE}
    assert len(collector.named("POST employment")) == 1


def test_several_events_become_one_call_that_names_them(institution: Institution, collector: Collector) -> None:
    """The call stands in the newest one's trace, and links to those that nobody sent before."""
    institution.permit(1)
    take(institution, affiliation_event(1))
    send(institution)

    take(institution, *(affiliation_event(1, sequence=number, title=f"Reader {number}") for number in (2, 3, 4)))
    send(institution)

    events = {one.said["event_id"]: one for one in collector.named("event")}
    call = collector.one("PUT employment")
    assert (call.trace, call.parent) == (events["appt-1-4"].trace, events["appt-1-4"].span)
    assert set(call.links) == {(events[one].trace, events[one].span) for one in ("appt-1-3", "appt-1-2")}


def test_a_bulk_is_told_in_the_trace_of_each_of_its_items(institution: Institution, collector: Collector) -> None:
    """The call once, with links; an outcome for each item, under its own event."""
    institution.permit(1)

    take(institution, *(work_event(1, number) for number in range(3)))
    send(institution)

    events = collector.named("event")
    call = collector.one("POST work")
    assert call.said["items"] == 3
    assert call.trace in {one.trace for one in events}
    assert {trace for trace, _ in call.links} == {one.trace for one in events} - {call.trace}
    outcomes = {one.trace: one for one in collector.named("outcome")}
    assert outcomes.keys() == {one.trace for one in events}
    for trace, outcome in outcomes.items():
        if trace != call.trace:
            assert outcome.links == ((call.trace, call.span),)
    assert {one.trace for one in collector.named("plan")} == {one.trace for one in events}


def test_each_try_is_a_call_of_the_same_trace(institution: Institution, collector: Collector) -> None:
    """One that failed says so."""
    institution.permit(1)
    institution.control.fault("500:method=POST,times=1")

    take(institution, affiliation_event(1))
    send(institution)

    calls = [one for one in collector.of(collector.one("event").trace) if one.name == "POST employment"]
    assert [(one.said["http.response.status_code"], one.failed) for one in calls] == [(500, True), (201, False)]
    assert len({one.span for one in calls}) == 2


def test_an_item_that_waits_says_why_and_goes_on_later(institution: Institution, collector: Collector) -> None:
    """The permission that comes weeks after the event leads to a call in the event's trace."""
    take(institution, affiliation_event(1))
    waiting = collector.one("plan")
    assert waiting.said["state"] == "waiting"
    assert "permission" in waiting.said["reason"]

    institution.permit(1)
    send(institution)

    assert collector.one("POST employment").trace == collector.one("event").trace == waiting.trace


def test_a_removal_has_a_trace_of_its_own(institution: Institution, collector: Collector) -> None:
    """The call is what the newest event wanted."""
    institution.permit(1)
    take(institution, affiliation_event(1))
    send(institution)
    gone = affiliation_event(1, sequence=2) | {"type": "hr.affiliation.removed", "data": None}

    take(institution, gone)
    send(institution)

    removed = next(one for one in collector.named("event") if one.said["type"] == "hr.affiliation.removed")
    assert collector.one("DELETE employment").trace == removed.trace


def test_events_that_change_nothing_say_what_became_of_them(institution: Institution, collector: Collector) -> None:
    """Each in a trace of its own, or in that of the event it repeats; a bad one has failed, by which rule."""
    bad = affiliation_event(2) | {"data": {"person": {"id": "E2"}, "kind": "holiday"}}

    take(
        institution,
        affiliation_event(1, sequence=2),
        affiliation_event(1, sequence=2),
        affiliation_event(1, sequence=1),
        bad,
        code=3,
    )

    told = collector.named("event")
    assert [one.said["result"] for one in told] == ["applied", "unchanged", "superseded", "dead_letter"]
    assert [one.failed for one in told] == [False, False, False, True]
    assert told[3].said["rule"]
    assert told[1].trace == told[0].trace
    assert len({one.span for one in told}) == 4
    assert len(collector.named("map")) == 1


def test_nothing_that_logs_do_not_hold_is_told(institution: Institution, collector: Collector) -> None:
    """No token, no secret, no name, no document."""
    institution.permit(1)
    token = institution.control.grant(institution.orcid(1))["access_token"]

    take(institution, work_event(1, 1), affiliation_event(1, title="Reader in Marine Ecology"))
    send(institution)

    sent = b"".join(collector.bodies)
    assert sent
    for secret in (token, CLIENT_SECRET, institution.settings["ORCID_SYNC_VAULT_KEYS"]):
        assert secret.encode() not in sent
    for private in ("Marine Ecology", "Person 1", "On the 1-th question", "10.5555/p1.w1"):
        assert private.encode() not in sent


def test_a_path_that_is_named_is_taken(institution: Institution, collector: Collector) -> None:
    """As some collectors have one of their own."""
    institution.settings["ORCID_SYNC_TRACES_URL"] += "/otlp/in"

    take(institution, affiliation_event(1))

    assert set(collector.paths) == {"/otlp/in"}


def test_without_the_setting_nobody_is_told(institution: Institution, collector: Collector) -> None:
    """And OpenTelemetry's own variables alone start nothing."""
    institution.settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = institution.settings.pop("ORCID_SYNC_TRACES_URL")

    take(institution, affiliation_event(1))

    assert collector.paths == []
