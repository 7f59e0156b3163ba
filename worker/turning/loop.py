"""The loop: one turn takes events in, plans what is due, hands calls to lanes and records their outcomes.

One thread owns it, the event source and the store handle. It decides nothing itself: parsing, planning and the reply
table are pure, and what they say is written down by intake, outcomes and discoveries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from state.store import Store, StoreError
from worker.intake.intake import Intake
from worker.note_names import RESTORED
from worker.people.forgetting import finish_forgetting
from worker.ports import EventSource, Lanes
from worker.turning.desk import Desk
from worker.watching.tally import Tally

log = structlog.get_logger()

FORGET_SECONDS = 1.0
"""How often it is looked at whether somebody who is being forgotten can be erased."""
BATCH = 1000
"""Messages in one poll, applied in one transaction."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did."""

    events: int
    calls: int
    outcomes: int
    planned: int

    @property
    def idle(self) -> bool:
        """True when it did nothing at all."""
        return not (self.events or self.calls or self.outcomes or self.planned)


class Loop:
    """Runs turns, in one thread."""

    def __init__(
        self,
        *,
        store: Store,
        source: EventSource,
        lanes: Lanes,
        intake: Intake,
        desk: Desk,
        tally: Tally,
    ) -> None:
        self._store = store
        self._source = source
        self._lanes = lanes
        self._intake = intake
        self._desk = desk
        self._tally = tally
        self._look_at_forgotten_at = 0.0
        self._restored_at = store.notes.get(RESTORED)

    def turn(self, now: float, wait: float = 0.0) -> Turn:
        """One round; waits at most `wait` seconds for something to happen."""
        busy = self._desk.in_flight
        events = self.take_in(now, 0.0 if busy else wait)
        outcomes = self._desk.collect(wait if busy and not events else 0.0)
        planned = self._desk.pick(now)
        calls = self._desk.push(now)
        if now >= self._look_at_forgotten_at:
            self._look_at_forgotten_at = now + FORGET_SECONDS
            finish_forgetting(self._store)
        return Turn(events, calls, outcomes, planned)

    def take_in(self, now: float, wait: float = 0.0) -> int:
        """Polls and applies one batch; returns how many messages it had."""
        if self._source.exhausted:
            return 0
        batch = self._source.poll(BATCH, wait)
        self._tally.lag = self._source.lag()
        try:
            self._heed_restoring()
            if not (batch.messages or batch.gaps or batch.behind or batch.starts):
                return 0
            taken = self._intake.take(batch, now)
        except StoreError:
            self._source.rewind()  # nothing of it was applied
            raise
        self._tally.events.update(taken.events)
        if batch.messages or batch.gaps:
            log.info("batch_taken", messages=len(batch.messages), gaps=len(batch.gaps), **taken.results())
        self._tally.dead_letters += len(taken.letters)
        if taken.positions:
            self._source.commit(taken.positions)
        return len(batch.messages)

    def _heed_restoring(self) -> None:
        """Raises StoreError when an older state was put in place: its logs go on earlier than where we read."""
        before, self._restored_at = self._restored_at, self._store.notes.get(RESTORED)
        if before != self._restored_at:
            raise StoreError("the state was restored while its logs were read: they have to be read again")

    def rest(self, seconds: float) -> None:
        """Waits for a reply, at most so long."""
        self._desk.collect(seconds)

    @property
    def may_send(self) -> bool:
        """Whether records that are due are picked, and calls made."""
        return self._desk.may_send

    @may_send.setter
    def may_send(self, value: bool) -> None:
        self._desk.may_send = value

    @property
    def calls_in_flight(self) -> int:
        """Calls handed to the lanes whose outcome is not recorded."""
        return self._desk.in_flight

    def stop(self, clock: Callable[[], float], grace: float) -> None:
        """Sends nothing more, waits for calls in flight at most `grace` seconds, records their outcomes."""
        self._desk.may_send = False
        end = clock() + grace
        while self._desk.in_flight and clock() < end:
            self._desk.collect(min(0.5, max(0.0, end - clock())))
        self._desk.release_all(clock())
