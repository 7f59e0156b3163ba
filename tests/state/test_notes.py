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


def test_the_first_binding_stays(store: Store, twin: Store) -> None:
    """A store filled against the sandbox is not carried over to production by a changed setting."""
    sandbox = Binding("https://api.sandbox.orcid.org", "https://sandbox.orcid.org", "APP-1")
    production = Binding("https://api.orcid.org", "https://orcid.org", "APP-2")

    assert store.notes.bind(sandbox) == sandbox
    assert store.notes.bind(sandbox) == sandbox
    assert twin.notes.bind(production) == sandbox
