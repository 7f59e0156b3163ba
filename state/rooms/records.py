"""Records: source records with their versions, and the events that spoke of them."""

from collections.abc import Collection, Iterator, Sequence
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

    def all(self) -> Iterator[SourceRecord]:
        """All of them, in order of their keys, read as they are asked for; those read may be changed meanwhile."""
        ...

    def all_keys(self) -> Iterator[SourceKey]:
        """The keys of all of them, removed ones too, in order, read as they are asked for."""
        ...

    def speaking_of(
        self, persons: Collection[str], behind: SourceKey | None, limit: int
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """Those of the next `limit` records behind a key whose data hold a text that is the id of one of these persons.

        Those about a person (`hr.person…`) who is called so, too. With the last key of them all, to go on behind; None
        when there are no more.
        """
        ...

    def rewrite(self, record: SourceRecord) -> None:
        """Writes data, digest and whether it was removed in place of what is kept, whatever the version."""
        ...

    def mapped_alike(self, revision: str) -> bool:
        """Whether all records are mapped under this revision; soon told, however many there are."""
        ...

    def outdated(
        self, revision: str, limit: int, after: SourceKey | None = None
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """Looks at the next `limit` records behind `after`, in order of their keys.

        Returns those of them that are mapped under another revision, and the last that was looked at: None when there
        was none left.
        """
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

    def forget_history(self, before: float, limit: int) -> int:
        """Drops at most `limit` of the events and closed intents noted before then, the oldest first of each.

        Returns how many; with fewer than `limit` there are no more. However many there were, it is a short transaction.
        """
        ...
