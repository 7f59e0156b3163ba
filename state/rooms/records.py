"""Records: source records with their versions, and the events that spoke of them."""

from collections.abc import Sequence
from typing import Protocol

from mappers.wanted import SourceKey
from state.facts import Acceptance, EventNote, Scheme, SourceRecord


class Records(Protocol):
    """Source records with their versions, and the events that spoke of them."""

    def fix_scheme(self, source: str, scheme: Scheme) -> Scheme:
        """Fixes what orders a source's events unless it is fixed; returns what is."""
        ...

    def scheme(self, source: str) -> Scheme | None:
        """What orders a source's events, or None when none was seen."""
        ...

    def accept(self, record: SourceRecord) -> Acceptance:
        """Compares with the version we have and writes, in one statement.

        Within one scheme the greater of (version, removed, digest) wins; another scheme than the record's wins.
        """
        ...

    def forget_order(self, source: str) -> int:
        """Forgets what orders a source's events: whatever comes next of each record wins; returns how many it has."""
        ...

    def record(self, key: SourceKey) -> SourceRecord | None:
        """The source record as last accepted."""
        ...

    def named(self, source: str, subject: str) -> Sequence[SourceRecord]:
        """The source records of any entity with this source and subject."""
        ...

    def standing(self, source: str) -> Sequence[SourceKey]:
        """The records of a source that are not removed, in order."""
        ...

    def sources(self) -> Sequence[str]:
        """Every source with a record, removed ones too, or of which it's known what orders it, in order."""
        ...

    def all(self) -> Sequence[SourceRecord]:
        """All of them, in order of their keys."""
        ...

    def speaking_of(self, person: str) -> Sequence[SourceRecord]:
        """Those whose data hold a text that is the person's id, and those about a person (`hr.person…`) called so."""
        ...

    def rewrite(self, record: SourceRecord) -> None:
        """Writes data, digest and whether it was removed in place of what is kept, whatever the version."""
        ...

    def outdated(self, revision: str, limit: int) -> Sequence[SourceRecord]:
        """At most `limit` records mapped under another revision."""
        ...

    def mapped(self, key: SourceKey, revision: str) -> None:
        """Notes under which mapping revision a record is mapped now."""
        ...

    def note_event(self, note: EventNote) -> None:
        """Adds an event to its record's story; one that is there with the same id and result stays as it was."""
        ...

    def events(self, source: str, subject: str) -> Sequence[EventNote]:
        """The events about a subject, oldest first."""
        ...

    def causes(self, key: SourceKey, until: float, limit: int) -> Sequence[EventNote]:
        """The events that changed a source record up to then, the newest first."""
        ...

    def forget_history(self, before: float) -> int:
        """Drops events and closed intents noted before then; returns how many."""
        ...
