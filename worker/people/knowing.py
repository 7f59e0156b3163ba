"""Knowing: whether anything is held of a person."""

from mappers.wanted import SourceKey
from state.facts import SourceRecord
from state.permission_facts import KnownPerson
from state.store import Store


def is_known(store: Store, person: str) -> bool:
    """Whether anything is held of the person, a merge with another included."""
    facts = store.items.facts(person)
    return bool(
        facts.wanted
        or facts.published
        or facts.intents
        or facts.departures
        or store.grants.of_person(person)
        or store.tokens.of_person(person)
        or store.consents.of_person(person)
        or store.asks.of_person(person)
        or store.people.person(person) != KnownPerson(person)
        or store.people.canonical(person) != person
        or store.people.aliases(person)
        or store.blocks.forgetting(person)
        or records_about(store, person)
    )


def names_of(store: Store, person: str) -> tuple[str, ...]:
    """Every id that the person is known by; the first is the one that all is kept under."""
    canonical = store.people.canonical(person)
    return (canonical, *store.people.aliases(canonical))


def records_about(store: Store, person: str) -> dict[SourceKey, SourceRecord | None]:
    """The source records that speak or spoke of the person under any id; None where but a word about it is kept."""
    found: dict[SourceKey, SourceRecord | None] = {}
    for name in names_of(store, person):
        for record in store.records.speaking_of(name):
            found[record.key] = record
        for key in store.items.records_of(name):
            found.setdefault(key, store.records.record(key))
    return found
