"""Moves: what becomes of what stands on records that people moved away from."""

from collections.abc import Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from state.permission_facts import Move


class Moves(Protocol):
    """What becomes of what stands on records that people moved away from."""

    def put(self, move: Move) -> None:
        """Writes a move by (person, iD)."""
        ...

    def move(self, person: str, orcid: OrcidId) -> Move | None:
        """The move away from this record."""
        ...

    def of_person(self, person: str) -> Sequence[Move]:
        """The person's moves, by iD."""
        ...

    def all(self) -> Sequence[tuple[Move, int]]:
        """Every move with the number of items that still stand on its record, by person and iD."""
        ...

    def drop(self, person: str, orcid: OrcidId) -> None:
        """Forgets a move: nothing stands there any more, or the person came back."""
        ...
