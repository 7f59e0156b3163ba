"""Suppressions: source records that are never sent to a person."""

from collections.abc import Sequence
from typing import Protocol

from mappers.wanted import SourceKey
from state.brake_facts import Suppression


class Suppressions(Protocol):
    """Source records that are never sent to a person."""

    def put(self, suppression: Suppression) -> None:
        """Writes one by person and record; the newest word counts."""
        ...

    def drop(self, person: str, record: SourceKey) -> bool:
        """Takes one back; false when there is none."""
        ...

    def of_person(self, person: str) -> Sequence[Suppression]:
        """The person's, by record."""
        ...

    def all(self) -> Sequence[Suppression]:
        """Everybody's, by person and record."""
        ...
