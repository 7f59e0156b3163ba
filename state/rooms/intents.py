"""Intents: writes about to be made, and what became of them."""

from collections.abc import Sequence
from typing import Protocol

from mappers.wanted import SourceKey
from state.facts import Intent, IntentStory, Outcome


class Intents(Protocol):
    """Writes about to be made, and what became of them."""

    def open(self, intents: Sequence[Intent]) -> Sequence[Intent]:
        """Writes intents of one call; returns them with their `id`s and common `call`."""
        ...

    def intent(self, intent: int) -> Intent | None:
        """An intent that is still open."""
        ...

    def open_of(self, person: str) -> Sequence[Intent]:
        """The person's open intents, oldest first."""
        ...

    def wait(self, intent: Intent, ripe_at: float, detail: str) -> None:
        """Leaves an open intent in doubt until then; nothing is done to what `close` would not close."""
        ...

    def close(self, intent: Intent, outcome: Outcome) -> bool:
        """Closes an intent with its outcome; false when it is not open any more.

        Nor is one that was lost with the last commits before a failover: another may have its number since, which is
        told by the record and the epoch of the lease.
        """
        ...

    def story(self, key: SourceKey) -> Sequence[IntentStory]:
        """The intents of a source record's items, oldest first, without documents."""
        ...

    def others_succeed(self, person: str, since: float) -> bool:
        """Whether ORCID carried out a write for anybody else since then, among the newest that ended."""
        ...

    def people_since(self, at: float) -> int:
        """For how many people an intent was opened since then."""
        ...

    def open_count(self) -> int:
        """How many are open."""
        ...
