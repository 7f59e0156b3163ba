"""Source records and the events about them, in memory."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest

from mappers.wanted import SourceKey
from state.facts import Acceptance, EventNote, Scheme, SourceRecord
from state.memory.state import Handle
from state.memory.tables import Told


class MemoryRecords:
    """Source records with their versions, and the events that spoke of them."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def fix_scheme(self, source: str, scheme: Scheme) -> Scheme:
        """The first one stays."""
        with self._handle.writing as tables:
            fixed = tables.schemes.get(source)
            if fixed is None:
                tables.schemes.put(source, scheme)
            return fixed or scheme

    def scheme(self, source: str) -> Scheme | None:
        """What orders the source's events."""
        with self._handle.reading as tables:
            return tables.schemes.get(source)

    def accept(self, record: SourceRecord) -> Acceptance:
        """The greater of (version, removed, digest) stays, or the one under another scheme."""
        with self._handle.writing as tables:
            before = tables.records.get(record.key)
            result = _meet(before, record)
            if result in (Acceptance.APPLIED, Acceptance.APPLIED_TIE):
                tables.records.put(record.key, record)
            return result

    def forget_order(self, source: str) -> int:
        """All are under the scheme `reset`, with the version that they had."""
        with self._handle.writing as tables:
            tables.schemes.drop(source)
            found = [one for one in tables.records if one.key.source == source]
            for one in found:
                if one.scheme is not Scheme.RESET:
                    version = f"{one.scheme.value} {one.version}"
                    tables.records.put(one.key, replace(one, scheme=Scheme.RESET, version=version))
            return len(found)

    def record(self, key: SourceKey) -> SourceRecord | None:
        """The record as last accepted."""
        with self._handle.reading as tables:
            return tables.records.get(key)

    def named(self, source: str, subject: str) -> Sequence[SourceRecord]:
        """Of any entity."""
        with self._handle.reading as tables:
            return sorted(tables.records.group("named", (source, subject)), key=lambda record: record.key)

    def standing(self, source: str) -> Sequence[SourceKey]:
        """In order."""
        with self._handle.reading as tables:
            return sorted(one.key for one in tables.records if one.key.source == source and not one.removed)

    def sources(self) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            return sorted(
                {record.key.source for record in tables.records} | {source for source, _ in tables.schemes.items()}
            )

    def all(self) -> Iterator[SourceRecord]:
        """By key."""
        with self._handle.reading as tables:
            return iter(sorted(tables.records, key=lambda record: record.key))

    def all_keys(self) -> Iterator[SourceKey]:
        """In order."""
        return (one.key for one in self.all())

    def speaking_of(
        self, persons: Collection[str], behind: SourceKey | None, limit: int
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """By key."""
        texts = [json.dumps(person, ensure_ascii=False) for person in persons]
        with self._handle.reading as tables:
            left = [record for record in tables.records if behind is None or record.key > behind]
        page = nsmallest(limit, left, key=lambda record: record.key)
        found = [
            record
            for record in page
            if any(text in record.data for text in texts)
            or (record.key.subject in persons and record.key.entity.startswith("hr.person"))
        ]
        return found, page[-1].key if len(page) == limit else None

    def rewrite(self, record: SourceRecord) -> None:
        """By key."""
        with self._handle.writing as tables:
            before = tables.records.get(record.key)
            if before is not None:
                said = replace(before, removed=record.removed, data=record.data, digest=record.digest)
                tables.records.put(record.key, said)

    def mapped_alike(self, revision: str) -> bool:
        """All of them."""
        with self._handle.reading as tables:
            return all(record.revision == revision for record in tables.records)

    def outdated(
        self, revision: str, limit: int, after: SourceKey | None = None
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """Of the next ones, those mapped under another revision."""
        with self._handle.reading as tables:
            behind = (record for record in tables.records if after is None or record.key > after)
            found = nsmallest(limit, behind, key=lambda record: record.key)
            return [one for one in found if one.revision != revision], found[-1].key if found else None

    def mapped(self, key: SourceKey, revision: str) -> None:
        """Mapped under this revision now."""
        with self._handle.writing as tables:
            record = tables.records.get(key)
            if record is not None:
                tables.records.put(key, replace(record, revision=revision))

    def note_event(self, note: EventNote) -> None:
        """Once for each id and result."""
        with self._handle.writing as tables:
            key = (note.key, note.event_id, note.result)
            if tables.events.get(key) is None:
                tables.events.put(key, Told(tables.number("event"), note))

    def events(self, source: str, subject: str) -> Sequence[EventNote]:
        """Oldest first."""
        with self._handle.reading as tables:
            told = tables.events.group("named", (source, subject))
            return [one.note for one in sorted(told, key=lambda one: (one.note.at, one.number))]

    def causes(self, key: SourceKey, until: float, limit: int) -> Sequence[EventNote]:
        """Looked through."""
        told = [one for one in self.events(key.source, key.subject) if (one.key, one.result) == (key, "applied")]
        return [one for one in reversed(told) if one.at <= until][:limit]

    def forget_history(self, before: float, limit: int) -> int:
        """Events, then closed intents."""
        with self._handle.writing as tables:
            events = nsmallest(
                limit,
                ((told.note.at, told.number, key) for key, told in tables.events.items() if told.note.at < before),
                key=lambda old: old[:2],
            )
            intents = nsmallest(
                limit - len(events),
                (
                    (story.outcome.at, key)
                    for key, story in tables.closed_intents.items()
                    if story.outcome is not None and story.outcome.at < before
                ),
            )
            for _, _, event in events:
                tables.events.drop(event)
            for _, intent in intents:
                tables.closed_intents.drop(intent)
            return len(events) + len(intents)


def _meet(before: SourceRecord | None, record: SourceRecord) -> Acceptance:
    if before is None or before.scheme is not record.scheme or record.version > before.version:
        return Acceptance.APPLIED
    if record.version < before.version:
        return Acceptance.SUPERSEDED
    ours, theirs = (before.removed, before.digest), (record.removed, record.digest)
    if ours == theirs:
        return Acceptance.UNCHANGED
    return Acceptance.APPLIED_TIE if theirs > ours else Acceptance.SUPERSEDED_TIE
