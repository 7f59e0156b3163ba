"""Picking: who is due becomes a slice, as far as there are lanes; while the circuit is open, one probe at a time."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from itertools import islice

from state.facts import Due
from state.store import Store
from state.verdict_facts import ProvisionalVerdict
from worker.calling.circuit import Circuit
from worker.recording.guard import Guard
from worker.turning.queue import PICK, Queue
from worker.turning.records import Records
from worker.turning.sentry import Sentry
from worker.turning.slice import Slice
from worker.watching.tally import Tally

PICK_SECONDS = 5.0
"""After so long no more are planned in one turn: each may wait for what other processes write."""
MOST_CANDIDATES = 10
"""Records looked at in one turn for a probe, so that events keep coming in."""


class _NotNowError(Exception):
    """Takes back what was done for a probe that can't be made."""


class Picker:
    """Opens records for the desk. Used by the loop's thread alone."""

    def __init__(  # noqa: PLR0917 - the parts of one desk
        self,
        store: Store,
        records: Records,
        guard: Guard,
        sentry: Sentry,
        queue: Queue,
        tally: Tally,
        *,
        steady: Callable[[], float],
    ) -> None:
        self._store = store
        self._records = records
        self._guard = guard
        self._sentry = sentry
        self._queue = queue
        self._tally = tally
        self._steady = steady

    def pick(self, now: float, slices: MutableMapping[str, Slice], free: int) -> int:
        """Adds slices for people who are due, by person, while lanes are `free`; returns how many it planned."""
        if self._records.paused():
            return 0
        looked_at = self.look_first(now)
        if looked_at:
            return looked_at
        circuit = self._sentry.circuit
        if circuit is not None:
            return self._probe(circuit, now, slices, free)
        in_flight = sum(one.in_flight is not None for one in slices.values())
        room = free - len(slices) + in_flight
        if room <= 0:
            return 0
        planned, began = 0, self._steady()
        failing = sum(one.failures > 0 for one in slices.values())
        waiting = islice(self._queue.next(now, self._busy(slices, now), failing, free + in_flight), PICK)
        for due in waiting:
            planned += 1
            with self._store.transaction():  # one each, so that other processes get their turn to write
                opened = self._opened_now(due.person, now)
            if opened is not None:
                slices[due.person] = opened
                room -= 1
            if room <= 0 or self._steady() - began > PICK_SECONDS:
                break
        return planned

    def _opened_now(self, person: str, now: float) -> Slice | None:
        """Of somebody who is still due: another process may have had them since, and have them rest."""
        due = self._store.agenda.of(person)
        return None if due is None or due.due_at > now else self._records.open(due, now)

    def look_first(self, now: float) -> int:
        """What has to be known before any record is opened; returns at how many people it looked, 0 when all is."""
        self._records.heed_recovery()
        self._records.finish_recovery(now, self._tally.lag)
        return self._guard.look(now)

    def _probe(self, circuit: Circuit, now: float, slices: MutableMapping[str, Slice], free: int) -> int:
        """While all sending is held back, tries one record, when it is time to; one at a time over all processes."""
        if circuit.waits(now) or not free or any(one.probe for one in slices.values()):
            return 0
        with self._store.transaction():
            current = self._sentry.circuit
            if current is None or current.waits(now):
                return 0
            candidates = self._sentry.candidates(current, self._queue, now, self._busy(slices, now))
            planned = 0
            for one in islice(candidates, MOST_CANDIDATES):
                planned += 1
                opened = self._records.open(one, now) if isinstance(one, Due) else self._open_suspect(one, now)
                if opened is not None:
                    slices[one.person] = replace(opened, probe=True)
                    self._sentry.begin_probe(current, now)
                    return planned
            if planned < MOST_CANDIDATES:
                self._sentry.found_nobody(current, now)
        return planned

    def _open_suspect(self, suspect: ProvisionalVerdict, now: float) -> Slice | None:
        """A slice that tries a verdict again; None, and all as it was, when there is no call to make for that."""
        try:
            with self._store.transaction():
                return replace(self._opened(self._sentry.take_back(suspect), now), suspect=suspect)
        except _NotNowError:
            self._sentry.cannot_try(suspect)
            return None

    def _opened(self, due: Due | None, now: float) -> Slice:
        opened = None if due is None else self._records.open(due, now)
        if opened is None:
            raise _NotNowError
        return opened

    def _busy(self, slices: Mapping[str, Slice], now: float) -> tuple[str, ...]:
        return (*slices, *self._records.left_out(now))
