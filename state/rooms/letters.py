"""Letters: dead letters."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from state.facts import DeadLetter


class Letters(Protocol):
    """Dead letters."""

    def bury(self, letter: DeadLetter) -> bool:
        """Keeps a dead letter; one with the same id stays (a discarded one discarded). True when it is open now."""
        ...

    def open(self) -> Iterator[DeadLetter]:
        """The open ones, oldest first; those of one time by their place, its number as a number.

        Each is read as it is asked for; those read may be changed meanwhile.
        """
        ...

    def unopened(self) -> Iterator[DeadLetter]:
        """The same without their bytes: none is unsealed."""
        ...

    def newest(self, number: int) -> Sequence[DeadLetter]:
        """At most so many of the open ones, oldest first, without their bytes."""
        ...

    def due(self, now: float | None = None) -> Sequence[str]:
        """The ids of open ones, oldest first: those whose time has come, or all."""
        ...

    def knows(self, letter: str) -> bool:
        """Whether there is one with this id, of any state."""
        ...

    def letter(self, id_prefix: str) -> DeadLetter | None:
        """The one with this id, or else whose id begins so, of any state; None when none or several do."""
        ...

    def naming(self, source: str, subject: str) -> Sequence[DeadLetter]:
        """Open ones that name the source and subject."""
        ...

    def settle(self, letter: str, state: str) -> None:
        """Marks one `retried` or `discarded`. One is `lost` when its bytes don't open any more: they are empty."""
        ...

    def all(self) -> Iterator[DeadLetter]:
        """All of any state with their bytes, by id, read as they are asked for; those read may be changed meanwhile."""
        ...

    def rewrite(self, letter: DeadLetter) -> None:
        """Keeps these bytes and this message in place of those of the letter with the same id."""
        ...

    def erase(self, letter: str) -> None:
        """Forgets one."""
        ...

    def count(self) -> int:
        """How many are open."""
        ...
