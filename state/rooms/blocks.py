"""Blocks: who is being forgotten, and who was: of these only keyed digests are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from mappers.wanted import SourceKey
from state.block_marks import Marks
from state.permission_facts import Forgetting


class Blocks(Protocol):
    """Who is being forgotten, and who was. The key of the digests is sealed at rest and never changes."""

    def begin(self, forgetting: Forgetting) -> None:
        """A person is being forgotten from now on; what was asked before counts no more."""
        ...

    def forgetting(self, person: str) -> Forgetting | None:
        """How the person is being forgotten; None when not, or not any more."""
        ...

    def under_way(self) -> Sequence[Forgetting]:
        """Everybody who is being forgotten, by person."""
        ...

    def keep_marks(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """Keeps digests of the id, and of source records that spoke of nobody else: they are being erased.

        With each source record goes the order of its last event, as a text of the caller's.
        """
        ...

    def complete(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """The person was forgotten: keeps what `keep_marks` keeps, and the forgetting is over."""
        ...

    def any(self) -> bool:
        """Whether anybody is blocked: asked before each batch of events."""
        ...

    def blocks_person(self, person: str) -> bool:
        """Whether this person is being, or was, forgotten."""
        ...

    def erased(self, record: SourceKey) -> str | None:
        """The order of the last event of a source record that was erased with a person; None for any other."""
        ...

    def undo(self, person: str) -> bool:
        """Lets the person be known again; false when nobody of this id is blocked."""
        ...

    def marks(self) -> Marks:
        """What is kept of those who were forgotten, to be carried into another state; who is being forgotten aside."""
        ...

    def add_marks(self, marks: Marks) -> None:
        """Keeps what another state kept, beside what is kept here; new marks are made with its key from then on."""
        ...

    def count(self) -> int:
        """How many people are blocked."""
        ...
