"""The loop: one turn takes events in, plans what is due, hands calls to lanes and records their outcomes.

One thread owns it, the event source and the store handle. It decides nothing itself: parsing, planning and the reply
table are pure, and what they say is written down by intake, outcomes and discoveries.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from mappers.events.messages import LogId
from state.store import Store, StoreError
from worker.intake.flood import FloodError, note_flood, standing_flood
from worker.intake.intake import Intake
from worker.intake.releasing import release_due
from worker.note_names import RESTORED
from worker.people.forgetting import Eraser
from worker.ports import EventSource, Lanes
from worker.recording.recovering import begin_recovery, recovers_since
from worker.turning.desk import Desk
from worker.watching.tally import Tally

log = structlog.get_logger()

FORGET_SECONDS = 1.0
"""How often it is looked at whether somebody who is being forgotten can be erased."""
RELEASE_SECONDS = 60.0
"""How often it is looked at whether dead letters may be taken now that came too early."""
FLOOD_SECONDS = 60.0
"""How often it is told that reading is stopped."""
LISTEN_SECONDS = 5.0
"""How often the source is polled while reading is stopped, so that Kafka counts us in and others can join."""
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
        self._traces = intake.traces
        self._eraser = Eraser(store)
        self._look_at_forgotten_at = 0.0
        self._release_at = 0.0
        self._tell_flood_at = 0.0
        self._listen_at = 0.0
        self._listened = False
        self._restored_at = store.notes.get(RESTORED)
        self._stop_by = math.inf

    def turn(self, now: float, wait: float = 0.0) -> Turn:
        """One round; waits at most `wait` seconds for something to happen."""
        stopped = self._reading_stopped(now)
        busy = self._desk.in_flight or stopped
        events = 0 if stopped else self._read(now, 0.0 if busy else wait)
        outcomes = self._desk.collect(wait if busy and not events else 0.0)
        planned = self._desk.pick(now)
        calls = self._desk.push(now)
        if now >= self._look_at_forgotten_at:
            self._look_at_forgotten_at = now if self._eraser.go_on() else now + FORGET_SECONDS
        if now >= self._release_at:
            self._release_at = now + RELEASE_SECONDS
            release_due(self._intake, self._store, now)
        self._traces.flush()
        return Turn(events, calls, outcomes, planned)

    def _reading_stopped(self, now: float) -> bool:
        """Whether a flood of what can't be taken stands, in any process; it is told again and again."""
        if self._source.exhausted:
            return False
        why = standing_flood(self._store, self._intake.decided_by)
        if why is None:
            self._tell_flood_at = 0.0
            if self._listened:
                self._listened = False
                self._source.rewind()
            return False
        if now >= self._tell_flood_at:
            self._tell_flood_at = now + FLOOD_SECONDS
            log.error("reading_stopped", why=why)
        if now >= self._listen_at:
            self._listen_at = now + LISTEN_SECONDS
            self._source.poll(1, 0.0)  # what it brings is read again when reading goes on
            self._listened = True
            self._tell_of_source(self._source.lag())
        return True

    def _tell_of_source(self, lag: Mapping[LogId, int]) -> None:
        self._tally.lag = lag
        self._tally.source_down = self._source.trouble is not None

    def _read(self, now: float, wait: float) -> int:
        """As `take_in`, but a flood stops reading, for every process, until an operator decides."""
        try:
            return self.take_in(now, wait)
        except FloodError as flood:
            note_flood(self._store, str(flood), self._intake.decided_by)
            return 0

    def take_in(self, now: float, wait: float = 0.0) -> int:
        """Polls and applies one batch; returns how many messages it had.

        Raises FloodError, with nothing of it applied, when most of what was read lately can't be taken.
        """
        if self._source.exhausted:
            return 0
        batch = self._source.poll(BATCH, wait)
        lag = Counter(self._source.lag())
        try:
            self._heed_restoring()
            if not (batch.messages or batch.gaps or batch.behind or batch.starts):
                return 0
            taken = self._intake.take(batch, now)
        except (StoreError, FloodError):
            lag.update(one.place.log for one in batch.messages if one.place.log is not None)
            self._source.rewind()  # nothing of it was applied
            raise
        finally:
            self._tell_of_source(dict(lag))
        self._tally.events.update(taken.events)
        if batch.messages or batch.gaps:
            log.info("batch_taken", messages=len(batch.messages), gaps=len(batch.gaps), **taken.results())
        self._tally.dead_letters += len(taken.letters)
        if taken.positions:
            self._source.commit(taken.positions)
        self._traces.flush()
        return len(batch.messages)

    def _heed_restoring(self) -> None:
        """Raises StoreError when an older state was put in place: its logs go on earlier than where we read."""
        before, self._restored_at = self._restored_at, self._store.notes.get(RESTORED)
        if before != self._restored_at:
            raise StoreError("the state was restored while its logs were read: they have to be read again")

    def recover(self, now: float, why: str, lost_at: float = math.inf) -> None:
        """After the state lost what was committed last: reads on from where it is, and lists before it adds.

        Where another process has begun with that since `lost_at`, it is not begun again. Raises StoreError.
        """
        with self._store.transaction():
            if not recovers_since(self._store, lost_at):
                begin_recovery(self._store, now, why)
        self._source.rewind()

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
        """Sends nothing more, waits for calls in flight at most `grace` seconds, records their outcomes.

        Told a second time, it waits no longer than it would have by the first.
        """
        self._desk.may_send = False
        self._stop_by = min(self._stop_by, clock() + grace)
        while self._desk.in_flight and clock() < self._stop_by:
            self._desk.collect(min(0.5, max(0.0, self._stop_by - clock())))
        self._desk.release_all(clock())
