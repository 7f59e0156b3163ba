"""Lanes in virtual time: calls take as long as they are told to, side by side, and no second passes for real."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from tests.fakes.set_clock import SetClock
from worker.ports import HttpCall, NoAnswer, OAuthCall, OrcidTransport, Reply, Ticket
from worker.sending.lanes import Arrival

AnyCall = HttpCall | OAuthCall


class TimedLanes:
    """A call reaches the transport when it is handed over; its reply is there `seconds(call)` later."""

    def __init__(
        self,
        transport: OrcidTransport,
        clock: SetClock,
        seconds: Callable[[AnyCall], float] = lambda _: 0.5,
        count: int = 12,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._seconds = seconds
        self._count = count
        self._flying: list[tuple[float, int, Ticket, Reply, float]] = []
        self._submitted = 0

    @property
    def free(self) -> int:
        """Lanes without a call; a reply that was not collected yet keeps its lane busy, as in the real ones."""
        return self._count - len(self._flying)

    @property
    def next_at(self) -> float | None:
        """When the next reply is there; None with nothing in flight."""
        return self._flying[0][0] if self._flying else None

    def submit(self, ticket: Ticket, call: AnyCall) -> None:
        """Sends the call now."""
        seconds = self._seconds(call)
        self._submitted += 1
        done_at = self._clock.now() + seconds
        heappush(self._flying, (done_at, self._submitted, ticket, self._send(call), seconds))

    def _send(self, call: AnyCall) -> Reply:
        try:
            return self._transport.send(call)
        except Exception as error:  # noqa: BLE001 - as in the real lanes
            return NoAnswer(f"sending failed inside orcid-sync: {type(error).__name__}", sent=True, late=True)

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """Replies that are there by now, the earliest first; while none is, time passes: to the next, or `timeout`."""
        next_at = self.next_at
        if timeout > 0.0 and (next_at is None or next_at > self._clock.now()):
            left = timeout if next_at is None else min(timeout, next_at - self._clock.now())
            self._clock.advance(left)
        arrived = []
        while self._flying and self._flying[0][0] <= self._clock.now():
            _, _, ticket, reply, seconds = heappop(self._flying)
            arrived.append((ticket, reply, seconds))
        return arrived

    def close(self, timeout: float) -> None:
        """What is in flight is dropped: ORCID has it, and nobody hears the reply."""
        del timeout
        self._flying.clear()
        self._transport.close()
