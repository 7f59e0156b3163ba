"""Lanes: what sends calls side by side."""

import queue
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from time import monotonic

from worker.ports import HttpCall, NoAnswer, OAuthCall, OrcidTransport, Reply, Ticket

Arrival = tuple[Ticket, Reply, float]


class ThreadLanes:
    """A dozen threads, one connection pool: ORCID's 24 requests a second need no more."""

    def __init__(self, transport: OrcidTransport, count: int = 12) -> None:
        self._transport = transport
        self._count = count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="lane")
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._busy = 0
        self._sent: set[Future[None]] = set()

    @property
    def free(self) -> int:
        """Lanes without a call."""
        return self._count - self._busy

    def submit(self, ticket: Ticket, call: HttpCall | OAuthCall) -> None:
        """Sends the call in a thread of its own."""
        self._busy += 1
        self._sent = {one for one in self._sent if not one.done()}
        self._sent.add(self._threads.submit(self._send, ticket, call))

    def _send(self, ticket: Ticket, call: HttpCall | OAuthCall) -> None:
        began = monotonic()
        try:
            reply = self._transport.send(call)
        except Exception as error:  # noqa: BLE001 - a reply that nobody collects would hold its record for ever
            reply = NoAnswer(f"sending failed inside orcid-sync: {type(error).__name__}", sent=True, late=True)
        self._arrivals.put((ticket, reply, monotonic() - began))

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """What came, oldest first."""
        arrived: list[Arrival] = []
        try:
            arrived.append(self._arrivals.get(timeout=timeout) if timeout > 0 else self._arrivals.get_nowait())
            while True:
                arrived.append(self._arrivals.get_nowait())
        except queue.Empty:
            self._busy -= len(arrived)
            return arrived

    def close(self, timeout: float) -> None:
        """Waits for calls in flight, bounded; what comes later is dropped (its intent stays open)."""
        wait(self._sent, timeout=timeout)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()
