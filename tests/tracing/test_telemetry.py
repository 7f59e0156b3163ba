"""Telemetry under trouble: a collector that is away, slow or refuses never holds the work up, and is told of once."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags

from tests.tracing.collector import Collector
from worker.tracing import telemetry
from worker.tracing.spans import Ref, Span
from worker.tracing.telemetry import Telemetry
from worker.watching.tally import Tally

Lines = list[Any]


@contextmanager
def sending(url: str, tally: Tally) -> Iterator[Telemetry]:
    """Telemetry to that address, closed at the end."""
    made = Telemetry(url, tally, "one")
    try:
        yield made
    finally:
        made.close()


def a_span(number: int = 1, **rest: Any) -> Span:
    """A span of a trace of its own."""
    return Span("event", 10.0, 11.0, {"number": number}, Ref(number, number), **rest)


def until(done: Callable[[], bool]) -> None:
    """Waits for it, ten seconds at the most."""
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged."""
    with structlog.testing.capture_logs() as captured:
        yield captured


@pytest.fixture
def nobody() -> str:
    """An address of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collector has one second to take what is left, and a try as long."""
    monkeypatch.setattr(telemetry, "CLOSE_SECONDS", 1.0)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")


def test_what_is_taken_is_counted(collector: Collector, lines: Lines) -> None:
    """With its ids, times, links and status."""
    tally = Tally()
    with sending(collector.url, tally) as made:
        made.emit(a_span(7, links=(Ref(8, 9),), failed="500", outward=True))

    (span,) = collector.spans
    assert (span.trace, span.span) == (f"{7:032x}", f"{7:016x}")
    assert (span.began, span.ended, span.failed, span.kind) == (10.0, 11.0, True, 3)
    assert span.links == ((f"{8:032x}", f"{9:016x}"),)
    assert tally.spans == {"sent": 1}
    assert lines == []


def test_text_that_has_no_utf_8_costs_no_batch(collector: Collector) -> None:
    """It arrives as well as it can be told."""
    tally = Tally()
    with sending(collector.url, tally) as made:
        made.emit(Span("event", 1.0, 2.0, {"place": "log \ud800:1"}))
        made.emit(a_span())

    assert [one.said.get("place") for one in collector.spans] == ["log ?:1", None]
    assert tally.spans == {"sent": 2}


def test_a_collector_that_is_away_costs_nothing_but_spans(nobody: str, lines: Lines) -> None:
    """They are counted, and one line says why; the end waits a second."""
    tally = Tally()
    began = time.monotonic()
    with sending(nobody, tally) as made:
        for number in range(1, 4001):
            made.emit(a_span(number))
        took = time.monotonic() - began

    assert tally.spans["lost"] == 4000
    assert tally.spans["sent"] == 0
    told = [line for line in lines if line["event"] == "traces_lost"]
    assert len(told) == 1
    assert told[0]["why"]
    assert took < 5
    assert time.monotonic() - began < 15


def test_a_collector_that_hangs_never_holds_the_loop_up(
    collector: Collector, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is bounded: what does not fit is dropped at once."""
    monkeypatch.setattr(telemetry, "BATCH", 10)
    collector.slowness = 3.0
    tally = Tally()
    slow = telemetry.SpanQueue(_exporter(collector.url), tally, size=50)
    spans = [_readable(number) for number in range(1, 201)]

    began = time.monotonic()
    for span in spans:
        slow.on_end(span)
    took = time.monotonic() - began
    dropped = tally.spans["lost"]
    slow.shutdown()

    assert took < 1.0
    assert dropped >= 130
    assert tally.spans["lost"] + tally.spans["sent"] <= 200
    assert tally.spans["lost"] >= 180
    assert [line["event"] for line in lines] == ["traces_lost"]


def test_when_the_collector_is_back_that_is_told(collector: Collector, lines: Lines) -> None:
    """And counted from then on."""
    collector.status = 400
    tally = Tally()
    with sending(collector.url, tally) as made:
        made.emit(a_span(1))
        until(lambda: tally.spans["lost"] == 1)
        collector.status = 200
        made.emit(a_span(2))
        until(lambda: tally.spans["sent"] == 1)

    assert [line["event"] for line in lines] == ["traces_lost", "traces_sent_again"]
    assert "400" in lines[0]["why"]


def test_what_comes_after_the_end_is_lost(collector: Collector, lines: Lines) -> None:
    """Closing twice is closing once."""
    tally = Tally()
    with sending(collector.url, tally) as made:
        made.close()
        made.emit(a_span())

    assert tally.spans == {"lost": 1}
    assert len(lines) == 1


def test_a_child_of_what_is_not_sampled_is_not_sent(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the word of who made the trace, and by the share of traces that is wanted, the same in every process."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    traces = [number << 60 for number in range(1, 16)]
    for _ in range(2):
        with sending(collector.url, Tally()) as made:
            for trace in traces:
                made.emit(Span("event", 1.0, 2.0, ref=Ref(trace, 1)))
                made.emit(Span("plan", 1.0, 2.0, parent=Ref(trace, 1)))
            made.emit(Span("plan", 1.0, 2.0, parent=Ref(1, 1, sampled=False)))
            made.emit(Span("plan", 1.0, 2.0, parent=Ref(15 << 60, 1, sampled=True)))

    events = [one.trace for one in collector.named("event")]
    plans = [one.trace for one in collector.named("plan")]
    assert sorted(plans) == sorted([*events, f"{15 << 60:032x}", f"{15 << 60:032x}"])
    assert 0 < len(set(events)) < len(traces)
    assert sorted(events) == sorted(2 * list(set(events)))


def _exporter(url: str) -> OTLPSpanExporter:
    return OTLPSpanExporter(endpoint=url + telemetry.PATH)


def _readable(number: int) -> ReadableSpan:
    context = SpanContext(number, number, is_remote=False, trace_flags=TraceFlags(1))
    return ReadableSpan("event", context, resource=Resource({}), start_time=1, end_time=2)
