"""Concerning: whom a batch's events concern comes on the agenda once, however many of its events do."""

from collections.abc import Iterable

from state.store import Store


class Concerned:
    """People to be looked at after the quiet time, in the caller's transaction."""

    def __init__(self, store: Store, quiet: float, quiet_max: float) -> None:
        self._store = store
        self._quiet = quiet
        self._quiet_max = quiet_max
        self._people: set[str] = set()

    def forget(self) -> None:
        """Before each transaction, and after one that was taken back."""
        self._people.clear()

    def add(self, persons: Iterable[str]) -> None:
        """Puts them on the agenda with the next `settle`."""
        self._people.update(persons)

    def settle(self) -> None:
        """Puts them on the agenda: before the end of the transaction, and before any of them is called otherwise."""
        for person in sorted(self._people):
            self._store.grants.lift_for(person)  # an event is a reason to look at a suspended record again
            self._store.agenda.changed(person, self._quiet, self._quiet_max)
        self._people.clear()
