"""Asks: permission requests in researchers' inboxes at ORCID, in memory."""

from collections.abc import Iterator, Sequence

from mappers.identifiers import OrcidId
from state.memory.state import Handle
from state.permission_facts import Ask


class MemoryAsks:
    """Permission requests in researchers' inboxes at ORCID."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, ask: Ask) -> None:
        """By iD and put-code."""
        with self._handle.writing as tables:
            tables.asks.put((ask.orcid, ask.put_code), ask)

    def drop(self, orcid: OrcidId, put_code: int) -> None:
        """By iD and put-code."""
        with self._handle.writing as tables:
            tables.asks.drop((orcid, put_code))

    def newest(self, person: str) -> Ask | None:
        """By when it was asked."""
        return next(iter(self.of_person(person)), None)

    def of_person(self, person: str) -> Sequence[Ask]:
        """Newest first."""
        with self._handle.reading as tables:
            return sorted(tables.asks.group("person", person), key=_age)

    def all(self) -> Iterator[Ask]:
        """By person."""
        newest: dict[str, Ask] = {}
        with self._handle.reading as tables:
            for ask in sorted(tables.asks, key=lambda ask: (ask.person, _age(ask))):
                newest.setdefault(ask.person, ask)
        return iter(newest.values())


def _age(ask: Ask) -> tuple[float, OrcidId, int]:
    return -ask.asked_at, ask.orcid, -ask.put_code
