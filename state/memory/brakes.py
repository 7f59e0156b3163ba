"""Brakes and suppressions: what operators told us not to send, in memory."""

from collections.abc import Iterable, Sequence

from mappers.wanted import SourceKey
from state.brake_facts import Brake, Suppression
from state.memory.state import Handle


def in_order(brakes: Iterable[Brake]) -> tuple[Brake, ...]:
    """That of everything first, then by person, source and section."""
    return tuple(sorted(brakes, key=lambda brake: (brake.person, brake.source, brake.section)))


def by_record(suppressions: Iterable[Suppression]) -> list[Suppression]:
    """By person and record."""
    return sorted(suppressions, key=lambda one: (one.person, one.record))


class MemoryBrakes:
    """What operators paused."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, brake: Brake) -> bool:
        """The first one stays."""
        with self._handle.writing as tables:
            is_new = tables.brakes.get(_named(brake)) is None
            if is_new:
                tables.brakes.put(_named(brake), brake)
            return is_new

    def release(self, brake: Brake) -> bool:
        """By what it names."""
        with self._handle.writing as tables:
            return tables.brakes.drop(_named(brake))

    def all(self) -> Sequence[Brake]:
        """In order."""
        with self._handle.reading as tables:
            return in_order(tables.brakes)

    def of_person(self, person: str) -> Sequence[Brake]:
        """In order."""
        with self._handle.reading as tables:
            return in_order(brake for brake in tables.brakes if brake.person in {"", person})

    def concerned(self, brake: Brake) -> Sequence[str]:
        """In order."""
        if brake.person:
            return [brake.person]
        with self._handle.reading as tables:
            wanted = (kept.wanted.key for kept in tables.wanted)
            published = (stands.published.item for stands in tables.published)
            found = {
                key.person
                for keys in (wanted, published)
                for key in keys
                if brake.source in {"", key.record.source} and brake.section in {"", key.section.value}
            }
            if brake.is_of_everything:
                found |= {grant.person for grant in tables.grants}
            return sorted(found)


class MemorySuppressions:
    """Source records that are never sent to a person."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, suppression: Suppression) -> None:
        """By person and record."""
        with self._handle.writing as tables:
            tables.suppressions.put((suppression.person, suppression.record), suppression)

    def drop(self, person: str, record: SourceKey) -> bool:
        """By person and record."""
        with self._handle.writing as tables:
            return tables.suppressions.drop((person, record))

    def of_person(self, person: str) -> Sequence[Suppression]:
        """By record."""
        with self._handle.reading as tables:
            return by_record(tables.suppressions.group("person", person))

    def all(self) -> Sequence[Suppression]:
        """By person and record."""
        with self._handle.reading as tables:
            return by_record(tables.suppressions)


def _named(brake: Brake) -> tuple[str, str, str]:
    return brake.person, brake.source, brake.section
