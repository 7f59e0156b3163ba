"""The network clients under kafka-python's consumers, producers and admins: a handle on those whose making failed."""

import re
from threading import Lock
from typing import Any

from kafka.errors import KafkaConnectionError
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import NetworkSelector

from worker.kafka.connections import Connections


class NetClients:
    """Give it as `kafka_client`: a constructor of kafka-python that raises leaves its thread and sockets behind.

    `refusal` is why the last connection failed, as kafka-python says it; empty when none has since it was emptied.
    """

    def __init__(self) -> None:
        self._made: list[KafkaNetClient] = []
        self._lock = Lock()
        self.refusal = ""

    def __call__(self, **options: Any) -> KafkaNetClient:
        """Makes a client and remembers it."""
        net = NetworkSelector(**options)
        client = KafkaNetClient(net=net, manager=Connections(net, self._note, **options), **options)
        with self._lock:
            self._made.append(client)
        return client

    def close(self) -> None:
        """Closes all that were made since the last call; each once, for closing one twice at a time fails."""
        with self._lock:
            made, self._made = self._made, []
        for client in made:
            client.close()

    def _note(self, error: Exception) -> None:
        # As text, for an exception keeps alive the frames that hold its socket.
        self.refusal = said_by(error) or self.refusal


def said_by(error: Exception) -> str:
    """What an error says, on one line, with its name once; empty when it is our own end of a connection."""
    name, text = type(error).__name__, " ".join(str(error).split())
    text = re.sub(rf"^(?:(?:\[Error \d+\] )?{name}(?:: |$))+", "", text)
    if not text:
        return "" if type(error) is KafkaConnectionError else name
    return f"{name}: {text}"[:300]
