"""The traffic: how many requests came, how fast, and whether two writes for one iD were ever under way at once."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from worker.sandbox.addresses import Part, find_address
from worker.sandbox.messages import JsonObject, Request
from worker.sandbox.sections.table import WORKS

REQUESTS_KEPT: Final = 10_000
_SECOND: Final = 1.0


@dataclass(slots=True)
class Seen:
    """One request as the log keeps it: never a token, for the headers and the body are not kept."""

    at: float
    kind: str
    path: str
    status: int | None = None
    error_code: int | None = None

    def as_json(self) -> JsonObject:
        """The entry for the control API; `status` is null while under way and when the connection was cut."""
        return {
            "at": self.at,
            "kind": self.kind,
            "path": self.path,
            "status": self.status,
            "error-code": self.error_code,
        }


@dataclass(slots=True)
class Flight:
    """A request under way."""

    seen: Seen
    writes_to: str | None
    landed: bool = False


@dataclass(slots=True)
class Traffic:
    """Counts of one server. `clock` is a monotonic one, `wall` tells the time of day."""

    clock: Callable[[], float]
    wall: Callable[[], float]
    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    limited: int = 0
    overlaps: int = 0
    peak_per_second: int = 0
    peak_in_flight: int = 0
    log: deque[Seen] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    _in_flight: int = 0
    _writing: Counter[str] = field(default_factory=Counter)
    _recent: deque[float] = field(default_factory=deque)

    def take_off(self, request: Request) -> Flight:
        """A request arrived; call this before its body is read."""
        kind, writes_to = request_kind(request)
        flight = Flight(Seen(self.wall(), kind, request.path), writes_to)
        self.log.append(flight.seen)
        self.requests[kind] += 1
        self._in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        if writes_to is not None:
            self.overlaps += self._writing[writes_to] > 0
            self._writing[writes_to] += 1
        if not kind.startswith("OAUTH"):
            self._measure_rate()
        return flight

    def carried_out(self, flight: Flight) -> None:
        """ORCID is done with it, though its reply may be on its way for long: it overlaps with no write from now on."""
        if flight.writes_to is not None:
            self._writing[flight.writes_to] -= 1
            if not self._writing[flight.writes_to]:
                del self._writing[flight.writes_to]
            flight.writes_to = None

    def land(self, flight: Flight, status: int | None, error_code: int | None = None) -> None:
        """The reply is about to leave, or the connection was cut (`status` None); a second landing changes nothing."""
        if flight.landed:
            return
        flight.landed = True
        flight.seen.status, flight.seen.error_code = status, error_code
        self.statuses["cut" if status is None else str(status)] += 1
        self._in_flight -= 1
        self.carried_out(flight)

    def forget(self) -> None:
        """Every count starts again; what is under way stays so."""
        self.requests.clear()
        self.statuses.clear()
        self.log.clear()
        self.limited = self.overlaps = self.peak_per_second = self.peak_in_flight = 0

    def as_json(self) -> JsonObject:
        """The statistics of the control API."""
        return {
            "requests": dict(self.requests),
            "statuses": dict(self.statuses),
            "limited": self.limited,
            "overlaps": self.overlaps,
            "peak_per_second": self.peak_per_second,
            "peak_in_flight": self.peak_in_flight,
        }

    def _measure_rate(self) -> None:
        now = self.clock()
        self._recent.append(now)
        while self._recent[0] <= now - _SECOND:
            self._recent.popleft()
        self.peak_per_second = max(self.peak_per_second, len(self._recent))


def request_kind(request: Request) -> tuple[str, str | None]:
    """How the request is counted (GET, POST, POST_BULK, PUT, DELETE, OAUTH …), and the iD it writes to."""
    if request.path.startswith("/oauth/"):
        return "OAUTH_" + request.path.removeprefix("/oauth/").strip("/").upper(), None
    address = find_address(request.path)
    if address is None or not address.orcid or request.method == "GET":
        return request.method, None
    if request.method == "POST" and address.of is WORKS and address.part is Part.LIST:
        return "POST_BULK", address.orcid
    return request.method, address.orcid
