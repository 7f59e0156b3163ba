"""Lanes without threads: one seed can drive them."""

from collections import deque
from collections.abc import Sequence

from worker.ports import HttpCall, OrcidTransport, Ticket
from worker.sending.lanes import Arrival


class InlineLanes:
    """A call is sent when its reply is collected, by the thread that collects it."""

    def __init__(self, transport: OrcidTransport, count: int = 12) -> None:
        self._transport = transport
        self._count = count
        self._waiting: deque[tuple[Ticket, HttpCall]] = deque()

    @property
    def free(self) -> int:
        """How many more calls may wait."""
        return self._count - len(self._waiting)

    def submit(self, ticket: Ticket, call: HttpCall) -> None:
        """Keeps the call until it is collected."""
        self._waiting.append((ticket, call))

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """Sends all that waits, in the order of submission."""
        del timeout  # nothing comes later
        arrived = []
        while self._waiting:
            ticket, call = self._waiting.popleft()
            arrived.append((ticket, self._transport.send(call), 0.0))
        return arrived

    def close(self, timeout: float) -> None:
        """Drops what waits: as if the process had died before sending it."""
        del timeout
        self._waiting.clear()
        self._transport.close()
