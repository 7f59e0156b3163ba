"""Removals: what would be taken off records, so that it is counted before any of it is sent."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from mappers.wanted import ItemKey, SourceKey
from state.facts import Published
from state.removal_facts import HeldCount, Place, Removal, RemovalState, RemovalWindow


class Removals(Protocol):
    """What would be taken off records, and who has to be looked at to find out."""

    def ask(self, person: str) -> None:
        """Something of this person's may have to be taken off: to be looked at before anything is sent."""
        ...

    def asked(self, limit: int) -> Sequence[str]:
        """At most so many of the people who have to be looked at, in order."""
        ...

    def answered(self, person: str) -> None:
        """The person was looked at."""
        ...

    def add(self, orcid: OrcidId, put_code: int, item: ItemKey, digest: str, at: float) -> Removal:
        """Notes a removal that is due; its number is greater than all before."""
        ...

    def put(self, removal: Removal) -> None:
        """Writes a removal by its number."""
        ...

    def drop(self, number: int) -> None:
        """Forgets a removal: it is over, or not wanted any more."""
        ...

    def removal(self, place: Place) -> Removal | None:
        """The removal of what stands in a place."""
        ...

    def of_person(self, person: str) -> Sequence[Removal]:
        """The person's removals, in order of their numbers."""
        ...

    def decide(self, source: str, before: RemovalState, to: RemovalState) -> Sequence[str]:
        """Gives those of a source that were not sent another state; returns their people, in order."""
        ...

    def speak(self, record: SourceKey) -> Sequence[str]:
        """Its source spoke of a record again: forgets what was rejected of it; returns the people, in order."""
        ...

    def counts(self, source: str, since: float) -> Mapping[RemovalState, int]:
        """How many of a source's removals are in which state; zeros are left out.

        Those that may yet be sent unasked, or are held, and of the others those that were sent or decided on since
        then: by `at`.
        """
        ...

    def sources(self, states: Collection[RemovalState]) -> Sequence[str]:
        """The sources with removals that were not sent and are in one of these states, in order."""
        ...

    def held(self) -> Sequence[HeldCount]:
        """How many are held, by source, in the order of sources; those of which none is are left out."""
        ...

    def unsent(self, source: str, state: RemovalState, after: int = 0) -> Iterator[Removal]:
        """A source's removals in this state that were not sent, in order of the numbers, however many, behind a number.

        What was read may be written and dropped meanwhile.
        """
        ...

    def greatest(self, source: str) -> int:
        """The greatest number of a source's removals, whatever became of them; 0 when there are none."""
        ...

    def window(self, source: str) -> RemovalWindow | None:
        """The time over which a source's removals are counted."""
        ...

    def put_window(self, window: RemovalWindow) -> None:
        """Writes it, by source."""
        ...

    def published(self, source: str) -> int:
        """How many items of a source stand on records."""
        ...

    def unwanted(self) -> Iterator[Published]:
        """What was adopted and nothing wants, as planning noted it, by iD, section and put-code, however many.

        It stands on the iD that its person has permission for; on others it is a matter of the person's move. What an
        operator decided on, and what the guard counts, is left out. What was read may be written meanwhile.
        """
        ...

    def unwanted_sources(self) -> Sequence[str]:
        """The sources of `unwanted`, in order."""
        ...
