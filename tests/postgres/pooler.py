"""What stands between us and PostgreSQL as poolers do: with process numbers of its own, or keeping clients for good."""

import os
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from struct import pack, unpack
from urllib.parse import urlsplit, urlunsplit

import psycopg

KEY = b"K\x00\x00\x00\x0c"
"""How BackendKeyData begins (PostgreSQL's protocol 3.0): the process and its secret follow, four bytes each."""


READY = b"Z\x00\x00\x00\x05I"
"""How an answer ends, where no transaction is open."""
ENCRYPTED = (80_877_103, 80_877_104)
"""The numbers of the requests for TLS and for GSSAPI (PostgreSQL's protocol 3.0)."""
TOLD = (
    *("server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "integer_datetimes"),
    *("in_hot_standby", "default_transaction_read_only"),
)


@contextmanager
def pooler(url: str) -> Iterator[str]:
    """The URL of the same database through one that gives its own process numbers; else it hands on all."""
    parts = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        accepting = threading.Thread(target=_accept, args=(listening, parts.hostname, parts.port), daemon=True)
        accepting.start()
        credentials = parts.netloc.rpartition("@")[0]
        yield urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{port}"))
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _accept(listening: socket.socket, host: str, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            server = socket.create_connection((host, port))
            threading.Thread(target=_hand_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=_hand_on, args=(server, client, True), daemon=True).start()


def _hand_on(source: socket.socket, target: socket.socket, answers: bool) -> None:  # noqa: FBT001 - of a thread
    with suppress(OSError):
        while data := source.recv(65_536):
            place = data.find(KEY) if answers else -1
            if place >= 0:
                data = data[: place + 5] + b"\x00\x00\x00\x07" + data[place + 9 :]
                answers = False
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
    source.close()


@contextmanager
def keeping_pooler(url: str) -> Iterator[str]:
    """The URL of the same database through one whose clients stay connected when the server is gone.

    Each client has a connection of its own to the server, which is made when it says something and there is none.
    """

    class Client(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, psycopg.Error):
                _let_in(self.request, url)
                while (said := self.request.recv(65_536))[:1] not in (b"", b"X"):
                    with psycopg.connect(url) as server, suppress(OSError):
                        _serve(self.request, server, said)

    class Pooler(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Pooler(("127.0.0.1", 0), Client) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
        parts = urlsplit(url)
        credentials = parts.netloc.rpartition("@")[0]
        yield urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{listening.server_address[1]}"))
        listening.shutdown()


def _let_in(client: socket.socket, url: str) -> None:
    """Whoever says hello; nothing is encrypted."""
    while unpack("!i", _message(client)[:4])[0] in ENCRYPTED:
        client.sendall(b"N")
    with psycopg.connect(url) as server:
        told = {name: server.info.parameter_status(name) for name in TOLD}
    client.sendall(_packed(b"R", pack("!i", 0)))
    for name, value in told.items():
        client.sendall(_packed(b"S", f"{name}\0{value}\0".encode()))
    client.sendall(_packed(b"K", pack("!ii", 7, 7)) + _packed(b"Z", b"I"))


def _message(client: socket.socket) -> bytes:
    """One without a type, as there are at the beginning."""
    (length,) = unpack("!i", client.recv(4, socket.MSG_WAITALL))
    return client.recv(length - 4, socket.MSG_WAITALL)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + pack("!i", len(body) + 4) + body


def _serve(client: socket.socket, server: psycopg.Connection[tuple[object, ...]], said: bytes) -> None:
    """Until one of them has gone. What a server says unasked, when it ends say, is not for the client."""
    with socket.socket(fileno=os.dup(server.fileno())) as line:
        line.settimeout(None)
        line.sendall(said)
        asked = True
        while True:
            for ready in select.select([line, client], [], [])[0]:
                data = ready.recv(65_536)
                if not data or (ready is line and not asked):
                    return
                asked = ready is client or not data.endswith(READY)
                (line if ready is client else client).sendall(data)
