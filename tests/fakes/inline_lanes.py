"""Lanes without threads: one seed can drive them."""

from collections import deque
from collections.abc import Sequence

from worker.ports import HttpCall, NoAnswer, OAuthCall, OrcidTransport, Reply, Ticket
from worker.sending.lanes import Arrival


class InlineLanes:
    """A call is sent when its reply is collected, by the thread that collects it."""

    def __init__(self, transport: OrcidTransport, count: int = 12) -> None:
        self._transport = transport
        self._count = count
        self._waiting: deque[tuple[Ticket, HttpCall | OAuthCall]] = deque()

    @property
    def free(self) -> int:
        """How many more calls may wait."""
        return self._count - len(self._waiting)

    def submit(self, ticket: Ticket, call: HttpCall | OAuthCall) -> None:
        """Keeps the call until it is collected."""
        self._waiting.append((ticket, call))

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """Sends all that waits, in the order of submission."""
        del timeout  # nothing comes later
        arrived = []
        while self._waiting:
            ticket, call = self._waiting.popleft()
            arrived.append((ticket, self._send(call), 0.0))
        return arrived

    def _send(self, call: HttpCall | OAuthCall) -> Reply:
        try:
            return self._transport.send(call)
        except Exception as error:  # noqa: BLE001 - as in the real lanes
            return NoAnswer(f"sending failed inside orcid-sync: {type(error).__name__}", sent=True, late=True)

    def close(self, timeout: float) -> None:
        """Sends what waits; without any time for it, drops it, as if the process had died before sending it."""
        if timeout > 0.0:
            self.collect(timeout)
        self._waiting.clear()
        self._transport.close()
