"""People: what is known of people besides items and grants, who of them are one, and who is erased, in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mappers.identifiers import OrcidId
from mappers.wanted import ItemKey, SourceKey
from state.memory.journal import Table
from state.memory.state import Handle
from state.memory.tables import Asked, Entry, Kept, Stands, Tables
from state.permission_facts import KnownPerson


class MemoryPeople:
    """What is known of people besides items and grants, who of them are one, and who is erased."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def person(self, person: str) -> KnownPerson:
        """By id."""
        with self._handle.reading as tables:
            return tables.people.get(person) or KnownPerson(person)

    def put(self, person: KnownPerson) -> None:
        """By id."""
        with self._handle.writing as tables:
            tables.people.put(person.id, person)

    def canonical(self, person: str) -> str:
        """One look: `merge` keeps every chain one step long."""
        with self._handle.reading as tables:
            return tables.aliases.get(person) or person

    def aliases(self, person: str) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            return _aliases(tables, person)

    def all(self) -> Iterator[KnownPerson]:
        """In order."""
        with self._handle.reading as tables:
            return iter(sorted(tables.people, key=lambda known: known.id))

    def merged(self) -> Sequence[tuple[str, str]]:
        """In order."""
        with self._handle.reading as tables:
            return sorted(tables.aliases.items())

    def merge(self, person: str, into: str) -> None:
        """Of two grants on one iD the newer stays."""
        with self._handle.writing as tables:
            _merge_grants(tables, person, into)
            _merge_by_id(tables, person, into)
            _merge_items(tables, person, into)
            _merge_words(tables, person, into)
            for table in (tables.tokens, tables.asks, tables.departures, tables.verdicts):
                _hand_over(table, person, into)
            for consent in tables.consents.group("person", person):
                grant = consent.grant and replace(consent.grant, person=into)
                tables.consents.put(consent.id, replace(consent, person=into, grant=grant))
            for alias in (*_aliases(tables, person), person):
                tables.aliases.put(alias, into)

    def erase(self, person: str) -> None:
        """Under their aliases as well; an iD that is another's too keeps what is known of its record."""
        with self._handle.writing as tables:
            names = (person, *_aliases(tables, person))
            orcids = set().union(*(_orcids(tables, name) for name in names))
            for name in names:
                for table in _all(tables):
                    _drop(table, (key for key, value in table.items() if _person(value) == name))
                tables.aliases.drop(name)
            for orcid in orcids - _orcids(tables, None):
                tables.suspensions.drop(orcid)
                tables.leases.drop(orcid)
                _drop(tables.sections, (key for key, _ in tables.sections.items() if key[0] == orcid))

    def erase_record(self, record: SourceKey) -> None:
        """What is published of it stays: it is kept under its person."""
        with self._handle.writing as tables:
            tables.records.drop(record)
            tables.departures.drop(record)
            _drop(tables.events, (key for key, told in tables.events.items() if told.note.key == record))
            _drop(tables.wanted, (kept.wanted.key for kept in tables.wanted.group("record", record)))
            _drop(tables.open_intents, (intent.id for intent in tables.open_intents.group("record", record)))
            _drop(tables.closed_intents, (told.intent.id for told in tables.closed_intents.group("record", record)))
            _drop(tables.suppressions, (key for key, _ in tables.suppressions.items() if key[1] == record))
            named = (record.source, record.entity, record.subject)
            _drop(
                tables.letters,
                (one.id for one in tables.letters if (one.source, one.entity, one.subject) == named),
            )


def _aliases(tables: Tables, person: str) -> list[str]:
    return sorted(alias for alias, into in tables.aliases.items() if into == person)


def _all(tables: Tables) -> tuple[Table[Any, Any], ...]:
    """The tables with what is kept under a person. A forgetting is not: it ends with `Blocks.complete`."""
    return (
        tables.grants,
        tables.tokens,
        tables.moves,
        tables.consents,
        tables.asks,
        tables.wanted,
        tables.published,
        tables.open_intents,
        tables.closed_intents,
        tables.agenda,
        tables.departures,
        tables.removals,
        tables.asked,
        tables.verdicts,
        tables.brakes,
        tables.suppressions,
        tables.people,
    )


def _person(value: Any) -> str:
    match value:
        case Kept(wanted=wanted):
            return wanted.key.person
        case Stands(published=published):
            return published.person
        case KnownPerson(id=person):
            return person
        case _:
            return str(value.intent.person if hasattr(value, "intent") else value.person)


def _orcids(tables: Tables, person: str | None) -> set[OrcidId]:
    """The iDs under which something is kept of the person, or of anybody."""
    kept: tuple[Iterable[Any], ...] = (
        tables.grants,
        tables.tokens,
        tables.moves,
        tables.asks,
        tables.removals,
        tables.verdicts,
        (stands.published for stands in tables.published),
        tables.open_intents,
        (story.intent for story in tables.closed_intents),
    )
    return {one.orcid for table in kept for one in table if person in (None, one.person)}


def _drop(table: Table[Any, Any], keys: Iterator[Any]) -> None:
    for key in list(keys):
        table.drop(key)


def _hand_over(table: Table[Any, Any], person: str, into: str) -> None:
    """Values that name the person, under keys that don't."""
    for key, value in [(key, value) for key, value in table.items() if value.person == person]:
        table.put(key, replace(value, person=into))


def _merge_grants(tables: Tables, person: str, into: str) -> None:
    for grant in tables.grants.group("person", person):
        other = tables.grants.get((into, grant.orcid))
        tables.grants.drop((person, grant.orcid))
        if other is None or other.granted_at < grant.granted_at:
            tables.grants.put((into, grant.orcid), replace(grant, person=into))
    for move in [move for move in tables.moves if move.person == person]:
        tables.moves.drop((person, move.orcid))
        if tables.moves.get((into, move.orcid)) is None:
            tables.moves.put((into, move.orcid), replace(move, person=into))


def _merge_by_id(tables: Tables, person: str, into: str) -> None:
    ours, theirs = tables.people.get(person), tables.people.get(into) or KnownPerson(into)
    if ours is not None:
        tables.people.drop(person)
        revoked_at, denied_at = max(ours.revoked_at, theirs.revoked_at), max(ours.denied_at, theirs.denied_at)
        tables.people.put(into, KnownPerson(into, theirs.name or ours.name, revoked_at, denied_at))
    entry, other = tables.agenda.get(person), tables.agenda.get(into)
    if entry is not None:
        tables.agenda.drop(person)
        tables.agenda.put(into, replace(entry, person=into) if other is None else _both(entry, other))


def _both(ours: Entry, theirs: Entry) -> Entry:
    """The earlier times count; whoever looks at one of them now sees that the revision grew."""

    def earlier(*times: float | None) -> float | None:
        return min((time for time in times if time is not None), default=None)

    return replace(
        theirs,
        revision=ours.revision + theirs.revision,
        quiet_since=earlier(ours.quiet_since, theirs.quiet_since),
        quiet_until=earlier(ours.quiet_until, theirs.quiet_until),
        retry_at=earlier(ours.retry_at, theirs.retry_at),
    )


def _merge_words(tables: Tables, person: str, into: str) -> None:
    """What operators said of both stays as it was said of `into`."""
    brake = tables.brakes.get((person, "", ""))
    if brake is not None:
        tables.brakes.drop((person, "", ""))
        if tables.brakes.get((into, "", "")) is None:
            tables.brakes.put((into, "", ""), replace(brake, person=into))
    for one in tables.suppressions.group("person", person):
        tables.suppressions.drop((person, one.record))
        if tables.suppressions.get((into, one.record)) is None:
            tables.suppressions.put((into, one.record), replace(one, person=into))


def _merge_items(tables: Tables, person: str, into: str) -> None:
    def handed_over(key: ItemKey) -> ItemKey:
        return replace(key, person=into)

    for kept in tables.wanted.group("person", person):
        tables.wanted.drop(kept.wanted.key)
        key = handed_over(kept.wanted.key)
        if tables.wanted.get(key) is None:
            tables.wanted.put(key, Kept(replace(kept.wanted, key=key), kept.document))
    for removal in tables.removals.group("person", person):
        tables.removals.put(removal.number, replace(removal, item=handed_over(removal.item)))
    if tables.asked.drop(person):
        tables.asked.put(into, Asked(into))
    for stands in tables.published.group("person", person):
        one = replace(stands.published, person=into, item=handed_over(stands.published.item))
        tables.published.put((one.orcid, one.section, one.put_code), Stands(one, stands.document))
    for intent in tables.open_intents.group("person", person):
        tables.open_intents.put(intent.id, replace(intent, person=into, item=handed_over(intent.item)))
    for story in [story for story in tables.closed_intents if story.intent.person == person]:
        intent = replace(story.intent, person=into, item=handed_over(story.intent.item))
        tables.closed_intents.put(intent.id, replace(story, intent=intent))
