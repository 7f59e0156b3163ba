"""Agenda: who is due to be looked at, and when."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from state.facts import Due


class Agenda(Protocol):
    """Who is due to be looked at, and when."""

    def changed(self, person: str, quiet: float, quiet_max: float) -> None:
        """Something new is wanted: due `quiet` seconds from now, at most `quiet_max` after the first such change."""
        ...

    def everybody_changed(self) -> None:
        """As `changed`, due at once: all of whom something is wanted, published or granted."""
        ...

    def retry(self, person: str, at: float | None, revision: int, failures: int) -> None:
        """After a look: due again at `at` (None: not by itself).

        A change that came since `revision` stays due as well.
        """
        ...

    def due(
        self,
        now: float,
        limit: int,
        skip: Iterable[str] = (),
        *,
        failing: bool | None = None,
        newest: bool = False,
    ) -> Sequence[Due]:
        """Those due by now without those to skip, the longest due first (`newest`: last).

        `failing` leaves only those whose last try failed (true), or only the others (false).
        """
        ...

    def of(self, person: str) -> Due | None:
        """When the person is due (may be past); None when not by itself."""
        ...

    def revision(self, person: str) -> int:
        """Grows with every `changed`; 0 for somebody who never was on the agenda."""
        ...

    def next_at(self) -> float | None:
        """When somebody is due next (may be past); None when nobody is."""
        ...

    def all_due(self) -> int:
        """How many are on the agenda."""
        ...

    def overdue(self, now: float) -> int:
        """How many are due by now."""
        ...
