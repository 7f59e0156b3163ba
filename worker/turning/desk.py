"""The desk: where records that are due become slices, slices become calls, and replies become outcomes."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog

from mappers.forms import Form
from mappers.sections import Section
from state.facts import Due, Grant
from state.store import Store, StoreError
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.backoff import backoff
from worker.calling.calls import Request, Sender
from worker.note_names import RECOVERY, STOPPED
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.ports import ClientScope, HttpCall, Lanes, Reply, Ticket
from worker.recording.contents import facts_of
from worker.recording.discoveries import Discoveries
from worker.recording.outcomes import Outcomes
from worker.recording.sent import Sent
from worker.turning.noting import note, note_states
from worker.turning.preparing import carried, may_be_asked, open_intents, written
from worker.turning.slice import InFlight, Slice, Unfinished
from worker.turning.telling import Told, has_changed, in_short, tell
from worker.watching.tally import Tally

PICK = 50
"""Records planned in one turn at the most, so that events keep coming in."""
ELSEWHERE_SECONDS = 1.0
"""How long a record whose lease another process holds is left out."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How we send: requests a second, patience in seconds, form, the visibility by section of what is created."""

    rate: float = 23.0
    burst: float = 30.0
    call_seconds: float = 30.0
    retry_base: float = 1.0
    retry_max: float = 300.0
    form: Form = field(default_factory=Form)
    visibilities: Mapping[Section, str] = field(default_factory=dict)


class Desk:
    """Holds the slices at work. Used by the loop's thread alone."""

    def __init__(
        self,
        *,
        store: Store,
        lanes: Lanes,
        policy: Policy,
        pace: Pace,
        client_id: str,
        holder: str,
        chance: Callable[[], float],
        tally: Tally,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._policy = policy
        self._pace = pace
        self._holder = holder
        self._chance = chance
        self._tally = tally
        self._outcomes = Outcomes(store, policy.settle_seconds)
        self._discoveries = Discoveries(store, policy, client_id)
        self._slices: dict[str, Slice] = {}
        self._at_lanes: set[Ticket] = set()
        self._unfinished: dict[str, Unfinished] = {}
        self._elsewhere: dict[str, float] = {}
        self._tickets = 0
        self._may_spend_at = 0.0
        self.may_send = True

    @property
    def in_flight(self) -> int:
        """Calls whose reply has not come."""
        return sum(one.in_flight is not None for one in self._slices.values())

    # Picking: who is due becomes a slice.

    def pick(self, now: float) -> int:
        """Plans records that are due while there are lanes for them; returns how many it planned."""
        if not self.may_send:
            return 0
        with self._surviving():
            return self._pick(now)

    def _pick(self, now: float) -> int:
        self._elsewhere = {person: until for person, until in self._elsewhere.items() if until > now}
        room = self._lanes.free - len(self._slices) + self.in_flight
        stopped_until = self._stopped_until()
        if stopped_until is not None:  # then one record at a time is tried, once its time is over
            room = 0 if stopped_until > now or self._slices else min(room, 1)
        if room <= 0:
            return 0
        planned = 0
        self._heed_recovery()
        for due in self._store.agenda.due(now, PICK, (*self._slices, *self._elsewhere)):
            planned += 1
            with self._store.transaction():  # one each, so that other processes get their turn to write
                room -= self._open(due, now, probe=stopped_until is not None)
            if room <= 0:
                break
        return planned

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        """When the store fails, only what is at the lanes stays: the rest is as after a crash, and mends as then."""
        try:
            yield
        except StoreError:
            self._slices = {
                person: one
                for person, one in self._slices.items()
                if one.in_flight is not None and one.in_flight.ticket in self._at_lanes
            }
            self._unfinished.clear()
            raise

    def _heed_recovery(self) -> None:
        """Recovery may begin while we run: when Kafka shows that the store is behind."""
        said = self._store.notes.get(RECOVERY)
        since = float(said) if said else None
        if since != self._policy.list_since:
            self._policy = replace(self._policy, list_since=since)
            self._unfinished.clear()

    def _stopped_until(self) -> float | None:
        """Until when all sending is held back; None when it is not."""
        said = self._store.notes.get(STOPPED)
        return None if said is None else float(said.split(" ", 1)[0])

    def _open(self, due: Due, now: float, *, probe: bool) -> bool:
        """Plans one record; true when it became a slice with calls to make."""
        grant = self._store.grants.current(due.person)
        epoch = None
        if grant is not None:
            epoch = self._store.turns.acquire(grant.orcid, self._holder, self._pace.call_seconds)
            if epoch is None:
                self._elsewhere[due.person] = now + ELSEWHERE_SECONDS
                facts = facts_of(self._store, due.person, self._policy)
                note_states(self._store, facts, plan(facts, self._policy, now))
                return False
            if self._resumed(due, grant, epoch, now, probe=probe):
                return True
        facts = facts_of(self._store, due.person, self._policy)
        made = plan(facts, self._policy, now)
        note(self._store, facts, made)
        if grant is None or epoch is None or not made.calls:
            if grant is not None and epoch is not None:
                self._store.turns.release(grant.orcid, epoch)
            self._store.agenda.retry(due.person, made.wake_at, due.revision, 0 if not made.calls else due.failures)
            return False
        sender = self._sender(due.person, grant, epoch)
        suspended = facts.suspension is not None
        self._slices[due.person] = Slice(due, grant, sender, deque(made.calls), now, suspended=suspended, probe=probe)
        return True

    def _sender(self, person: str, grant: Grant, epoch: int) -> Sender:
        pace = self._pace
        return Sender(person, grant.orcid, epoch, pace.call_seconds, pace.form, pace.visibilities)

    def _resumed(self, due: Due, grant: Grant, epoch: int, now: float, *, probe: bool) -> bool:
        """Goes on with a plan whose slice was over, if nobody had the record and nothing was wanted in between."""
        rest = self._unfinished.pop(due.person, None)
        if rest is None or (rest.revision, rest.epoch) != (due.revision, epoch - 1):
            return False
        sender = self._sender(due.person, grant, epoch)
        self._slices[due.person] = Slice(due, grant, sender, rest.pending, now, probe=probe)
        return True

    def look_through(self, now: float, interrupted: Callable[[], bool]) -> None:
        """Plans everybody who is due and notes how far their items have come; sends nothing, and leaves them due."""
        for due in self._store.agenda.due(now, sys.maxsize):
            if interrupted():
                return
            facts = facts_of(self._store, due.person, self._policy)
            with self._store.transaction():
                note(self._store, facts, plan(facts, self._policy, now))

    # Pushing: each slice's next step becomes a call.

    def push(self, now: float) -> int:
        """Hands the next call of each idle slice to a lane; returns how many."""
        if now < self._may_spend_at or not self.may_send or not self._slices:
            return 0
        with self._surviving():
            return self._push(now)

    def _push(self, now: float) -> int:
        stopped_until = self._stopped_until()
        if stopped_until is not None and stopped_until > now:
            self._release_idle(now, at=stopped_until)
            return 0
        ready: list[tuple[InFlight, HttpCall]] = []
        with self._store.transaction():
            for one in list(self._slices.values()):
                if one.in_flight is None:
                    call = self._prepare(one, now)
                    if call is not None:
                        ready.append(call)
                if now < self._may_spend_at:
                    break
        for flight, http in ready:
            self._at_lanes.add(flight.ticket)
            self._lanes.submit(flight.ticket, http)
        return len(ready)

    def _prepare(self, one: Slice, now: float) -> tuple[InFlight, HttpCall] | None:
        if self._outdated(one):
            self._end(one, now, at=now)
            return None
        if one.is_over(now):
            if one.pending:
                self._unfinished[one.due.person] = Unfinished(one.due.revision, one.sender.epoch, one.pending)
            self._end(one, now, at=now)
            return None
        if not self._store.turns.renew(one.sender.orcid, one.sender.epoch, self._pace.call_seconds):
            log.warning("lease_lost", person=one.due.person, orcid=one.sender.orcid)
            del self._slices[one.due.person]
            return None
        step = one.pending[0]
        carrying = carried(self._store, step)
        if carrying is None or not may_be_asked(self._store, step):
            self._end(one, now, at=now)
            return None
        request = written(self._store, step, carrying, one.sender)
        if request is None:
            self._end(one, now, at=now)
            return None
        wait = self._store.turns.spend(1, self._pace.rate, self._pace.burst)
        if wait > 0.0:
            self._may_spend_at = now + wait
            return None
        one.pending.popleft()
        one.made += 1
        intents = open_intents(self._store, step, carrying, one.sender)
        self._tickets += 1
        one.in_flight = InFlight(Ticket(self._tickets), Sent(step, intents, one.sender), request, now)
        return one.in_flight, self._http(request, one.grant)

    def _http(self, request: Request, grant: Grant) -> HttpCall:
        return HttpCall(
            method=request.verb,
            path=request.path,
            token=grant.access_token if request.scope is None else ClientScope(request.scope),
            body=request.body,
            media_type=request.media_type,
            deadline=self._pace.call_seconds,
        )

    def _outdated(self, one: Slice) -> bool:
        """Whether something new is wanted of this record since it was planned."""
        return self._store.agenda.revision(one.due.person) != one.due.revision

    # Collecting: replies become outcomes.

    def collect(self, wait: float) -> int:
        """Records the outcomes of replies that came; returns how many."""
        arrived = self._lanes.collect(wait)
        if not arrived:
            return 0
        self._at_lanes.difference_update(ticket for ticket, _, _ in arrived)
        with self._surviving():
            return self._collected(arrived)

    def _collected(self, arrived: Sequence[tuple[Ticket, Reply, float]]) -> int:
        by_ticket = {one.in_flight.ticket: one for one in self._slices.values() if one.in_flight is not None}
        with self._store.transaction():
            now = self._store.now()
            for ticket, reply, seconds in arrived:
                one = by_ticket.get(ticket)
                if one is not None and one.in_flight is not None:
                    self._record(one, one.in_flight, reply, seconds, now)
        return len(arrived)

    def _record(self, one: Slice, flight: InFlight, reply: Reply, seconds: float, now: float) -> None:
        request, sent = flight.request, flight.sent
        one.in_flight = None
        verdict = replies.read_reply(request.method, reply, now, bulk=request.bulk)
        outcome = in_short(verdict, reply, now)
        if reply.attempts > 1:
            self._store.turns.owe(reply.attempts - 1)
        tell(self._tally, Told(flight, reply, verdict, outcome, seconds))
        match sent.step, verdict:
            case steps.ListSection(), replies.Found():
                aftermath = self._discoveries.listed(sent.step, sent.sender, verdict, now)
            case steps.ReadItems(), replies.Found():
                aftermath = self._discoveries.read(sent.step, sent.sender, verdict, now)
            case _:
                aftermath = self._outcomes.record(sent, verdict, outcome, now)
        if one.suspended and has_changed(verdict, outcome):
            self._store.grants.lift(one.sender.orcid)
        self._go_on(one, aftermath, now)

    def _go_on(self, one: Slice, aftermath: Aftermath, now: float) -> None:
        match aftermath:
            case GoOn(failed=failed):
                one.drop_dependants(failed)
                if one.probe:
                    self._forgive()
            case Follow(calls=calls):
                one.pending.extendleft(reversed(calls))
            case Replan():
                self._end(one, now, at=now)
            case Rest(until=until, why=why):
                failures = one.due.failures + 1
                wait = backoff(failures, self._pace.retry_base, self._pace.retry_max, self._chance())
                log.info("record_rests", person=one.due.person, orcid=one.sender.orcid, why=why, failures=failures)
                self._end(one, now, at=until if until is not None else now + wait, failures=failures)
            case Halt(why=why):
                until = now + self._pace.retry_max
                log.error("sending_stopped", why=why, seconds=self._pace.retry_max)
                self._store.notes.put(STOPPED, f"{until!r} {why}")
                self._end(one, now, at=until, failures=one.due.failures + 1)

    def _forgive(self) -> None:
        if self._store.notes.get(STOPPED) is not None:
            log.info("sending_resumed")
            self._store.notes.put(STOPPED, None)

    def _end(self, one: Slice, now: float, *, at: float, failures: int = 0) -> None:
        """Gives the record back: due again at once to be compared once more, or later when it has to rest."""
        self._slices.pop(one.due.person, None)
        self._store.turns.release(one.sender.orcid, one.sender.epoch)
        self._store.agenda.retry(one.due.person, max(at, now), one.due.revision, failures)

    def release_all(self, now: float) -> None:
        """Gives all records back that have no call in flight; the others' leases run out."""
        self._release_idle(now, at=now)

    def _release_idle(self, now: float, *, at: float) -> None:
        with self._store.transaction():
            for one in [each for each in self._slices.values() if each.in_flight is None]:
                self._end(one, now, at=at)
