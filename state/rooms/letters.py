"""Letters: dead letters."""

from collections.abc import Sequence
from typing import Protocol

from state.facts import DeadLetter


class Letters(Protocol):
    """Dead letters."""

    def bury(self, letter: DeadLetter) -> bool:
        """Keeps a dead letter; one with the same id stays (a discarded one discarded). True when it is open now."""
        ...

    def open(self) -> Sequence[DeadLetter]:
        """The open ones, oldest first."""
        ...

    def letter(self, id_prefix: str) -> DeadLetter | None:
        """The one whose id begins so, of any state; None when none or several do."""
        ...

    def naming(self, source: str, subject: str) -> Sequence[DeadLetter]:
        """Open ones that name the source and subject."""
        ...

    def settle(self, letter: str, state: str) -> None:
        """Marks one `retried` or `discarded`."""
        ...

    def count(self) -> int:
        """How many are open."""
        ...
