"""Intake: takes a batch of messages into the store, in one transaction that also moves the positions.

No event stops the others: one that can't be taken becomes a dead letter, one whose taking fails does so alone.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from mappers.events.faults import BadEvent, Rule
from mappers.events.messages import LogId, Message, Place
from mappers.events.packed_messages import pack_message
from mappers.events.people_in_data import MERGED
from mappers.events.permissions import PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.events.source_formats import Skipped
from mappers.forms import Version as Api
from mappers.mapping import map_record, mapping_revision
from mappers.mapping_file import MappingFile
from mappers.parsing import Event, parse
from mappers.wanted import SourceKey
from state.facts import Acceptance, DeadLetter, EventNote, Scheme, SourceRecord
from state.store import Store, StoreError
from worker.intake.anew import RECORDS, Anew
from worker.intake.bad_events import decided_by, internal, refused, type_of
from worker.intake.concerning import Concerned
from worker.intake.departures import departed
from worker.intake.flood import FloodError, FloodGate
from worker.intake.identities import PERSON, identified, remark
from worker.intake.ordering import Ordering
from worker.intake.reading import Reading
from worker.intake.remapping import file_digest, hold_of, rewrite_left_out
from worker.intake.screening import Screen
from worker.intake.taken import Taken
from worker.intake.wants import want
from worker.permission.grants import GrantRefused, Permissions, grant_of
from worker.planning.policy import Policy
from worker.ports import Batch
from worker.tracing.taking import Taking
from worker.tracing.traces import Traces

log = structlog.get_logger()


class DeadLetterTopic(Protocol):
    """Where dead letters are told of besides the store."""

    def publish(self, place: Place, reason: str, field: str | None) -> None:
        """Tells of one, without its bytes; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Tempo:
    """Debounce, in seconds: wait after the last change, and at most after the first."""

    quiet: float
    quiet_max: float


class Intake:
    """The one path by which events come in, from topics, logs and dead letters tried again."""

    def __init__(
        self,
        store: Store,
        mapping: MappingFile,
        tempo: Tempo,
        topic: DeadLetterTopic | None = None,
        max_rewrites: int = 200,
        *,
        policy: Policy | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._store = store
        self._policy = policy or Policy()
        self._anew = Anew(store, mapping, self._policy, max_rewrites, self._due)
        self._mapping = mapping
        self._revision = mapping_revision(mapping)
        self.decided_by = decided_by(mapping)
        self._topic = topic
        self._permissions = Permissions(store)
        self._screen = Screen(store)
        self._ordering = Ordering(store, mapping)
        self._concerned = Concerned(store, tempo.quiet, tempo.quiet_max)
        self.flood = FloodGate(store)
        self.traces = traces or Traces(store)
        self._taking = Taking(self.traces)
        self._reading = Reading(store)
        self.hear: Callable[[SourceKey], None] = lambda _: None

    def take(self, batch: Batch, now: float) -> Taken:
        """Applies a batch with its positions and gaps: all in one transaction, or each event in its own savepoint.

        Raises StoreError, too, when the state has lost what an earlier batch was kept in (worker/intake/reading.py).
        Raises FloodError, with nothing of it applied, when most of what was read lately can't be taken.
        """
        try:
            taken = self._take_all(batch, now, alone=False)
        except (StoreError, FloodError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an event does to us, it must not stop the others
            log.warning("batch_failed", error=type(error).__name__, messages=len(batch.messages), next="one by one")
            taken = self._take_all(batch, now, alone=True)
        self._reading.keep(taken.positions)
        self.flood.keep()
        self._taking.keep()
        for place, letter in taken.letters:
            log.warning("event_buried", place=letter.place, rule=letter.rule, field=letter.field, why=letter.message)
            if self._topic is not None:
                self._topic.publish(place, letter.rule, letter.field)
        return taken

    def retry(self, letter: DeadLetter, message: Message, now: float) -> bool:
        """Takes a dead letter's message as it came, apart from its log, in one transaction; true when it was taken."""
        with self._store.transaction():
            self._store.letters.settle(letter.id, "retried")
            taken = self._apply(Batch([replace(message, live=False)]), now, alone=True)
        self._taking.keep()
        return not taken.letters

    def _take_all(self, batch: Batch, now: float, *, alone: bool) -> Taken:
        with self._store.transaction():
            self.flood.begin(now)
            taken = self._apply(batch, now, alone=alone, seen=self.flood.see)
            self.flood.end()
            return taken

    def _apply(
        self, batch: Batch, now: float, *, alone: bool, seen: Callable[[DeadLetter | None], None] = lambda _: None
    ) -> Taken:
        """`seen` is told of each message, with its dead letter if it is a new one."""
        taken = Taken()
        self._taking.begin()
        self._screen.begin()
        self._ordering.begin()
        self._concerned.forget()
        self._reading.begin(batch, now)
        next_offsets: dict[LogId, int] = {}
        for message in batch.messages:
            stream = message.place.log
            passed = False
            if stream is not None:
                if stream not in next_offsets:
                    next_offsets[stream] = self._reading.position(stream)
                passed = message.place.offset < next_offsets[stream]
                if passed and message.live:
                    taken.skipped += 1  # its partition went to another process, which has applied it
                    continue
                if message.live:
                    next_offsets[stream] = taken.positions[stream] = message.place.offset + 1
            seen(self._take_one(message, now, taken, passed=passed, alone=alone))
        self._concerned.settle()
        for stream, offset in taken.positions.items():
            self._store.logs.advance(stream, offset)
        return taken

    def _take_one(self, message: Message, now: float, taken: Taken, *, passed: bool, alone: bool) -> DeadLetter | None:
        """Returns its dead letter, if it is a new one."""
        self._taking.meets(message.place)
        event = parse(message, now, self._mapping.source_formats)
        if isinstance(event, BadEvent):
            return self._bury(message, event, now, taken)
        if isinstance(event, Skipped):
            self._count(taken, "unknown", "skipped")
            return None
        if isinstance(event, RecordEvent):
            self.hear(event.record)
        screened = self._screen.event(event)
        if screened is None:
            self._count(taken, type_of(event), "erased")
            return None
        if isinstance(screened, RecordEvent):
            self._taking.reads(screened)
        if not alone:
            return self._result(screened, message, now, taken, passed=passed)
        try:
            with self._store.transaction():
                letter = self._result(screened, message, now, taken, passed=passed)
                self._concerned.settle()
                return letter
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the one that fails is a dead letter, the others go on
            self._ordering.begin()
            self._concerned.forget()
            return self._bury(message, internal(screened, message, error), now, taken)

    def _result(self, event: Event, message: Message, now: float, taken: Taken, *, passed: bool) -> DeadLetter | None:
        result = self._event(event, message, now, passed=passed)
        if isinstance(result, BadEvent):
            return self._bury(message, result, now, taken)
        self._count(taken, type_of(event), result)
        return None

    def _count(self, taken: Taken, kind: str, result: str, rule: str = "") -> None:
        taken.events[kind, result] += 1
        self._taking.ends(kind, result, rule)

    def _event(self, event: Event, message: Message, now: float, *, passed: bool) -> str | BadEvent:
        match event:
            case PermissionGranted():
                try:
                    return self._permissions.grant(grant_of(event)).value
                except GrantRefused as error:
                    return refused(event, message, error, now)
            case PermissionRevoked():
                return self._permissions.revoke(event.person, event.at, "revoked by an event").value
            case RecordEvent():
                return self._record(event, now, live=message.live or message.place.log is not None, passed=passed)

    def _record(self, event: RecordEvent, now: float, *, live: bool, passed: bool) -> str | BadEvent:
        place = self._ordering.place_of(event, now, live=live, passed=passed)
        match place:
            case BadEvent():
                return place
            case str():
                return self._note(event, now, "superseded", place)
            case scheme, version:
                return self._accept(event, scheme, version, now)

    def _accept(self, event: RecordEvent, scheme: Scheme, version: str, now: float) -> str:
        if self._screen.came_before(event.record, scheme, version):
            return "superseded"
        data = "" if event.data is None else json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
        record = SourceRecord(event.record, scheme, version, event.removed, data, event.digest, self._revision)
        before = self._store.records.record(event.record) if event.record.entity == PERSON else None
        acceptance = self._store.records.accept(record)
        match acceptance:
            case Acceptance.APPLIED | Acceptance.APPLIED_TIE:
                began = self.traces.now()
                items = () if event.data is None else map_record(event.record, event.data, self._mapping)
                concerned = want(self._store, event.record, items) | departed(self._store, event)
                self._taking.maps(len(items), len(concerned), began)
                self._concerned.add(concerned)
                if event.record.entity == MERGED:
                    self._concerned.settle()  # while they are still called so
                self._concerned.add(identified(self._store, event, before))
                return self._note(event, now, "applied", remark(event) or ("" if event.removed else _tie(acceptance)))
            case Acceptance.UNCHANGED:
                return "unchanged"
            case Acceptance.SUPERSEDED | Acceptance.SUPERSEDED_TIE:
                return self._note(event, now, "superseded", _tie(acceptance))

    def _note(self, event: RecordEvent, now: float, result: str, detail: str) -> str:
        note = EventNote(event.record, event.id, event.type, str(event.place), now, result, detail, event.traceparent)
        self._store.records.note_event(note)
        return result

    def _due(self, persons: Iterable[str]) -> None:
        self._concerned.add(persons)
        self._concerned.settle()

    def _bury(self, message: Message, bad: BadEvent, now: float, taken: Taken) -> DeadLetter | None:
        """Returns the dead letter, if it is a new one."""
        kind = "unknown" if bad.rule is Rule.UNKNOWN_TYPE or not bad.type else bad.type
        screened = self._screen.message(message)
        if screened is None:
            self._count(taken, kind, "erased")
            return None
        letter = DeadLetter(
            id=message.fingerprint(),
            place=str(message.place),
            source=bad.source,
            entity=bad.entity,
            subject=bad.subject,
            rule=bad.rule.value,
            field=bad.field,
            message=bad.message,
            envelope=pack_message(screened),
            at=now,
            type=bad.type,
            again_at=bad.again_at,
        )
        is_new = not self._store.letters.knows(letter.id)
        self._count(taken, kind, "dead_letter", letter.rule)
        if self._store.letters.bury(letter):
            taken.letters.append((message.place, letter))
        return letter if is_new else None

    def remap(self, limit: int = RECORDS) -> Iterator[int]:
        """Maps all source records that were mapped otherwise, in steps that look at `limit` of them: how many each did.

        When none is left, what differs now is counted; more updates than the limit are held (ARCHITECTURE.md 6, Guard).
        """
        return self._anew.map_all(self._revision, limit, rewriting=False)

    def rewrite(self, limit: int = RECORDS) -> Iterator[int]:
        """Maps all source records as if their next event had come, in steps as `remap`.

        So what differs only in form since an upgrade goes out as well (`sync --rewrite`), and what API v2.1 left out.
        """
        revision = f"0:{file_digest(self._revision)}"
        if self._policy.version is Api.V3_0:
            with self._store.transaction():
                self._due(rewrite_left_out(self._store, hold_of(revision, self._policy, rewriting=True)))
        yield from self._anew.map_all(revision, limit, rewriting=True)


def _tie(acceptance: Acceptance) -> str:
    tied = acceptance in (Acceptance.APPLIED_TIE, Acceptance.SUPERSEDED_TIE)
    return "an event of the same version said otherwise" if tied else ""
