"""Departures: who left, and who came back, as events say it."""

from mappers.events.faults import LEFT
from mappers.events.record_event import RecordEvent
from state.facts import Departure
from state.store import Store


def departed(store: Store, event: RecordEvent) -> frozenset[str]:
    """Notes, in the caller's transaction, that somebody left or came back; returns whom it concerns, if anybody.

    A correction that names another person concerns both.
    """
    if event.record.entity != LEFT:
        return frozenset()
    said_before = store.departures.come_back(event.record)
    persons = {said_before} if said_before is not None else set()
    if event.data is not None:
        person = store.people.canonical(event.data["person"]["id"])
        departure = Departure(event.record, person, event.data.get("date"))
        store.departures.leave(departure)
        persons.add(departure.person)
    for one in persons:
        store.removals.ask(one)
    return frozenset(persons)
