"""Transactions, over every store: all or nothing."""

import pytest

from state.store import Store, StoreError
from tests.state.dying import Death, rolled_back
from tests.state.whole import change_everything, take_everything_away, whole


def test_what_is_committed_stays(store: Store) -> None:
    """Everything in the transaction, as it was seen within it."""
    nothing = whole(store)
    with store.transaction():
        change_everything(store)
        within = whole(store)

    assert whole(store) == within
    assert [name for name, answer in within.items() if answer == nothing[name]] == []


@pytest.mark.parametrize("error", [pytest.param(ValueError, id="error"), pytest.param(Death, id="death")])
def test_what_fails_leaves_nothing(store: Store, error: type[BaseException]) -> None:
    """In no room, whether it was new, changed or gone; and the store goes on."""
    nothing = whole(store)
    with rolled_back(store, error):
        change_everything(store)
    assert whole(store) == nothing

    change_everything(store)
    something = whole(store)
    with rolled_back(store, error):
        change_everything(store)
        take_everything_away(store)
        change_everything(store)
    assert whole(store) == something

    with store.transaction():
        take_everything_away(store)
    assert whole(store) != something


def test_an_inner_failure_undoes_the_inner_part_only(store: Store) -> None:
    """One event of a batch is a dead letter, the others are applied."""
    with store.transaction():
        store.notes.put("before", "yes")
        change_everything(store)
        before = whole(store)
        with rolled_back(store):
            take_everything_away(store)
            store.notes.put("within", "yes")
        assert whole(store) == before
        store.notes.put("after", "yes")

    assert [store.notes.get(name) for name in ("before", "within", "after")] == ["yes", None, "yes"]
    assert whole(store) == before


def test_an_outer_failure_undoes_the_inner_part_too(store: Store) -> None:
    """A savepoint is kept only as far as its transaction is."""
    nothing = whole(store)
    with rolled_back(store):
        with store.transaction():
            change_everything(store)
        with store.transaction(), store.transaction():
            take_everything_away(store)

    assert whole(store) == nothing


def test_savepoints_nest(store: Store) -> None:
    """Each level takes back what came after its own beginning."""
    with store.transaction():
        store.notes.put("level", "1")
        with rolled_back(store):
            store.notes.put("level", "2")
            with rolled_back(store):
                store.notes.put("level", "3")
            assert store.notes.get("level") == "2"
        assert store.notes.get("level") == "1"

    assert store.notes.get("level") == "1"


def test_closing_rolls_back_what_is_open(store: Store, twin: Store) -> None:
    """A store that is closed in the middle of a transaction leaves nothing of it, and nobody waiting."""

    def close_halfway() -> None:
        with twin.transaction():
            twin.notes.put("note", "half")
            twin.close()

    with pytest.raises(StoreError):
        close_halfway()

    assert store.notes.get("note") is None
    store.notes.put("note", "whole")
    assert store.notes.get("note") == "whole"


def test_a_death_after_closing_is_not_hidden(twin: Store) -> None:
    """The error that ended the transaction is the one that is seen."""
    with rolled_back(twin):
        twin.close()


def test_a_closed_store_says_so(twin: Store) -> None:
    """To read, write or begin is refused; to close again is no error."""
    twin.close()
    twin.close()

    with pytest.raises(StoreError, match="closed"):
        twin.notes.get("note")
    with pytest.raises(StoreError, match="closed"):
        twin.notes.put("note", "text")
    with pytest.raises(StoreError, match="closed"), twin.transaction():
        pass
