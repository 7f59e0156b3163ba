"""Everybody: all of whom something is wanted, published or granted."""

from state.store import Store


def look_at_everybody(store: Store) -> None:
    """Puts them all on the agenda at once, in the caller's transaction."""
    for person in store.items.persons():
        store.agenda.changed(person, 0.0, 0.0)
