"""The desk: where records that are due become slices, slices become calls, and replies become outcomes."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import structlog

from state.facts import PersonFacts
from state.store import Store, StoreError
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.backoff import backoff
from worker.calling.circuit import Cause
from worker.calling.token_calls import token_call
from worker.note_names import LAST_SUCCESS
from worker.planning import steps
from worker.planning.guarding import Limits
from worker.planning.policy import Policy
from worker.ports import HttpCall, Lanes, OAuthCall, Reply, Ticket
from worker.recording.discoveries import Discoveries
from worker.recording.guard import Guard
from worker.recording.outcomes import Outcomes
from worker.recording.sent import Sent
from worker.recording.tokens import record_token
from worker.sending.deadline import steady
from worker.tracing.traces import Traces
from worker.turning.breaker import may_say, verdicts_between
from worker.turning.pace import Pace
from worker.turning.picking import Picker
from worker.turning.preparing import open_intents, prepared
from worker.turning.queue import Queue
from worker.turning.records import Records
from worker.turning.sentry import NO_ANSWER, Heard, Sentry
from worker.turning.slice import Asking, InFlight, Slice
from worker.turning.telling import Told, has_changed, in_short, tell, traced
from worker.watching.tally import Tally

log = structlog.get_logger()

SUCCESS_SECONDS = 10.0
"""How often it is noted, at the most, that a call changed a record."""


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
        steady: Callable[[], float] = steady,
        tally: Tally,
        limits: Limits | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._pace = pace
        self._chance = chance
        self._steady = steady
        self._tally = tally
        self._outcomes = Outcomes(store, policy.settle_seconds)
        self._discoveries = Discoveries(store, policy, client_id)
        self._guard = Guard(store, policy, limits or Limits())
        self._traces = traces or Traces(store)
        self._records = Records(store, policy, pace, holder, self._guard, self._traces)
        self._sentry = Sentry(store, pace, chance)
        self.queue = Queue(store)
        self._picker = Picker(store, self._records, self._guard, self._sentry, self.queue, tally, steady=steady)
        self._slices: dict[str, Slice] = {}
        self._at_lanes: set[Ticket] = set()
        self._tickets = 0
        self._may_spend_at = 0.0
        self._success_noted_at = 0.0
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
            return self._picker.pick(now, self._slices, self._lanes.free)

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
            self._records.forget_unfinished()
            raise

    def look_through(self, now: float, interrupted: Callable[[], bool]) -> None:
        """Plans everybody who is due and notes how far their items have come; sends nothing, and leaves them due."""
        while self._picker.look_first(now):
            if interrupted():
                return
        for due in self._store.agenda.due(now, sys.maxsize):
            if interrupted():
                return
            self._records.look(due.person, now)

    # Pushing: each slice's next step becomes a call.

    def push(self, now: float) -> int:
        """Hands the next call of each idle slice to a lane; returns how many."""
        if now < self._may_spend_at or not self.may_send or not self._slices:
            return 0
        with self._surviving():
            return self._push(now)

    def _push(self, now: float) -> int:
        if self._records.paused():
            self._release_idle(now, at=now)
            return 0
        circuit = self._sentry.circuit
        if circuit is not None:
            self._release_idle(now, at=circuit.until, but_probes=True)
        ready: list[tuple[Ticket, HttpCall | OAuthCall]] = []
        began = self._steady()  # a lease is renewed after this, and a commit, or a process, may be held up for long
        with self._store.transaction():
            for one in list(self._slices.values()):
                if one.in_flight is None:
                    made = self._prepare(one, now)
                    if made is not None:
                        ready.append(made)
                if now < self._may_spend_at:
                    break
        for ticket, call in ready:
            self._at_lanes.add(ticket)
            timed = replace(call, end=began + call.deadline) if isinstance(call, HttpCall) else call
            self._lanes.submit(ticket, timed)
        return len(ready)

    def _prepare(self, one: Slice, now: float) -> tuple[Ticket, HttpCall | OAuthCall] | None:
        if self._outdated(one):
            self._end(one, now, at=now)
            return None
        if one.is_over(now):
            self._records.leave_unfinished(one)
            self._end(one, now, at=now)
            return None
        if not self._store.turns.renew(one.sender.orcid, one.sender.epoch, self._pace.call_seconds):
            log.warning("lease_lost", person=one.due.person, orcid=one.sender.orcid)
            del self._slices[one.due.person]
            return None
        step = one.pending[0]
        if isinstance(step, steps.OAuthStep):
            return self._ask(one, step, now)
        return self._write(one, step, now)

    def _write(self, one: Slice, step: steps.RecordStep, now: float) -> tuple[Ticket, HttpCall] | None:
        ready = prepared(self._store, step, one.grant, one.sender)
        if ready is None or not self._guard.lets(step):
            self._end(one, now, at=now)
            return None
        wait = self._store.turns.spend(1, self._pace.rate, self._pace.burst)
        if wait > 0.0:
            self._may_spend_at = now + wait
            return None
        intents = open_intents(self._store, step, ready.carrying, one.sender)
        self._guard.sent(step)
        ticket = self._begin(one)
        one.in_flight = InFlight(ticket, Sent(step, intents, one.sender, one.mark), ready.request, now)
        return ticket, ready.call

    def _ask(self, one: Slice, step: steps.OAuthStep, now: float) -> tuple[Ticket, OAuthCall] | None:
        """The authorization server is not the API: what it is asked does not count against the request budget."""
        call = token_call(step, self._pace.call_seconds)
        if call is None:
            self._end(one, now, at=now)
            return None
        ticket = self._begin(one)
        one.in_flight = Asking(ticket, step)
        return ticket, call

    def _begin(self, one: Slice) -> Ticket:
        one.pending.popleft()
        one.made += 1
        self._tickets += 1
        return Ticket(self._tickets)

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
                if one is not None:
                    self._record(one, reply, seconds, now)
        return len(arrived)

    def _record(self, one: Slice, reply: Reply, seconds: float, now: float) -> None:
        flight, one.in_flight = one.in_flight, None
        match flight:
            case InFlight():
                self._recorded(one, flight, reply, seconds, now)
            case Asking(step=step):
                aftermath = record_token(self._store, step, reply, now)
                if isinstance(aftermath, GoOn | Replan):
                    one.answered = True
                    self._sentry.took_token(one)
                self._go_on(one, aftermath, now)
            case None:
                pass

    def _recorded(self, one: Slice, flight: InFlight, reply: Reply, seconds: float, now: float) -> None:
        request, sent = flight.request, flight.sent
        verdict = replies.read_reply(request.method, reply, now, bulk=request.bulk)
        outcome = in_short(verdict, reply, now)
        if reply.attempts > 1:
            self._store.turns.owe(reply.attempts - 1)
        told = Told(flight, reply, verdict, outcome, seconds)
        tell(self._tally, told)
        if self._traces.on:
            self._traces.called(traced(told, self._traces.now()))
        before = self._facts(one) if may_say(sent.step, verdict) else None
        match sent.step, verdict:
            case steps.ListSection(), replies.Found():
                aftermath = self._discoveries.listed(sent.step, sent.sender, verdict, now)
            case steps.ReadItems(), replies.Found():
                aftermath = self._discoveries.read(sent.step, sent.sender, verdict, now)
            case _:
                aftermath = self._outcomes.record(sent, verdict, outcome, now)
        if has_changed(verdict, outcome):
            self._note_success(outcome.at)
            if one.suspended:
                self._store.grants.lift(one.sender.orcid)
        one.answered = one.answered or not isinstance(verdict, NO_ANSWER)
        said = () if before is None else verdicts_between(before, self._facts(one), sent, verdict, now)
        self._sentry.hear(Heard(one, sent, verdict, flight.at, said), now)
        self._go_on(one, aftermath, now)

    def _note_success(self, at: float) -> None:
        """For whoever watches: that calls change records, noted every few seconds."""
        if at - self._success_noted_at >= SUCCESS_SECONDS:
            self._success_noted_at = at
            self._store.notes.put(LAST_SUCCESS, repr(at))

    def _facts(self, one: Slice) -> PersonFacts:
        return self._store.items.facts(self._store.people.canonical(one.due.person))

    def _go_on(self, one: Slice, aftermath: Aftermath, now: float) -> None:
        match aftermath:
            case GoOn(failed=failed):
                one.drop_dependants(failed)
            case Follow(calls=calls):
                one.pending.extendleft(reversed(calls))
            case Replan():
                self._end(one, now, at=now)
            case Rest(until=until, why=why):
                self._rest(one, until, why, now)
            case Halt(why=why):
                self._end(one, now, at=self._sentry.halt(one, why, now), failures=one.failures + 1)

    def _rest(self, one: Slice, until: float | None, why: str, now: float) -> None:
        """Leaves a record alone for a growing time; in an outage, which is not its own, for as long as all are."""
        circuit, failures = self._sentry.circuit, one.failures + 1
        if circuit is not None and circuit.cause is Cause.OUTAGE:
            self._end(one, now, at=max(until or now, circuit.until), failures=failures)
            return
        wait = backoff(failures, self._pace.retry_base, self._pace.retry_max, self._chance())
        log.info("record_rests", person=one.due.person, orcid=one.sender.orcid, why=why, failures=failures)
        self._end(one, now, at=until if until is not None else now + wait, failures=failures)

    def _end(self, one: Slice, now: float, *, at: float, failures: int | None = None) -> None:
        """Gives the record back: due again at once to be compared once more, or later when it has to rest."""
        self._slices.pop(one.due.person, None)
        if one.probe:
            self._sentry.end_probe()
        self._store.turns.release(one.sender.orcid, one.sender.epoch)
        failures = one.failures if failures is None else failures
        self._store.agenda.retry(one.due.person, max(at, now), one.due.revision, failures)

    def release_all(self, now: float) -> None:
        """Gives all records back that have no call in flight; the others' leases run out."""
        self._release_idle(now, at=now)
        self._records.finish_recovery(now, self._tally.lag, at_once=True)

    def _release_idle(self, now: float, *, at: float, but_probes: bool = False) -> None:
        idle = [one for one in self._slices.values() if one.in_flight is None and not (but_probes and one.probe)]
        if idle:
            with self._store.transaction():
                for one in idle:
                    self._end(one, now, at=at)
