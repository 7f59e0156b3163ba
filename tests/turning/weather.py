"""Weather: what may happen to a call between us and ORCID, and a log of all calls that were made."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mappers.identifiers import OrcidId
from tests.fakes.inline_lanes import InlineLanes
from tests.fakes.set_clock import SetClock
from worker.ports import Answer, HttpCall, NoAnswer, OAuthCall, OrcidTransport, Reply, Ticket
from worker.sending.lanes import Arrival

CUT = NoAnswer("the connection was cut", sent=True, late=False)
TIMEOUT = NoAnswer("no reply in time", sent=True, late=True)
UNSENT = NoAnswer("no connection", sent=False, late=False)
FOR_EVER = 10**9
AnyCall = HttpCall | OAuthCall


def answered(status: int, body: bytes = b"", **headers: str) -> Answer:
    """A reply that ORCID did not give itself."""
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@dataclass
class Trouble:
    """The reply that matching calls get instead of ORCID's, and whether ORCID carries them out: `now`, or `later`."""

    reply: Reply
    matches: Callable[[AnyCall], bool] = lambda _: True
    times: int = FOR_EVER
    carried_out: str = "never"


@dataclass(frozen=True)
class Made:
    """A call that was made."""

    at: float
    method: str
    orcid: str
    path: str


@dataclass
class Weather:
    """A transport with troubles; the first that matches is the one that happens."""

    inner: OrcidTransport
    clock: SetClock
    seconds: float = 0.0
    troubles: list[Trouble] = field(default_factory=list)
    calls: list[Made] = field(default_factory=list)
    late: list[AnyCall] = field(default_factory=list)
    closed: bool = False

    def send(self, call: AnyCall) -> Reply:
        """Makes the call, or what is left of it; each takes `seconds`."""
        self.calls.append(Made(self.clock.now(), method_of(call), orcid_of(call), call.path))
        self.clock.advance(self.seconds)
        for trouble in self.troubles:
            if trouble.times > 0 and trouble.matches(call):
                trouble.times -= 1
                if trouble.carried_out == "now":
                    self.inner.send(call)
                elif trouble.carried_out == "later":
                    self.late.append(call)
                return trouble.reply
        return self.inner.send(call)

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True

    def carry_out_late(self) -> None:
        """What was only delayed reaches ORCID now."""
        late, self.late = self.late, []
        for call in late:
            self.inner.send(call)

    @property
    def methods(self) -> list[str]:
        """The methods of all calls, in order."""
        return [made.method for made in self.calls]

    def count(self, *methods: str) -> int:
        """How many calls had one of these methods."""
        return sum(made.method in methods for made in self.calls)


def orcid_of(call: AnyCall) -> str:
    """The iD that a call is for; empty for a form to the authorization server, which names none."""
    return "" if isinstance(call, OAuthCall) else call.path.split("/")[2]


def method_of(call: AnyCall) -> str:
    """The method of a call; `TOKEN` or `REVOKE` for a form to the authorization server."""
    return call.path.rpartition("/")[2].upper() if isinstance(call, OAuthCall) else call.method


def is_for(orcid: OrcidId | str, *methods: str) -> Callable[[AnyCall], bool]:
    """Matches calls for one iD, and of these methods if any are given."""
    return lambda call: orcid_of(call) == orcid and (not methods or method_of(call) in methods)


def by(*methods: str) -> Callable[[AnyCall], bool]:
    """Matches calls of these methods."""
    return lambda call: method_of(call) in methods


@dataclass
class Sky:
    """Who is sending for which iD, over all lanes that share it, and since when; `crossings` are two at once."""

    flying: Counter[str] = field(default_factory=Counter)
    crossings: list[str] = field(default_factory=list)
    submitted: list[float] = field(default_factory=list)


class SkyLanes(InlineLanes):
    """Inline lanes that note what is in flight from submission until its reply is collected."""

    def __init__(self, transport: OrcidTransport, sky: Sky, clock: SetClock, count: int = 12) -> None:
        super().__init__(transport, count)
        self._sky = sky
        self._clock = clock
        self._orcids: dict[Ticket, str] = {}

    def submit(self, ticket: Ticket, call: AnyCall) -> None:
        """Notes a crossing when a call for the same iD is in flight anywhere."""
        orcid = orcid_of(call)
        if orcid and self._sky.flying[orcid]:
            self._sky.crossings.append(orcid)
        self._sky.flying[orcid] += 1
        self._sky.submitted.append(self._clock.now())
        self._orcids[ticket] = orcid
        super().submit(ticket, call)

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """What comes is no longer in flight. With nothing to come, the time to wait passes."""
        arrived = list(super().collect(timeout))
        if not arrived:
            self._clock.advance(max(0.0, timeout))
        for ticket, _, _ in arrived:
            self._sky.flying[self._orcids.pop(ticket)] -= 1
        return arrived
