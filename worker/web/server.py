"""The web server: an application on a port, in a thread that never keeps the process."""

import errno
import socket
import threading
import time
from math import ceil
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from worker.settings.values import BindAddress

START_SECONDS = 10.0
CLOSE_SECONDS = 2.0
"""How long closing takes beyond what requests under way are given."""


class BindError(Exception):
    """The port cannot be listened on: one line that names the setting."""


class WebServer:
    """Serves an application at an address from `start` to `close`; usable as a context manager.

    Requests that are under way when it ends are given `grace` seconds to be answered.
    """

    def __init__(self, app: ASGIApp, bind: BindAddress, grace: float = 1.0) -> None:
        self._bind = bind
        self._grace = grace
        self._listener: socket.socket | None = None
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=ceil(grace),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="orcid-sync-web", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return self._bind.port if self._listener is None else int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it answers, once started."""
        return f"http://{BindAddress(self._bind.host, self.port)}"

    def start(self) -> None:
        """Listens, and answers when it returns. Raises BindError when the address cannot be had."""
        self._listener = _listen(self._bind)
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                self.close()
                raise BindError(f"ORCID_SYNC_WEB_BIND: {self._bind}: the web server did not start; its log says why")
            time.sleep(0.005)

    def retire(self) -> None:
        """Takes no more requests; those under way have their `grace` from now on. Does not wait."""
        self._server.should_exit = True

    def close(self) -> None:
        """Stops, within `grace` and CLOSE_SECONDS. A second call does nothing."""
        self.retire()
        if self._thread.is_alive():
            self._thread.join(ceil(self._grace) + CLOSE_SECONDS)
        if self._listener is not None:
            self._listener.close()

    def _run(self) -> None:
        self._server.run(None if self._listener is None else [self._listener])

    def __enter__(self) -> Self:
        """The server, started."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()


def _listen(bind: BindAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    try:
        listener = socket.create_server((bind.host, bind.port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "is in use: stop what listens there, or choose another port"
        else:
            why = f"cannot be listened on ({error.strerror}): choose another address"
        raise BindError(f"ORCID_SYNC_WEB_BIND: {bind} {why}") from None
    # Connections inherit it; without it a reply on a kept connection waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
