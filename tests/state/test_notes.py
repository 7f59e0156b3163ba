"""Notes and the binding, over every store."""

from state.facts import Binding
from state.store import Store


def test_a_note_is_kept_by_name_until_dropped(store: Store) -> None:
    """The last text counts; an empty one is a text."""
    assert store.notes.get("paused") is None

    store.notes.put("paused", "since noon")
    store.notes.put("other", "")
    store.notes.put("paused", "seit Mittag, “früh”")
    assert store.notes.get("paused") == "seit Mittag, “früh”"

    store.notes.put("paused", None)
    store.notes.put("paused", None)
    assert store.notes.get("paused") is None
    assert store.notes.get("other") == ""


def test_notes_are_found_by_what_their_names_begin_with(store: Store) -> None:
    """In the order of their names; what counts elsewhere as a wildcard is a letter like any other."""
    for name in ("replica b", "replica a", "replica", "replica_", "Replica c"):
        store.notes.put(name, f"of {name}")

    assert list(store.notes.beginning("replica ").items()) == [
        ("replica a", "of replica a"),
        ("replica b", "of replica b"),
    ]
    assert list(store.notes.beginning("replica_")) == ["replica_"]
    assert not store.notes.beginning("replica%")


def test_the_first_binding_stays(store: Store, twin: Store) -> None:
    """A store filled against the sandbox is not carried over to production by a changed setting."""
    sandbox = Binding("https://api.sandbox.orcid.org", "https://sandbox.orcid.org", "APP-1")
    production = Binding("https://api.orcid.org", "https://orcid.org", "APP-2")

    assert store.notes.bind(sandbox) == sandbox
    assert store.notes.bind(sandbox) == sandbox
    assert twin.notes.bind(production) == sandbox
