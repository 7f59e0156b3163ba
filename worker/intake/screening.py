"""Screening: what events say of people who are forgotten goes no further (ARCHITECTURE.md 9)."""

from dataclasses import replace

from mappers.events.messages import Message
from mappers.events.named_people import people_named, without_named
from mappers.events.people_in_data import without_people
from mappers.events.permissions import PermissionGranted, PermissionRevoked
from mappers.events.record_event import RecordEvent
from mappers.parsing import Event, data_digest
from mappers.wanted import SourceKey
from state.facts import Scheme
from state.store import Store
from worker.people.erasing import order_text
from worker.permission.grants import is_forgotten


class Screen:
    """Takes who was forgotten, or is being forgotten, out of events. Costs one look a batch while nobody is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._anybody = False
        self._known: dict[str, bool] = {}

    def begin(self) -> None:
        """Before each batch, in its transaction."""
        self._anybody = self._store.blocks.any()
        self._known = {}

    def event(self, event: Event) -> Event | None:
        """The event as if those people were not in it; None when it speaks of nobody else."""
        if not self._anybody:
            return event
        match event:
            case PermissionGranted() | PermissionRevoked():
                return None if self._gone(event.person) else event
            case RecordEvent(data=None):
                return None if self._was_about_them(event) else event
            case RecordEvent():
                return self._without(event)

    def came_before(self, record: SourceKey, scheme: Scheme, version: str) -> bool:
        """Whether a later event of a record that was erased with a person was taken: what it said before is over."""
        if not self._anybody or scheme is Scheme.ARRIVAL or self._store.records.record(record) is not None:
            return False
        last = self._store.blocks.erased(record) or ""
        return last.startswith(f"{scheme.value} ") and order_text(scheme, version) <= last

    def message(self, message: Message) -> Message | None:
        """The bytes of an event that can't be taken, as if those people were not in it.

        None when it names nobody else. Bytes that can't be read are kept as they are.
        """
        if not self._anybody:
            return message
        named = people_named(message)
        gone = frozenset(person for person in named if self._gone(person))
        if not gone:
            return message
        return None if named == gone else without_named(message, gone)

    def _without(self, event: RecordEvent) -> RecordEvent | None:
        data = without_people(event.record.entity, event.data or {}, self._gone)
        if data is None or data is event.data:
            return None if data is None else event
        return replace(event, data=data, digest=data_digest(data))

    def _was_about_them(self, event: RecordEvent) -> bool:
        """A removal says nothing of whom the record was about; one that still stands is another's, too."""
        if self._store.records.record(event.record) is not None:
            return False
        called_so = event.record.entity.startswith("hr.person") and self._gone(event.record.subject)
        return called_so or self._store.blocks.erased(event.record) is not None

    def _gone(self, person: str) -> bool:
        if person not in self._known:
            self._known[person] = is_forgotten(self._store, person)
        return self._known[person]
