"""The model: what each record is to hold, worked out from the events alone; nothing of it comes from the store."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappers.documents import Document, digest, self_ids
from mappers.events.record_event import RecordEvent
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY
from mappers.parsing import parse
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from mappers.wire.v2_1 import narrowed
from tests.simulation.sources import Told
from worker.sandbox.records import Item as StandingItem

FAR = 4e9
"""Later than all events: the model's clock."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on a record: its document's digest and identities, apart from our own ids, and these."""

    digest: str
    self_ids: frozenset[str]
    own_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """One item that a person's record is to hold.

    Its digest is over the document, without ids of our own, as far as API v2.1 takes it where that one writes.
    """

    key: ItemKey
    document: Document
    digest: str
    self_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slot:
    """Items that ORCID counts as one: the first says what is to stand."""

    items: tuple[Item, ...]

    @property
    def winner(self) -> Item:
        """The item whose document is to stand."""
        return self.items[0]

    @property
    def keys(self) -> frozenset[ItemKey]:
        """All its items."""
        return frozenset(item.key for item in self.items)

    @property
    def self_ids(self) -> frozenset[str]:
        """All identities of its items."""
        return frozenset().union(*(item.self_ids for item in self.items))

    @property
    def section(self) -> Section:
        """Where it stands."""
        return self.winner.key.section


@dataclass(frozen=True, slots=True)
class Said:
    """What the last event of a source record said, read as the product reads it (both are pure)."""

    event: RecordEvent
    number: int


class Model:
    """Takes events one by one, in the order of their production."""

    def __init__(self, precedence: Mapping[str, int], *, narrow: bool) -> None:
        self._precedence = precedence
        self.narrow = narrow
        self.said: dict[SourceKey, Said] = {}
        self._mapped: dict[SourceKey, tuple[Item, ...]] = {}
        self.events: list[RecordEvent | None] = []
        """What was told of records, by its place among all; None for the rest."""
        self.read: dict[int, tuple[StandingItem, Standing]] = {}
        """What stands, by put-code, and what it says: it is read once."""
        self._slots: dict[str, list[Slot]] = {}
        self._items: dict[tuple[SourceKey, str], tuple[Item, ...]] = {}

    def take(self, told: Told) -> None:
        """The event counts where it is the newest of its record."""
        parsed = parse(told.message, FAR)
        event = parsed if isinstance(parsed, RecordEvent) else None
        self.events.append(event)
        if event is None:
            return
        self._slots.clear()
        before = self.said.get(event.record)
        if before is not None and _order(event) < _order(before.event):
            return
        self.said[event.record] = Said(event, told.number)
        self._mapped[event.record] = () if event.data is None else self.items(event)

    def items(self, event: RecordEvent) -> tuple[Item, ...]:
        """The items that an event stands for."""
        said = event.record, event.digest
        if said not in self._items:
            found = map_record(event.record, event.data, EMPTY) if event.data is not None else ()
            self._items[said] = tuple(
                Item(one.key, one.document, self.digest(one.document), self_ids(one.document))
                for one in found
                if one.document is not None
            )
        return self._items[said]

    def digest(self, document: Document) -> str:
        """By what documents are compared."""
        kept = narrowed(document).document if self.narrow else None
        return digest(kept or document)

    def slots(self, person: str) -> list[Slot]:
        """What the person's record is to hold, each once."""
        if person not in self._slots:
            self._slots[person] = self._slots_of(person)
        return self._slots[person]

    def _slots_of(self, person: str) -> list[Slot]:
        by_section: dict[Section, list[Item]] = defaultdict(list)
        for items in self._mapped.values():
            for item in items:
                if item.key.person == person:
                    by_section[item.key.section].append(item)
        return [slot for section in sorted(by_section) for slot in self._merged(by_section[section])]

    def people(self) -> set[str]:
        """Everybody for whom something is wanted."""
        return {item.key.person for items in self._mapped.values() for item in items}

    def _merged(self, items: Iterable[Item]) -> Iterable[Slot]:
        """Items that share an identity, directly or through others."""
        groups: list[list[Item]] = []
        for item in items:
            met = [group for group in groups if any(item.self_ids & one.self_ids for one in group)]
            groups = [group for group in groups if group not in met]
            groups.append([item, *(one for group in met for one in group)])
        for group in groups:
            group.sort(key=lambda one: (-self._precedence.get(one.key.record.source, 0), one.key))
            yield Slot(tuple(group))


def _order(event: RecordEvent) -> tuple[str, bool, str]:
    """The greater wins; events without a version are all alike, so that the later produced one wins."""
    if event.sequence is None:
        return ("", False, "")
    return (event.sequence, event.removed, event.digest)
