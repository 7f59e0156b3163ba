"""Telemetry: spans to an OpenTelemetry collector (OTLP over HTTP), from a queue and a thread of their own.

The only place that knows OpenTelemetry, which is an extra of the installation. The standard variables that the SDK
reads by itself are heeded: OTEL_TRACES_SAMPLER(_ARG), OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES and others.
"""

import contextlib
import logging
import queue
import threading
from importlib.metadata import version
from time import monotonic
from urllib.parse import urlsplit

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from worker.tracing.spans import Ref, Span
from worker.watching.tally import Tally

PATH = "/v1/traces"
"""Where collectors take spans, when the address names no path (OTLP 1.x)."""
QUEUE = 8192
"""Spans that wait; 16 MB at the most. A thousand events that are taken at once are two thousand."""
BATCH = 512
LINGER_SECONDS = 1.0
"""How long a batch waits for more."""
CLOSE_SECONDS = 3.0
"""How long the end of the process waits for the collector."""

log = structlog.get_logger()


class Telemetry:
    """Sends spans. `emit` is called by one thread; it never waits."""

    def __init__(self, url: str, tally: Tally, instance: str) -> None:
        """`url` is the collector's; `instance` names this process among the replicas."""
        endpoint = url if urlsplit(url).path.strip("/") else url.rstrip("/") + PATH
        self._ids = _Ids()
        self._queue = SpanQueue(OTLPSpanExporter(endpoint=endpoint), tally)
        given = Resource.create({"service.version": version("orcid-sync"), "service.instance.id": instance})
        if str(given.attributes[SERVICE_NAME]).startswith("unknown_service"):
            given = given.merge(Resource({SERVICE_NAME: "orcid-sync"}))
        self._provider = TracerProvider(resource=given, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(self._queue)
        self._tracer = self._provider.get_tracer("orcid-sync", version("orcid-sync"))

    def emit(self, span: Span) -> None:
        """Puts it into the queue, if it is sampled."""
        self._ids.take(span)
        began = self._tracer.start_span(
            span.name,
            context=self._under(span.parent),
            kind=SpanKind.CLIENT if span.outward else SpanKind.CONSUMER if span.inward else SpanKind.INTERNAL,
            attributes={name: _sendable(value) for name, value in span.attributes.items()},
            links=[Link(self._context(ref)) for ref in span.links],
            start_time=_nanoseconds(span.began),
        )
        if span.failed:
            began.set_status(Status(StatusCode.ERROR, span.failed))
        began.end(_nanoseconds(max(span.began, span.ended)))

    def lose(self, number: int) -> None:
        """Counted."""
        self._queue.lose(number, "what was traced could not be read")

    def close(self) -> None:
        """Waits for the collector some seconds at the most."""
        self._queue.shutdown()

    def _under(self, parent: Ref | None) -> Context:
        empty = Context()
        return empty if parent is None else set_span_in_context(NonRecordingSpan(self._context(parent)), empty)

    def _context(self, ref: Ref) -> SpanContext:
        """A span of another process, or of this one long ago: sampled as its trace was, by the same rule everywhere."""
        sampled = ref.sampled
        if sampled is None:
            decided = self._provider.sampler.should_sample(Context(), ref.trace, "event")
            sampled = decided.decision is Decision.RECORD_AND_SAMPLE
        return SpanContext(ref.trace, ref.span, is_remote=True, trace_flags=TraceFlags(int(sampled)))


class _Ids(IdGenerator):
    """Gives the ids of the span that is about to begin; by chance where it has none of its own."""

    def __init__(self) -> None:
        self._chance = RandomIdGenerator()
        self._next: Ref | None = None

    def take(self, span: Span) -> None:
        self._next = span.ref

    def generate_trace_id(self) -> int:
        return self._chance.generate_trace_id() if self._next is None else self._next.trace

    def generate_span_id(self) -> int:
        return self._chance.generate_span_id() if self._next is None or not self._next.span else self._next.span


class SpanQueue(SpanProcessor):
    """A bounded queue before an exporter, in a thread of its own: what does not fit is counted as lost."""

    def __init__(self, exporter: SpanExporter, tally: Tally, size: int = QUEUE) -> None:
        self._exporter = exporter
        self._tally = tally
        self._waiting: queue.Queue[ReadableSpan | None] = queue.Queue(size)
        self._lock = threading.Lock()
        self._well = True
        self._closing = False
        self._heard = _LastWord()
        self._thread = threading.Thread(target=self._serve, name="orcid-sync-traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Takes a span in, or drops it."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        if self._closing:
            self.lose(1, "the process ends")
            return
        try:
            self._waiting.put_nowait(span)
        except queue.Full:
            self.lose(1, "the collector takes fewer than there are")

    def lose(self, number: int, why: str) -> None:
        """Counts, and tells once when it begins."""
        with self._lock:
            self._tally.spans["lost"] += number
            began, self._well = self._well, False
        if began:
            log.warning("traces_lost", why=why, spans=number)

    def shutdown(self) -> None:
        """Sends what waits, for some seconds; what is left then is lost."""
        if self._closing:
            return
        self._closing = True
        end = monotonic() + CLOSE_SECONDS
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=CLOSE_SECONDS)
        self._thread.join(max(0.0, end - monotonic()))
        self._exporter.shutdown()
        if self._thread.is_alive():
            self._give_up()
        self._heard.close()

    def _give_up(self) -> None:
        """Whatever the exporter is at ends by its shutdown, as a failure; what still waits is not even tried."""
        left = 0
        with contextlib.suppress(queue.Empty):
            while True:
                left += self._waiting.get_nowait() is not None
        self.lose(left, "the collector was not done in time")
        self._waiting.put(None)
        self._thread.join(LINGER_SECONDS)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the SDK's word for it
        """Nothing is held back for longer than a moment."""
        return True

    def _serve(self) -> None:
        ended = False
        while not ended:
            first = self._waiting.get()
            batch = [] if first is None else [first]
            ended = first is None or self._fill(batch)
            if batch:
                self._send(batch)

    def _fill(self, batch: list[ReadableSpan]) -> bool:
        """Waits a moment for more; returns whether the end was met."""
        end = monotonic() + LINGER_SECONDS
        while len(batch) < BATCH:
            try:
                one = self._waiting.get(timeout=max(0.0, 0.0 if self._closing else end - monotonic()))
            except queue.Empty:
                return False
            if one is None:
                return True
            batch.append(one)
        return False

    def _send(self, batch: list[ReadableSpan]) -> None:
        try:
            taken = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception as error:  # noqa: BLE001 - whatever the exporter meets, the work goes on
            self.lose(len(batch), f"sending failed: {type(error).__name__}")
            return
        if not taken:
            self.lose(len(batch), self._heard.word or "the collector did not take them")
            return
        with self._lock:
            self._tally.spans["sent"] += len(batch)
            mended, self._well = not self._well, True
        if mended:
            log.info("traces_sent_again")


class _LastWord(logging.Handler):
    """Hears why the exporter failed: it says so again and again, we once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.word = ""
        self._logger = logging.getLogger("opentelemetry")
        self._logger.addHandler(self)
        self._logger.propagate = False
        if not any(isinstance(one, logging.NullHandler) for one in self._logger.handlers):
            self._logger.addHandler(logging.NullHandler())  # a last word after the end goes nowhere

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the last one."""
        self.word = " ".join(record.getMessage().split())[:300]

    def close(self) -> None:
        """Hears no more."""
        self._logger.removeHandler(self)
        super().close()


def _sendable(value: str | float | bool) -> str | int | float | bool:  # noqa: FBT001 - what attributes may be
    """A lone surrogate, such as a file's name may hold, has no UTF-8: it would cost the whole batch."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
