"""The server: the stand-in on a port of this machine, in a thread (tests, demo) or in the foreground (command line)."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.sandbox.app import TRANSPORT, SandboxApp
from worker.sandbox.keeping import keep, recall
from worker.sandbox.sandbox import Sandbox, SandboxSettings

LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - in a container, whose engine says what is published
_KEEP_ALIVE_SECONDS: Final = 75
_START_SECONDS: Final = 10.0


class _CuttableProtocol(H11Protocol):
    """HTTP/1.1 that lets the application cut the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        # asyncio does this only for sockets made with IPPROTO_TCP; without it each reply waits 40 ms for an ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, TRANSPORT: transport}


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A stand-in that answers at `base_url` until it is closed; usable as a context manager.

    `sandbox` is its state, for a look behind the interface: hold `sandbox.lock` while looking.
    """

    base_url: str
    sandbox: Sandbox
    _server: uvicorn.Server
    _thread: threading.Thread

    def secrets(self) -> frozenset[str]:
        """Every access token, refresh token, code and client secret that was ever good here: what may leak nowhere."""
        with self.sandbox.lock:
            return self.sandbox.secrets()

    def close(self) -> None:
        """Stop at once; calls under way are cut. A second call does nothing."""
        self.stop()
        self._thread.join()

    def stop(self) -> None:
        """Ask it to stop, without waiting."""
        self._server.should_exit = True

    def wait(self) -> None:
        """Until it has stopped."""
        self._thread.join()

    def __enter__(self) -> Self:
        """The running stand-in."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def start_sandbox(port: int = 0, *, host: str = LOOPBACK, settings: SandboxSettings | None = None) -> RunningSandbox:
    """Start a stand-in on `port` (0: any free one).

    Raises `OSError` when the port is taken, `FaultSpecError` for a fault in the settings that cannot be understood.
    """
    return _start(Sandbox(settings or SandboxSettings()), port, host)


def _start(sandbox: Sandbox, port: int, host: str) -> RunningSandbox:
    listener = socket.create_server((host, port), backlog=256)
    config = uvicorn.Config(
        SandboxApp(sandbox),
        http=_CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="orcid-sandbox", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            listener.close()
            raise RuntimeError("the ORCID stand-in did not start")
        time.sleep(0.005)
    base_url = f"http://{LOOPBACK if host == EVERYWHERE else host}:{listener.getsockname()[1]}"
    return RunningSandbox(base_url, sandbox, server, thread)


def serve(
    port: int,
    *,
    announce: Callable[[str], None],
    host: str = LOOPBACK,
    settings: SandboxSettings | None = None,
    kept: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` gets the base URL once it answers.

    What is in the file `kept` is there from the start, and what is there in the end is in the file. Raises what
    `start_sandbox`, `recall` and `keep` raise.
    """
    sandbox = Sandbox(settings or SandboxSettings())
    if kept is not None:
        recall(sandbox, kept)
    running = _start(sandbox, port, host)
    with _stopping(running.stop):
        announce(running.base_url)
        running.wait()
    if kept is not None:
        keep(sandbox, kept)


@contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
