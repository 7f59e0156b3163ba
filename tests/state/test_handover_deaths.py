"""A handover that fails or dies, wherever: the old store goes on, or the same command ends it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from state.moving.copying import Step
from state.moving.handover import content, hand_over, refuse_handed_over
from state.postgres.store import PostgresStore
from state.store import HandedOverError, StoreError
from tests.state.dying import Death
from tests.state.pairs import CALL_SECONDS, AnyStore, Make, full, make, pair, usable
from tests.state.stores import Clock
from tests.state.whole import change_everything, whole

__all__ = ["full", "make", "pair"]


def test_a_handover_that_dies_on_the_way_never_was(full: tuple[AnyStore, AnyStore]) -> None:
    """The old store is as it was, and the new one empty; then it goes through."""
    old, new = full
    before = whole(old)

    for deadly in (Step("copying", "agenda", 2), Step("copying", "wanted_items", 10), Step("comparing", "tokens", 2)):

        def die(step: Step, deadly: Step = deadly) -> None:
            if (step.doing, step.table) == (deadly.doing, deadly.table):
                raise Death

        with pytest.raises(Death):
            hand_over(old, new, die)
        assert whole(old) == before
        assert (usable(old), usable(new)) == (True, True)
        assert content(new) == {}

    hand_over(old, new)
    assert whole(new) == before


def cut(store: AnyStore) -> None:
    """Ends the connection to the database, as a failover does."""
    (row,) = store.engine.run("SELECT pg_backend_pid() AS pid")
    watcher = store.twin()
    watcher.engine.run("SELECT pg_terminate_backend(CAST(:pid AS INTEGER))", row)
    watcher.close()


@pytest.mark.parametrize("deadly", [("copying", "intents"), ("comparing", "wanted_items")], ids=" ".join)
def test_a_connection_that_is_cut_on_the_way(full: tuple[AnyStore, AnyStore], deadly: tuple[str, str]) -> None:
    """The old store goes on, and can be handed over again: also when it was cut as the new one was whole already."""
    old, new = full
    before = whole(old)
    (database,) = [store for store in full if isinstance(store, PostgresStore)]

    def watch(step: Step) -> None:
        if (step.doing, step.table) == deadly:
            cut(database)

    with pytest.raises(StoreError) as told:
        hand_over(old, new, watch)

    assert "\n" not in str(told.value)
    assert usable(old)
    assert content(new) == {} or not usable(new)
    hand_over(old, new)
    assert whole(new) == before


@contextmanager
def dying_commit(store: AnyStore, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> Iterator[None]:
    """The process dies as the store's transaction ends: before that is kept, or after."""
    transaction = store.engine.transaction

    @contextmanager
    def mortal() -> Iterator[None]:
        with transaction():
            yield
            if not after:
                raise Death
        raise Death

    with monkeypatch.context() as patched:
        patched.setattr(store.engine, "transaction", mortal)
        yield


def test_a_process_that_dies_before_the_old_store_is_shut(
    full: tuple[AnyStore, AnyStore], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new one can't be used, nor handed on; the old one goes on. Given again, it brings what came since."""
    old, new = full

    with dying_commit(old, monkeypatch, after=False), pytest.raises(Death):
        hand_over(old, new)

    assert usable(old)
    assert not usable(new)
    with pytest.raises(StoreError, match="is not whole"):
        hand_over(new, make("sqlite"))
    old.notes.put("since", "then")
    hand_over(old, new)
    assert (usable(old), usable(new)) == (False, True)
    assert new.notes.get("since") == "then"


def test_a_process_that_dies_when_the_old_store_is_shut(
    full: tuple[AnyStore, AnyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither can be used. Given again, it is finished."""
    old, new = full
    before = whole(old)

    with dying_commit(old, monkeypatch, after=True), pytest.raises(Death):
        hand_over(old, new)

    assert (usable(old), usable(new)) == (False, False)
    assert hand_over(old, new) == ()
    assert whole(new) == before
    assert (usable(old), usable(new)) == (False, True)


@pytest.mark.parametrize("full_disk", [0, 1], ids=["of the old store", "of the new store"])
def test_a_full_disk(make: Make, clock: Clock, full_disk: int) -> None:
    """Nothing has happened then; with room again it goes through."""
    stores = make("sqlite"), make("sqlite")
    change_everything(stores[0])
    stores[0].notes.put("long", "x" * 100_000)
    clock.advance(2 * CALL_SECONDS)
    stores[full_disk].engine.run("PRAGMA max_page_count = 1")  # it is as large as it is, and no larger

    with pytest.raises(StoreError, match="full: make room on its disk"):
        hand_over(*stores)

    stores[full_disk].engine.run("PRAGMA max_page_count = 100000")
    assert content(stores[1]) == {}
    assert (usable(stores[0]), usable(stores[1])) == (True, True)
    hand_over(*stores)
    assert usable(stores[1])


def test_what_another_handover_left_is_not_written_over(
    make: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be all that is left of the other store that can be made usable again."""
    first, second, target = make("sqlite"), make("sqlite"), make("sqlite")
    for store in (first, second):
        change_everything(store)
    clock.advance(2 * CALL_SECONDS)
    with dying_commit(first, monkeypatch, after=True), pytest.raises(Death):
        hand_over(first, target)

    with pytest.raises(StoreError, match="is not empty"):
        hand_over(second, target)
    with pytest.raises(HandedOverError):
        hand_over(first, second)

    assert hand_over(first, target) == ()
    assert (usable(second), usable(target)) == (True, True)


def test_it_is_said_who_is_not_whole(full: tuple[AnyStore, AnyStore], monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to do, in one line."""
    old, new = full
    with dying_commit(old, monkeypatch, after=False), pytest.raises(Death):
        hand_over(old, new)

    with pytest.raises(StoreError) as told:
        refuse_handed_over(new, new.engine.name)

    assert str(told.value).startswith(f"the state {new.engine.name} is not whole: `orcid-sync state copy` from ")
    assert "\n" not in str(told.value)
