"""Traces of the real daemon: from a Kafka message to the call, though the process is killed between them."""

import json
from collections.abc import Iterator

import pytest

from tests.benchmarks.institution import affiliation_event
from tests.daemon.site import STRUCTURED, Site
from tests.tracing.collector import Collector, collecting

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MAKER = "00f067aa0ba902b7"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that nothing came to yet."""
    with collecting() as made:
        yield made


def test_the_trace_of_a_message_outlives_the_process(site: Site, collector: Collector) -> None:
    """The header that tracing libraries put on a message is enough for the process that comes after a kill -9."""
    site.institution.permit(1)
    site.institution.settings |= {
        "ORCID_SYNC_TRACES_URL": collector.url,
        "ORCID_SYNC_QUIET_SECONDS": "4",
        "ORCID_SYNC_QUIET_MAX_SECONDS": "4",
    }
    first = site.daemon()
    site.until_reading(first)
    header = ("traceparent", f"00-{TRACE}-{MAKER}-01".encode())
    site.topics.send(site.topic, json.dumps(affiliation_event(1)).encode(), headers=[*STRUCTURED, header])
    site.until(lambda: bool(collector.named("map")))
    first.kill()
    assert not collector.named("POST employment")

    second = site.daemon()
    site.until(lambda: bool(collector.named("outcome")))

    assert {one.trace for one in collector.spans} == {TRACE}
    event, call = collector.one("event"), collector.one("POST employment")
    assert (event.parent, call.parent) == (MAKER, event.span)
    assert event.resource["service.instance.id"] != call.resource["service.instance.id"]
    site.until(lambda: (second.metric("orcid_sync_spans_total", result="sent") or 0) > 0)
    assert second.stop() == 0
