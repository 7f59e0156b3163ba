"""The desk: where records that are due become slices, slices become calls, and replies become outcomes."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from state.facts import Due
from state.store import Store, StoreError
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.backoff import backoff
from worker.calling.token_calls import token_call
from worker.note_names import STOPPED
from worker.planning import steps
from worker.planning.policy import Policy
from worker.ports import HttpCall, Lanes, OAuthCall, Reply, Ticket
from worker.recording.discoveries import Discoveries
from worker.recording.outcomes import Outcomes
from worker.recording.sent import Sent
from worker.recording.tokens import record_token
from worker.turning.pace import Pace
from worker.turning.preparing import open_intents, prepared
from worker.turning.records import Records
from worker.turning.slice import Asking, InFlight, Slice
from worker.turning.telling import Told, has_changed, in_short, tell
from worker.watching.tally import Tally

PICK = 50
"""Records planned in one turn at the most, so that events keep coming in."""

log = structlog.get_logger()


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
        self._pace = pace
        self._chance = chance
        self._tally = tally
        self._outcomes = Outcomes(store, policy.settle_seconds)
        self._discoveries = Discoveries(store, policy, client_id)
        self._records = Records(store, policy, pace, holder)
        self._slices: dict[str, Slice] = {}
        self._at_lanes: set[Ticket] = set()
        self._tickets = 0
        self._may_spend_at = 0.0
        self.may_send = True
        self.only: str | None = None
        """When it is set, nobody but this person is looked at."""

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
        room = self._lanes.free - len(self._slices) + self.in_flight
        stopped_until = self._stopped_until()
        if stopped_until is not None:  # then one record at a time is tried, once its time is over
            room = 0 if stopped_until > now or self._slices else min(room, 1)
        if room <= 0:
            return 0
        planned = 0
        self._records.heed_recovery()
        for due in self._due(now):
            planned += 1
            with self._store.transaction():  # one each, so that other processes get their turn to write
                opened = self._records.open(due, now, probe=stopped_until is not None)
            if opened is not None:
                self._slices[due.person] = opened
                room -= 1
            if room <= 0:
                break
        return planned

    def _due(self, now: float) -> Sequence[Due]:
        """Who may be planned now: everybody, or the one whom all this is about."""
        busy = (*self._slices, *self._records.left_out(now))
        if self.only is None:
            return self._store.agenda.due(now, PICK, busy)
        due = self._store.agenda.of(self.only)
        return () if due is None or due.due_at > now or due.person in busy else (due,)

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

    def _stopped_until(self) -> float | None:
        """Until when all sending is held back; None when it is not."""
        said = self._store.notes.get(STOPPED)
        return None if said is None else float(said.split(" ", 1)[0])

    def look_through(self, now: float, interrupted: Callable[[], bool]) -> None:
        """Plans everybody who is due and notes how far their items have come; sends nothing, and leaves them due."""
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
        stopped_until = self._stopped_until()
        if stopped_until is not None and stopped_until > now:
            self._release_idle(now, at=stopped_until)
            return 0
        ready: list[tuple[Ticket, HttpCall | OAuthCall]] = []
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
            self._lanes.submit(ticket, call)
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
        if ready is None:
            self._end(one, now, at=now)
            return None
        wait = self._store.turns.spend(1, self._pace.rate, self._pace.burst)
        if wait > 0.0:
            self._may_spend_at = now + wait
            return None
        intents = open_intents(self._store, step, ready.carrying, one.sender)
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
                self._go_on(one, record_token(self._store, step, reply, now), now)
            case None:
                pass

    def _recorded(self, one: Slice, flight: InFlight, reply: Reply, seconds: float, now: float) -> None:
        request, sent = flight.request, flight.sent
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
