"""Rounds: one record after the other is read, a few side by side, within the request budget that all processes share.

A visit to a record is a generator: it yields a call, is sent its reply, and returns what it found. All visits run in
the caller's thread; only the calls are made in lanes. Nobody waits for a visit that waits.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import Generic, TypeVar

from mappers.sections import Section
from state.store import Store
from worker.calling import replies
from worker.calling.circuit import read_circuit
from worker.note_names import CIRCUIT
from worker.ports import HttpCall, Lanes, NoAnswer, Reply, Ticket
from worker.turning.telling import in_short
from worker.watching.metric_names import WHOLE_RECORD
from worker.watching.tally import Tally

T = TypeVar("T")
Visit = Generator[HttpCall, Reply, T]

LONGEST_WAIT = 0.5
"""Seconds after which it is looked at again whether to stop."""
GIVE_UP_AFTER = 10
"""So many calls in a row without any answer but "slow down", and nobody else is visited: ORCID can't be reached."""

_SECTIONS = {name: section.value for section in Section for name in (section.value, section.list_path)}


@dataclass
class _Begun(Generic[T]):
    """A visit under way, and the call that it waits to make."""

    visit: Visit[T]
    call: HttpCall


class Rounds:
    """Runs visits. Used by one thread."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        pace: tuple[float, float],
        interrupted: Callable[[], bool],
        tally: Tally,
    ) -> None:
        """`pace` is the rate, in requests a second, and the burst of the budget; calls are counted in `tally`."""
        self._store = store
        self._lanes = lanes
        self._rate, self._burst = pace
        self._tally = tally
        self._interrupted = interrupted
        self._tickets = 0
        self._unanswered = 0
        self._is_held = False
        self._may_spend_at = 0.0
        self.given_up = ""
        """Why nobody else is visited: ORCID does not answer, or all sending is held back. Empty while we go on."""
        self.calls = 0
        """How many were made, repeated ones included."""

    def run(self, visits: Iterable[Visit[T]]) -> Iterator[T]:
        """What each visit returns, in the order they end; those not begun when it is interrupted are left out."""
        waiting: deque[_Begun[T]] = deque()
        asked: dict[Ticket, _Begun[T]] = {}
        coming = iter(visits)
        more = True
        try:
            while more or waiting or asked:
                if self._interrupted():
                    return
                self._heed_circuit()
                more = more and not self.given_up
                while more and len(waiting) < self._lanes.free:
                    visit = next(coming, None)
                    if visit is None:
                        more = False
                        break
                    yield from self._went_on(visit, None, waiting)
                if not self._is_held:
                    self._send(waiting, asked)
                elif not asked:
                    return
                for ticket, reply, seconds in self._pause(asked):
                    begun = asked.pop(ticket)
                    self._heed(begun.call, reply, seconds)
                    yield from self._went_on(begun.visit, reply, waiting)
        finally:
            for begun in (*waiting, *asked.values()):
                begun.visit.close()

    def _heed_circuit(self) -> None:
        """While all sending is held back, we do not call either: what is in flight ends, and nothing else is begun."""
        circuit = read_circuit(self._store.notes.get(CIRCUIT))
        if circuit is not None:
            self._is_held = True
            self.given_up = circuit.why

    def _went_on(self, visit: Visit[T], reply: Reply | None, waiting: deque[_Begun[T]]) -> Iterator[T]:
        try:
            call = next(visit) if reply is None else visit.send(reply)
        except StopIteration as end:
            yield end.value
        else:
            waiting.append(_Begun(visit, call))

    def _send(self, waiting: deque[_Begun[T]], asked: dict[Ticket, _Begun[T]]) -> None:
        while waiting and self._lanes.free and self._store.now() >= self._may_spend_at:
            wait = self._store.turns.spend(1, self._rate, self._burst)
            if wait > 0.0:
                self._may_spend_at = self._store.now() + wait
                return
            begun = waiting.popleft()
            self._tickets += 1
            ticket = Ticket(self._tickets)
            asked[ticket] = begun
            self._lanes.submit(ticket, begun.call)

    def _pause(self, asked: dict[Ticket, _Begun[T]]) -> Iterable[tuple[Ticket, Reply, float]]:
        """Waits for a reply, or for the budget."""
        ahead = self._may_spend_at - self._store.now()
        wait = min(LONGEST_WAIT, ahead) if ahead > 0.0 else LONGEST_WAIT
        if asked:
            return self._lanes.collect(wait)
        if ahead > 0.0:
            sleep(wait)
        return ()

    def _heed(self, call: HttpCall, reply: Reply, seconds: float) -> None:
        self.calls += reply.attempts
        if reply.attempts > 1:
            self._store.turns.owe(reply.attempts - 1)
        now = self._store.now()
        verdict = replies.read_reply(None, reply, now)
        if reply.attempts:
            outcome = in_short(verdict, reply, now)
            status, code = str(outcome.status or "none"), str(outcome.error_code or "")
            self._tally.replies[call.method, _section(call), status, code] += 1
            self._tally.call_seconds.observe(seconds)
        busy = isinstance(verdict, replies.Throttled)
        self._unanswered = self._unanswered + 1 if busy or isinstance(reply, NoAnswer) else 0
        if self._unanswered >= GIVE_UP_AFTER and not self.given_up:
            self.given_up = f"ORCID gave no answer {GIVE_UP_AFTER} times in a row: nobody else was looked at"


def _section(call: HttpCall) -> str:
    """Which section is read, by the path `/version/iD/what`."""
    return _SECTIONS.get(call.path.split("/")[3], WHOLE_RECORD)
