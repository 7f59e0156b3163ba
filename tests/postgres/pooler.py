"""Something between us and PostgreSQL that gives its own process numbers, as poolers do; else it hands on all."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

KEY = b"K\x00\x00\x00\x0c"
"""How BackendKeyData begins (PostgreSQL's protocol 3.0): the process and its secret follow, four bytes each."""


@contextmanager
def pooler(url: str) -> Iterator[str]:
    """The URL of the same database through it."""
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
