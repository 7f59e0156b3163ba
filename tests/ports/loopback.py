"""A server on the loopback that does to connections what a script says: bytes, silence, a cut."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["Visit"], None]
"""What happens to one request."""
PATIENCE = 10.0


@dataclass
class Visit:
    """One connection, once its request was read."""

    connection: socket.socket
    request: bytes
    over: threading.Event

    def say(self, *parts: bytes) -> None:
        """Sends bytes."""
        for part in parts:
            self.connection.sendall(part)

    def cut(self) -> None:
        """Resets the connection: not an end, a cut."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class Loopback:
    """The running server: what it was asked, and its address."""

    base_url: str
    listener: socket.socket
    requests: list[bytes] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        """The methods of the requests, in their order."""
        return [request.split(b" ", 1)[0].decode() for request in self.requests]

    def leave(self) -> None:
        """Refuses connections from now on."""
        self.listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def loopback(*scripts: Script) -> Iterator[Loopback]:
    """Plays the scripts, one a request on a connection of its own; the last one again and again."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    server = Loopback(f"http://127.0.0.1:{listener.getsockname()[1]}", listener)
    visits: list[threading.Thread] = []

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:  # it left
                return
            visits.append(threading.Thread(target=serve, args=(connection,)))
            visits[-1].start()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            request = _read(connection)
            if request:
                server.requests.append(request)
                script = scripts[min(len(server.requests), len(scripts)) - 1]
                script(Visit(connection, request, over))

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        over.set()
        acceptor.join()
        for visit in visits:
            visit.join()
        listener.close()


def _read(connection: socket.socket) -> bytes:
    """A whole request; nothing when the client went away."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            return b""
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    size = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < size:
        part = connection.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body


def reply(status: str = "200 OK", *headers: str, body: bytes = b"{}") -> Script:
    """A whole reply, after which the connection ends."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return lambda visit: visit.say("\r\n".join(lines).encode(), body)


def cut(visit: Visit) -> None:
    """A reset instead of a reply."""
    visit.cut()


def silence(visit: Visit) -> None:
    """No reply at all, for as long as the test takes."""
    visit.over.wait(PATIENCE)


def trickle(*parts: bytes, every: float = 0.02) -> Script:
    """These bytes, then one space or so at a time without end."""

    def play(visit: Visit) -> None:
        visit.say(*parts)
        while not visit.over.wait(every):
            visit.say(b"x")

    return play


def deaf() -> Sequence[socket.socket]:
    """A listener whose queue is full: who connects gets no answer. Close them in the end."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [listener]
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)  # noqa: FBT003 - its only argument
        with suppress(BlockingIOError):
            one.connect(listener.getsockname())
        waiting.append(one)
    return waiting
