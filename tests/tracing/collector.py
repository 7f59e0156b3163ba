"""A collector of the tests: takes OTLP over HTTP, as a real one does, and holds the spans that came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1 import trace_pb2


@dataclass(frozen=True)
class Received:
    """A span as it came over the wire."""

    name: str
    trace: str
    span: str
    parent: str
    kind: int
    failed: bool
    began: float
    ended: float
    said: dict[str, Any]
    links: tuple[tuple[str, str], ...]
    resource: dict[str, Any]


@dataclass
class Collector:
    """What came; `status` is what it answers, after `slowness` seconds."""

    url: str = ""
    status: int = 200
    slowness: float = 0.0
    spans: list[Received] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def of(self, trace: str) -> list[Received]:
        """The spans of a trace, by their beginnings."""
        return sorted((one for one in self.spans if one.trace == trace), key=lambda one: one.began)

    def named(self, name: str) -> list[Received]:
        """The spans of that name."""
        return [one for one in self.spans if one.name == name]

    def one(self, name: str) -> Received:
        """The only span of that name."""
        (found,) = self.named(name)
        return found

    def take(self, body: bytes) -> None:
        """Reads what was sent, as OTLP lays it down."""
        self.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for group in request.resource_spans:
            resource = {one.key: _value(one.value) for one in group.resource.attributes}
            for scope in group.scope_spans:
                self.spans += [_received(span, resource) for span in scope.spans]


def _received(span: trace_pb2.Span, resource: dict[str, Any]) -> Received:
    return Received(
        name=span.name,
        trace=span.trace_id.hex(),
        span=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        kind=span.kind,
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        began=span.start_time_unix_nano / 1e9,
        ended=span.end_time_unix_nano / 1e9,
        said={one.key.removeprefix("orcid_sync."): _value(one.value) for one in span.attributes},
        links=tuple((one.trace_id.hex(), one.span_id.hex()) for one in span.links),
        resource=resource,
    )


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector at a free port of this machine."""
    collector = Collector()

    class Taking(BaseHTTPRequestHandler):
        """One request."""

        def do_POST(self) -> None:
            """Takes what is exported, or does not."""
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.paths.append(self.path)
            time.sleep(collector.slowness)
            if collector.status == 200:
                collector.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(collector.status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    collector.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
