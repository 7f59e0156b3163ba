"""Removals: what would be taken off records, in memory."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from mappers.identifiers import OrcidId
from mappers.wanted import ItemKey, SourceKey
from state.facts import ItemState, Origin, Published
from state.formers import STANDING, current_grant
from state.memory.state import Handle
from state.memory.tables import Asked, Tables
from state.removal_facts import HeldCount, Place, Removal, RemovalState, RemovalWindow


class MemoryRemovals:
    """What would be taken off records, and who has to be looked at to find out."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def ask(self, person: str) -> None:
        """Once."""
        with self._handle.writing as tables:
            tables.asked.put(person, Asked(person))

    def asked(self, limit: int) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            return sorted(one.person for one in tables.asked)[:limit]

    def answered(self, person: str) -> None:
        """Looked at."""
        with self._handle.writing as tables:
            tables.asked.drop(person)

    def add(self, orcid: OrcidId, put_code: int, item: ItemKey, digest: str, at: float) -> Removal:
        """Numbers are not used again."""
        with self._handle.writing as tables:
            removal = Removal(tables.number("removal"), orcid, put_code, item, digest, at)
            tables.removals.put(removal.number, removal)
        return removal

    def put(self, removal: Removal) -> None:
        """By number."""
        with self._handle.writing as tables:
            known = tables.removals.get(removal.number)
            if known is not None:
                tables.removals.put(
                    removal.number, replace(known, state=removal.state, sent=removal.sent, at=removal.at)
                )

    def drop(self, number: int) -> None:
        """By number."""
        with self._handle.writing as tables:
            tables.removals.drop(number)

    def removal(self, place: Place) -> Removal | None:
        """By place."""
        with self._handle.reading as tables:
            return next(iter(tables.removals.group("place", place)), None)

    def of_person(self, person: str) -> Sequence[Removal]:
        """In order of their numbers."""
        with self._handle.reading as tables:
            return removals_of(tables, person)

    def decide(self, source: str, before: RemovalState, to: RemovalState) -> Sequence[str]:
        """Their people, in order."""
        with self._handle.writing as tables:
            found = [one for one in tables.removals.group("source", source) if one.state is before and not one.sent]
            for one in found:
                tables.removals.put(one.number, replace(one, state=to))
        return sorted({one.item.person for one in found})

    def speak(self, record: SourceKey) -> Sequence[str]:
        """In order."""
        with self._handle.writing as tables:
            found = [
                one
                for one in tables.removals.group("source", record.source)
                if one.item.record == record and one.state is RemovalState.REJECTED
            ]
            for one in found:
                tables.removals.drop(one.number)
        return sorted({one.item.person for one in found})

    def counts(self, source: str, since: float) -> Mapping[RemovalState, int]:
        """Without zeros."""
        with self._handle.reading as tables:
            found = tables.removals.group("source", source)
            return Counter(one.state for one in found if one.at >= since or _is_open(one))

    def sources(self, states: Collection[RemovalState]) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            return sorted({one.item.record.source for one in tables.removals if one.state in states and not one.sent})

    def held(self) -> Sequence[HeldCount]:
        """By source."""
        return [
            HeldCount(source, len(held), sum(bool(one.digest) for one in held), held[-1].number)
            for source in self.sources([RemovalState.HELD])
            if (held := [*self.unsent(source, RemovalState.HELD)])
        ]

    def unsent(self, source: str, state: RemovalState, after: int = 0) -> Iterator[Removal]:
        """In order of the numbers."""
        with self._handle.reading as tables:
            found = [one for one in tables.removals.group("source", source) if one.state is state and not one.sent]
        return iter(sorted((one for one in found if one.number > after), key=_by_number))

    def greatest(self, source: str) -> int:
        """Of those there are."""
        with self._handle.reading as tables:
            return max((one.number for one in tables.removals.group("source", source)), default=0)

    def window(self, source: str) -> RemovalWindow | None:
        """By source."""
        with self._handle.reading as tables:
            return tables.removal_windows.get(source)

    def put_window(self, window: RemovalWindow) -> None:
        """By source."""
        with self._handle.writing as tables:
            tables.removal_windows.put(window.source, window)

    def published(self, source: str) -> int:
        """Live ones, and those that were not found just now."""
        with self._handle.reading as tables:
            standing = (stands.published for stands in tables.published)
            return sum(one.item.record.source == source and one.standing in STANDING for one in standing)

    def unwanted(self) -> Iterator[Published]:
        """By iD, section and put-code."""
        with self._handle.reading as tables:
            counted = {one.place[:3] for one in tables.removals}
            found = [stands.published for stands in tables.published if _is_unwanted(tables, stands.published)]
        found = [one for one in found if (one.orcid, one.section, one.put_code) not in counted]
        return iter(sorted(found, key=lambda one: (one.orcid, one.section, one.put_code)))

    def unwanted_sources(self) -> Sequence[str]:
        """In order."""
        return sorted({one.item.record.source for one in self.unwanted()})


def removals_of(tables: Tables, person: str) -> Sequence[Removal]:
    """The person's removals, in order of their numbers."""
    return sorted(tables.removals.group("person", person), key=_by_number)


def _is_open(removal: Removal) -> bool:
    return not removal.sent and removal.state in (RemovalState.DUE, RemovalState.HELD)


def _by_number(removal: Removal) -> int:
    return removal.number


def _is_unwanted(tables: Tables, one: Published) -> bool:
    if one.origin is not Origin.ADOPTED or one.standing not in STANDING:
        return False
    grant = current_grant(tables.grants.group("person", one.person))
    if grant is None or grant.orcid != one.orcid:
        return False
    kept = tables.wanted.get(one.item)
    return kept is None or (kept.wanted.state is ItemState.HELD and not kept.wanted.hold)
