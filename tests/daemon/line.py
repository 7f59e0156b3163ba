"""A line to a server: forwards connections at a port of its own, and can be cut and mended."""

import socket
import socketserver
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Line:
    """Whole from the start. While it is cut nothing listens at its port, and what was connected is not any more."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._ends: set[socket.socket] = set()
        self._server: _Server | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Lets connections through, at the same port as before."""
        line = self

        class Call(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                line.connect(self.request)

        self._server = _Server(("127.0.0.1", self.port), Call)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def cut(self) -> None:
        """Refuses connections, and ends those there are."""
        server, self._server = self._server, None
        assert server is not None, "it is cut already"
        server.shutdown()
        for end in list(self._ends):
            _hang_up(end)
        server.server_close()

    def connect(self, caller: socket.socket) -> None:
        """Passes on what both sides say until one hangs up."""
        with socket.create_connection(self._target) as called:
            self._ends |= {caller, called}
            back = threading.Thread(target=_pass_on, args=(called, caller), daemon=True)
            back.start()
            _pass_on(caller, called)
            back.join()
            self._ends -= {caller, called}

    def __enter__(self) -> Self:
        """The line."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cuts it for good."""
        if self._server is not None:
            self.cut()


def _pass_on(speaker: socket.socket, listener: socket.socket) -> None:
    with suppress(OSError):
        while said := speaker.recv(65_536):
            listener.sendall(said)
    _hang_up(listener)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
