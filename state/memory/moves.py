"""Moves: what becomes of what stands on records that people moved away from, in memory."""

from collections.abc import Sequence

from mappers.identifiers import OrcidId
from state.formers import STANDING
from state.memory.state import Handle
from state.memory.tables import Tables
from state.permission_facts import Move


class MemoryMoves:
    """What becomes of what stands on records that people moved away from."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def put(self, move: Move) -> None:
        """By person and iD."""
        with self._handle.writing as tables:
            tables.moves.put((move.person, move.orcid), move)

    def move(self, person: str, orcid: OrcidId) -> Move | None:
        """By person and iD."""
        with self._handle.reading as tables:
            return tables.moves.get((person, orcid))

    def of_person(self, person: str) -> Sequence[Move]:
        """By iD."""
        with self._handle.reading as tables:
            return sorted(tables.moves.group("person", person), key=_by_id)

    def all(self) -> Sequence[tuple[Move, int]]:
        """By person and iD."""
        with self._handle.reading as tables:
            return [(move, _standing(tables, move)) for move in sorted(tables.moves, key=_by_id)]

    def drop(self, person: str, orcid: OrcidId) -> None:
        """By person and iD."""
        with self._handle.writing as tables:
            tables.moves.drop((person, orcid))


def _by_id(move: Move) -> tuple[str, OrcidId]:
    return move.person, move.orcid


def _standing(tables: Tables, move: Move) -> int:
    published = (stands.published for stands in tables.published.group("person", move.person))
    return sum(one.orcid == move.orcid and one.standing in STANDING for one in published)
