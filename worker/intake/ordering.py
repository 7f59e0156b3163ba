"""Ordering: which place an event has among those of its source record, by what the store knows of its source."""

from mappers.events.faults import BadEvent
from mappers.events.record_event import RecordEvent
from mappers.events.versions import ByArrival, TakesCurrent, Version, order
from mappers.events.versions import Scheme as SchemeName
from mappers.mapping_file import MappingFile
from mappers.times import epoch
from state.facts import Scheme, SourceRecord
from state.store import Store

OVERTAKEN = "it was taken in its turn before"
STAYS_REMOVED = "it was removed, and this is no newer word: what orders its source was forgotten since"


def reset_order(store: Store, source: str) -> int | None:
    """Forgets what orders a source's events, as after its migration; returns how many records it has.

    None when nothing of that source was ever taken. The next event of each record counts then, whatever its version. A
    removed one stays removed until its source speaks of it again: no log from before revives it.
    """
    with store.transaction():
        known = store.records.scheme(source) is not None
        records = store.records.forget_order(source)
        if not (known or records):
            return None
        store.notes.put(_note(source), repr(store.now()))
    return records


def _note(source: str) -> str:
    return f"order-reset {source}"


class Ordering:
    """Finds the places of events, in the caller's transaction."""

    def __init__(self, store: Store, mapping: MappingFile) -> None:
        self._store = store
        self._mapping = mapping
        self._resets: dict[str, float | None] = {}
        self._schemes: dict[str, Scheme | None] = {}

    def begin(self) -> None:
        """Before each batch, in its transaction, and when a part of it was taken back."""
        self._resets = {}
        self._schemes = {}

    def place_of(
        self, event: RecordEvent, now: float, *, live: bool, passed: bool
    ) -> tuple[Scheme, str] | str | BadEvent:
        """The scheme and version of an event; or why it comes too late, whatever its version.

        `passed`: it is read again from a log that was read beyond it.
        """
        source = event.record.source
        fixed = self._mapping.sources[source].order if source in self._mapping.sources else None
        scheme = fixed or self._scheme(source)
        found = order(event, _known(scheme), live=live, now=now)
        if isinstance(found, BadEvent):
            return found
        if passed and not isinstance(found, Version) and self._store.records.record(event.record) is not None:
            return OVERTAKEN
        current = self._gone(event)
        if current is not None and not self._is_newer_word(event, found, current, live=live):
            return STAYS_REMOVED
        return self._versioned(event, found, is_fixed=scheme is not None)

    def _versioned(
        self, event: RecordEvent, found: Version | ByArrival | TakesCurrent, *, is_fixed: bool
    ) -> tuple[Scheme, str]:
        match found:
            case Version(scheme=chosen, key=key):
                if not is_fixed:
                    source = event.record.source
                    self._schemes[source] = self._store.records.fix_scheme(source, Scheme(chosen))
                return Scheme(chosen), key
            case ByArrival():
                return Scheme.ARRIVAL, self._next_arrival(event)
            case TakesCurrent():
                current = self._store.records.record(event.record)
                return (Scheme.ARRIVAL, "") if current is None else had(current)

    def _next_arrival(self, event: RecordEvent) -> str:
        current = self._store.records.record(event.record)
        arrivals = int(current.version or 0) if current and current.scheme is Scheme.ARRIVAL else 0
        return f"{arrivals + 1:020d}"

    def _gone(self, event: RecordEvent) -> SourceRecord | None:
        """The event's record, if it was removed before what orders its source was forgotten."""
        if self._reset_at(event.record.source) is None:
            return None
        record = self._store.records.record(event.record)
        return record if record is not None and record.removed and record.scheme is Scheme.RESET else None

    def _is_newer_word(
        self, event: RecordEvent, found: Version | ByArrival | TakesCurrent, before: SourceRecord, *, live: bool
    ) -> bool:
        scheme, version = had(before)
        if isinstance(found, Version) and found.scheme == scheme.value and found.key > version:
            return True
        if event.time is None:
            return live
        return epoch(event.time) > (self._reset_at(event.record.source) or 0.0)

    def _scheme(self, source: str) -> Scheme | None:
        if source not in self._schemes:
            self._schemes[source] = self._store.records.scheme(source)
        return self._schemes[source]

    def _reset_at(self, source: str) -> float | None:
        if source not in self._resets:
            said = self._store.notes.get(_note(source))
            self._resets[source] = float(said) if said else None
        return self._resets[source]


def had(record: SourceRecord) -> tuple[Scheme, str]:
    """A record's scheme and version, from before what orders its source was forgotten, if it was."""
    if record.scheme is not Scheme.RESET:
        return record.scheme, record.version
    scheme, _, version = record.version.partition(" ")
    return Scheme(scheme), version


def _known(scheme: str | None) -> SchemeName | None:
    match scheme:
        case "sequence":
            return "sequence"
        case "time":
            return "time"
        case _:
            return None
