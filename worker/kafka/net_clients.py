"""The network clients under kafka-python's consumers, producers and admins: a handle on those whose making failed."""

from threading import Lock
from typing import Any

from kafka.net.compat import KafkaNetClient


class NetClients:
    """Give it as `kafka_client`: a constructor of kafka-python that raises leaves its thread and sockets behind."""

    def __init__(self) -> None:
        self._made: list[KafkaNetClient] = []
        self._lock = Lock()

    def __call__(self, **options: Any) -> KafkaNetClient:
        """Makes a client and remembers it."""
        client = KafkaNetClient(**options)
        with self._lock:
            self._made.append(client)
        return client

    def close(self) -> None:
        """Closes all that were made since the last call; each once, for closing one twice at a time fails."""
        with self._lock:
            made, self._made = self._made, []
        for client in made:
            client.close()
