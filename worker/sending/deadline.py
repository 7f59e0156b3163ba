"""The deadline of a whole call, over httpcore: its own time limits are for single reads and writes.

A reply that trickles in, a body that trickles out or a host with many addresses would take many times as long as the
call may; and what is sent after its deadline meets whoever took the record over since.
"""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

END = "orcid_sync.end"
"""The request extension that says when (`steady`) the call has to be over."""
PIECE = 16 * 1024
"""Bytes written between two looks at the clock."""


def steady() -> float:
    """Seconds that pass whatever is done to the clock: also while the process is stopped, or its machine asleep."""
    # What wakes up after hours must not take itself for in time. Only Linux has a clock that counts its sleep.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class DeadlineTransport(httpx.BaseTransport):
    """Pooled connections whose every step ends with the call of the thread that takes it. Raises httpcore's errors."""

    def __init__(self, ssl_context: ssl.SSLContext | None, connections: int, keepalive_seconds: float) -> None:
        self._clock = _ThreadsEnd()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=keepalive_seconds,
            network_backend=_Backend(self._clock),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request whose extension `END` is set; its response is to be read by the same thread."""
        end: float = request.extensions[END]
        self._clock.end = end
        url = request.url
        reply = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions={"timeout": {"pool": max(0.0, end - steady())}},
            )
        )
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


class _ThreadsEnd(threading.local):
    """When the call that this thread is making has to be over."""

    end = 0.0

    def left(self, late: type[Exception]) -> float:
        """The seconds left; raises `late` when there are none."""
        seconds = self.end - steady()
        if seconds <= 0.0:
            raise late
        return seconds


class _Backend(httpcore.SyncBackend):
    def __init__(self, clock: _ThreadsEnd) -> None:
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects. A host with several addresses may have taken longer than the call has: then nothing is sent."""
        del timeout
        left = self._clock.left(httpcore.ConnectTimeout)
        stream = _Stream(super().connect_tcp(host, port, left, local_address, socket_options), self._clock)
        try:
            self._clock.left(httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            stream.close()
            raise
        return stream


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, clock: _ThreadsEnd) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._stream.read(max_bytes, self._clock.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        for start in range(0, len(buffer), PIECE):
            self._stream.write(buffer[start : start + PIECE], self._clock.left(httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        del timeout
        left = self._clock.left(httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        yield from self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()
