"""People: what is known of people besides items and grants, who of them are one, and who is erased."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mappers.wanted import SourceKey
from state.permission_facts import KnownPerson


class People(Protocol):
    """What is known of people besides items and grants, who of them are one, and who is erased."""

    def person(self, person: str) -> KnownPerson:
        """What is known of a person; nothing, for a stranger."""
        ...

    def put(self, person: KnownPerson) -> None:
        """Writes what is known of a person."""
        ...

    def canonical(self, person: str) -> str:
        """Whom this person was merged into, at the end of the chain; the same person when nobody."""
        ...

    def aliases(self, person: str) -> Sequence[str]:
        """Who was merged into this person, directly or through others."""
        ...

    def all(self) -> Iterator[KnownPerson]:
        """What is known of everybody of whom something is, in order, read as it is asked for."""
        ...

    def merged(self) -> Sequence[tuple[str, str]]:
        """Everybody who was merged into somebody, with whom, in order."""
        ...

    def merge(self, person: str, into: str) -> None:
        """Moves everything that is kept under one person to another, and remembers that they are one.

        Items, published items, intents, grants, tokens, moves, consents, asks, departures, agenda and what is known of
        the person. Of two wanted items that become one, that of `into` stays; of what is known, the newer times. Both
        must be canonical, and not the same.
        """
        ...

    def erase(self, person: str) -> None:
        """Erases everything that is kept under the person, their records' leases, sections and suspensions with it.

        Source records, their events and dead letters are not kept under a person: `erase_record` and the caller's.
        """
        ...

    def erase_record(self, record: SourceKey) -> None:
        """Erases a source record with its events, wanted items, intents and dead letters."""
        ...
