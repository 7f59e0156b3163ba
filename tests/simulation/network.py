"""The network: calls on their way to ORCID and back in virtual time, with what happens to them, and a watch on all."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from mappers.identifiers import OrcidId
from tests.fakes.in_process_orcid import InProcessOrcid
from tests.fakes.set_clock import SetClock
from tests.simulation.faults import CALL_SECONDS, LATEST, SETTLE_SECONDS, Fault, Troubles
from tests.turning.weather import UNSENT, method_of, orcid_of
from worker.ports import Answer, HttpCall, OAuthCall, Reply, Ticket
from worker.sandbox.records import Item
from worker.sandbox.sandbox import CLIENT_ID, Sandbox
from worker.sending.lanes import Arrival

_LOCATION = re.compile(r"/(\d+)$")
_ITEM = re.compile(r"/v[\d.]+/([\dX-]{19})/[a-z-]+/(\d+)$")
WRITES = frozenset({"POST", "PUT", "DELETE"})


@dataclass
class Flight:
    """One call: when ORCID carries it out, if it does, and when its reply is there to be read."""

    number: int
    sender: str
    ticket: Ticket
    call: HttpCall | OAuthCall
    submitted_at: float
    lands_at: float | None
    replies_at: float
    fault: Fault | None
    reply: Reply | None = None
    waits: bool = False
    """Its process was frozen before it was sent: it goes out when that one goes on."""
    held: bool = False
    """It did so wait."""
    beyond: bool = False
    doubtful: bool = False
    """What it removes is in doubt: then nobody knows what stands there."""
    progress: tuple[int, ...] = ()
    """How far the world had come when it was handed over."""


DoubtOf = Callable[[OrcidId, Sequence[Item], float], bool]
"""Whether a POST of that time that may have created these items is still in doubt."""


class Network:
    """All calls of all processes. Dead processes' calls may arrive still; nobody hears their replies."""

    def __init__(self, sandbox: Sandbox, clock: SetClock, random: Random, counts: Counter[str]) -> None:
        self.troubles = Troubles(random)
        self.in_doubt: DoubtOf = lambda _orcid, _items, _sent_at: True
        self.is_doubtful: Callable[[int], bool] = lambda _: False
        """Whether an earlier PUT or DELETE of a put-code got no clear answer."""
        self.faults: list[str] = []
        self.calls = 0
        self.progress: Callable[[], tuple[int, ...]] = tuple
        """Something that stays the same as long as nothing new happens."""
        self.said: Callable[[Item], frozenset[str]] = lambda _: frozenset()
        """By what an item is known to ORCID."""
        self.tell: Callable[[str], None] = lambda _: None
        self._orcid = InProcessOrcid(sandbox)
        self._sandbox = sandbox
        self._clock = clock
        self._random = random
        self._counts = counts
        self._flights: list[Flight] = []
        self._busy: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._put_codes: dict[int, str] = {}
        self._repeated: dict[str, tuple[int, ...]] = {}
        self._removed: dict[tuple[str, str], tuple[frozenset[str], tuple[int, ...]]] = {}
        self._trace = sha256()

    # Sending.

    def submit(self, sender: str, ticket: Ticket, call: HttpCall | OAuthCall, *, frozen: bool) -> None:
        """Takes a call over; what happens to it is drawn now. One of a process that froze may have gone out or not."""
        now = self._clock.now()
        self.calls += 1
        fault = None if frozen else self.troubles.strike(call)
        held = frozen and self._random.random() < 0.5
        self._watch(sender, call, now)
        quick = self._random.choice([0.0, 0.05, 0.2, 1.0])
        flight = Flight(
            self.calls, sender, ticket, call, now, now + quick / 2, now + quick, fault, waits=held, held=held
        )
        if fault is not None:
            self._counts[fault.name] += 1
            self._disturb(flight, fault, now)
        flight.progress = self.progress()
        found = _ITEM.match(call.path) if method_of(call) == "DELETE" else None
        flight.doubtful = found is not None and self.is_doubtful(int(found[2]))
        self._flights.append(flight)
        named = "" if fault is None else f" ({fault.name})"
        froze = f" (frozen {'before' if held else 'as'} it is sent)" if frozen else ""
        self._note(f"{sender} {method_of(call)} {call.path}{named}{froze}")

    def _disturb(self, flight: Flight, fault: Fault, now: float) -> None:
        flight.replies_at = now + fault.seconds
        match fault.done:
            case "never":
                flight.lands_at = None
            case "late":
                flight.lands_at = now + self._random.uniform(fault.seconds, LATEST - 1.0)
            case "beyond":
                flight.lands_at, flight.beyond = now + LATEST + self._random.uniform(1.0, 200.0), True
            case _:
                flight.lands_at = now + fault.seconds * self._random.random()

    def _watch(self, sender: str, call: HttpCall | OAuthCall, now: float) -> None:
        """No call for an iD while another may be under way under a lease; no put-code to another iD."""
        orcid = orcid_of(call)
        if isinstance(call, OAuthCall) or not orcid[:1].isdigit():
            return
        under_way = [one for one in self._busy[orcid] if one[1] > now]
        if under_way:
            self.faults.append(
                f"two calls for {orcid} at once: {under_way[0][0]}, and {sender} {call.method} {call.path}"
            )
        self._busy[orcid] = [*under_way, (f"{sender} {call.method} {call.path}", now + CALL_SECONDS)]
        found = _ITEM.match(call.path)
        if found and self._put_codes.get(int(found[2]), found[1]) != found[1]:
            self.faults.append(f"put-code {found[2]} of {self._put_codes[int(found[2])]} was sent to {found[1]}")

    # Arriving.

    def run(self) -> None:
        """Carries out what has arrived at ORCID by now, in its order, each at its own time."""
        now = self._clock.now()
        due = [one for one in self._flights if one.lands_at is not None and not one.waits and one.lands_at <= now]
        for flight in sorted(due, key=lambda one: (one.lands_at, one.number)):
            self._clock.at = flight.lands_at or now
            self._land(flight)
        self._clock.at = now
        self._flights = [one for one in self._flights if one.lands_at is not None or one.ticket.number >= 0]

    def _land(self, flight: Flight) -> None:
        flight.lands_at = None
        call, orcid = flight.call, orcid_of(flight.call)
        record = self._sandbox.records.get(orcid)
        mark, before = (
            (record.mark(), {one.put_code for one in record.items()}) if record and flight.beyond else (0, set())
        )
        if flight.fault is not None and flight.fault.done == "stale":
            self._orcid.stale_seconds = SETTLE_SECONDS * 0.9
        stood = self._removing(flight)
        reply = self._orcid.send(call)
        self._watch_identity(flight, reply, stood)
        self._orcid.stale_seconds = 0.0
        if flight.beyond and record is not None:
            made = [one for one in record.items() if one.put_code not in before]
            if made and not self.in_doubt(OrcidId(orcid), made, flight.submitted_at):
                record.roll_back(mark)  # so late that nothing of ours could know of it: no request is
                return
        if isinstance(reply, Answer):
            self._keep_put_codes(call, reply, orcid)
        if flight.reply is None:
            flight.reply = reply if flight.fault is None or flight.fault.reply is None else flight.fault.reply
        status = reply.status if isinstance(reply, Answer) else type(reply).__name__
        self._note(f"ORCID {method_of(call)} {call.path}: {status} (call of {flight.sender})")

    def _removing(self, flight: Flight) -> Item | None:
        """What a DELETE is about to remove, where that was not in doubt before."""
        found = _ITEM.match(flight.call.path) if method_of(flight.call) == "DELETE" else None
        if found is None:
            return None
        record = self._sandbox.records.get(found[1])
        return record.find(int(found[2])) if record and not flight.doubtful else None

    def _watch_identity(self, flight: Flight, reply: Reply, stood: Item | None) -> None:
        """What is removed and added again with nothing new between is one item: it should have been updated."""
        if not isinstance(reply, Answer) or flight.fault is not None:
            return
        orcid = orcid_of(flight.call)
        if method_of(flight.call) == "DELETE" and stood is None:
            self._repeated[orcid] = flight.progress  # what was in doubt goes whatever is wanted by now
        elif stood is not None and reply.status == 204:
            self._removed[orcid, stood.section] = self.said(stood), flight.progress
        elif method_of(flight.call) == "POST" and reply.status in (200, 201) and orcid in self._sandbox.records:
            section = flight.call.path.split("/")[3].removesuffix("s")
            ids, progress = self._removed.get((orcid, section), (frozenset(), ()))
            newest = max(self._sandbox.records[orcid].items(section), key=lambda one: one.put_code, default=None)
            as_before = progress == flight.progress != self._repeated.get(orcid)
            if newest is not None and ids & self.said(newest) and as_before:
                named = ", ".join(sorted(ids))
                self.faults.append(f"{section} {named} was removed from {orcid} and added again, not updated")

    def _keep_put_codes(self, call: HttpCall | OAuthCall, reply: Answer, orcid: str) -> None:
        if method_of(call) != "POST" or not orcid[:1].isdigit():
            return
        if reply.status == 201 and (found := _LOCATION.search(reply.headers.get("location", ""))):
            self._put_codes[int(found[1])] = orcid
        elif reply.status == 200:
            for slot in json.loads(reply.body)["bulk"]:
                if slot.get("work"):
                    self._put_codes[slot["work"]["put-code"]] = orcid

    def collect(self, sender: str) -> list[Arrival]:
        """The replies that a process can read by now."""
        now = self._clock.now()
        arrived = [one for one in self._flights if one.sender == sender and one.ticket.number >= 0 and not one.waits]
        arrived = sorted(
            (one for one in arrived if one.replies_at <= now), key=lambda one: (one.replies_at, one.number)
        )
        found: list[Arrival] = []
        for flight in arrived:
            if flight.reply is None and flight.fault is not None:
                flight.reply = flight.fault.reply
            assert flight.reply is not None, flight
            found.append((flight.ticket, flight.reply, now - flight.submitted_at))
            self._heard(flight)
        return found

    def _heard(self, flight: Flight) -> None:
        flight.ticket = Ticket(-1)
        busy = self._busy[orcid_of(flight.call)]
        own = f"{flight.sender} {method_of(flight.call)} {flight.call.path}"
        self._busy[orcid_of(flight.call)] = [one for one in busy if one[0] != own]

    def has_replies(self, sender: str) -> bool:
        """Whether a process can read a reply by now."""
        now = self._clock.now()
        return any(
            one.sender == sender and one.ticket.number >= 0 and not one.waits and one.replies_at <= now
            for one in self._flights
        )

    def was_held(self, sender: str) -> bool:
        """Whether a call of a process that was frozen before it was sent is not answered yet."""
        return any(one.held and one.sender == sender and one.ticket.number >= 0 for one in self._flights)

    def carried(self, sender: str) -> int:
        """How many calls of a process are not answered yet."""
        return sum(one.sender == sender and one.ticket.number >= 0 for one in self._flights)

    def lose(self, sender: str) -> None:
        """The process is no more: what had not left it never does, and nobody hears the rest."""
        kept = []
        for flight in self._flights:
            if flight.sender == sender and flight.ticket.number >= 0:
                flight.ticket = Ticket(-1)
                if flight.held or (flight.lands_at is not None and self._random.random() < 0.5):
                    continue
            kept.append(flight)
        self._flights = kept

    def thaw(self, sender: str) -> None:
        """What the frozen process had not sent goes out now, if there is time left for it."""
        now = self._clock.now()
        for flight in self._flights:
            if flight.sender == sender and flight.waits:
                flight.waits, flight.lands_at, flight.replies_at = False, now + 0.1, now + 0.1
                if isinstance(flight.call, HttpCall) and flight.call.end is not None and flight.call.end <= now:
                    flight.lands_at, flight.reply = None, UNSENT  # its time is over (worker/sending/orcid_client.py)

    def next_at(self) -> float | None:
        """When the next reply is there to be read; what arrives at ORCID before that is nothing a process sees."""
        return min((one.replies_at for one in self._flights if one.ticket.number >= 0 and not one.waits), default=None)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self._flights

    # Watching.

    def _note(self, line: str) -> None:
        self.tell(line)

    def ours(self, orcid: str) -> list[Item]:
        """What of our client stands on a record."""
        record = self._sandbox.records.get(orcid)
        return [] if record is None else [item for item in record.items() if item.source.client_id == CLIENT_ID]


class VirtualLanes:
    """The lanes of one process: they hand calls to the network, and collect what has come back by now."""

    def __init__(self, network: Network, sender: str, count: int = 12) -> None:
        self._network = network
        self._sender = sender
        self._count = count
        self.freezes_at: Callable[[], bool] = lambda: False
        """Asked at each call: whether the process freezes before it is sent."""

    @property
    def free(self) -> int:
        """How many more calls can be handed over."""
        return self._count - self._network.carried(self._sender)

    def submit(self, ticket: Ticket, call: HttpCall | OAuthCall) -> None:
        """Hands a call to the network."""
        self._network.submit(self._sender, ticket, call, frozen=self.freezes_at())

    def collect(self, timeout: float) -> Sequence[Arrival]:
        """What came; virtual time does not pass here."""
        del timeout
        return self._network.collect(self._sender)

    def close(self, timeout: float) -> None:
        """Nothing waits for replies any more."""
        del timeout
