"""Knowing: whether anything is held of a person."""

from collections.abc import Collection, Iterator, Sequence

from mappers.wanted import SourceKey
from state.facts import SourceRecord
from state.permission_facts import KnownPerson
from state.store import Store

PAGE = 1000
"""Source records that are looked through in one statement, which takes milliseconds."""


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
    names = names_of(store, person)
    found: dict[SourceKey, SourceRecord | None] = {}
    for records in pages_speaking_of(store, names):
        found.update({record.key: record for record in records})
    for name in names:
        for key in store.items.records_of(name):
            found.setdefault(key, store.records.record(key))
    return found


def pages_speaking_of(store: Store, names: Collection[str]) -> Iterator[Sequence[SourceRecord]]:
    """Looks through all source records for these ids, some at a time: what was found among them, often nothing."""
    behind: SourceKey | None = None
    while True:
        found, behind = store.records.speaking_of(names, behind, PAGE)
        yield found
        if behind is None:
            return
