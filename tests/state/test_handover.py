"""Handing a state over: never can two stores be worked with, and nothing of the old one is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from state.moving.handover import content, hand_over
from state.sqlite.store import SqliteStore
from state.store import HandedOverError, StoreError
from state.vault import Vault, new_key
from tests.state.helpers import JOSIAH, an_intent
from tests.state.pairs import CALL_SECONDS, LIKE, PAIRS, AnyStore, Make, full, make, pair, usable
from tests.state.stores import Clock
from tests.state.whole import change_everything, take_everything_away, whole

__all__ = ["full", "make", "pair"]


@pytest.mark.parametrize("pair", [*PAIRS, *LIKE], indirect=True)
def test_everything_is_in_the_new_store_and_goes_on_there(full: tuple[AnyStore, AnyStore]) -> None:
    """Every answer of every room, and every room can be written."""
    old, new = full
    before = whole(old)

    copied = hand_over(old, new)

    assert whole(new) == before
    assert {**content(new), "budget": 1} == {one.table: one.rows for one in copied if one.rows}
    assert usable(new)
    change_everything(new)
    take_everything_away(new)


def test_nobody_writes_to_the_old_store_any_more(full: tuple[AnyStore, AnyStore], clock: Clock) -> None:
    """Whoever had it open; they may look, and are told where it went."""
    old, new = full
    open_before = old.twin()
    hand_over(old, new)
    clock.advance(1000)

    writes: list[Callable[[], object]] = [
        lambda: open_before.turns.acquire(JOSIAH, "late", CALL_SECONDS),
        lambda: open_before.turns.spend(1, 1.0, 10.0),
        lambda: open_before.turns.release(JOSIAH, open_before.turns.epoch(JOSIAH)),
        lambda: open_before.intents.open([an_intent()]),
        lambda: open_before.notes.put("mine", "late"),
        lambda: take_everything_away(open_before),
        lambda: change_everything(open_before),
    ]
    for write in writes:
        with pytest.raises(HandedOverError) as told:
            write()
        assert new.engine.name in str(told.value)
        assert "\n" not in str(told.value)

    assert whole(open_before)["grants"] == whole(new)["grants"]
    assert not usable(open_before)
    for store in (old, open_before):
        with pytest.raises(HandedOverError):
            hand_over(store, new)
    open_before.close()


def test_whoever_waits_to_write_meanwhile_is_refused_too(full: tuple[AnyStore, AnyStore]) -> None:
    """What is written in the old store is in the new one, or was never written."""
    old, new = full
    begun = Event()

    def count() -> int:
        twin, number = old.twin(), 0
        try:
            while True:
                twin.notes.put("count", str(number + 1))
                number += 1
                begun.set()
        except HandedOverError:
            return number
        finally:
            twin.close()

    with ThreadPoolExecutor(1) as threads:
        counting = threads.submit(count)
        assert begun.wait(30)
        hand_over(old, new)
        counted = counting.result(30)

    assert new.notes.get("count") == str(counted)


def test_positions_are_those_of_the_log_that_was_read_last(full: tuple[AnyStore, AnyStore]) -> None:
    """So nothing is read twice or left out, and the group's offsets are not ahead."""
    old, new = full
    before = dict(old.logs.positions())

    hand_over(old, new)

    assert dict(new.logs.positions()) == before != {}


def test_numbers_are_never_given_twice(full: tuple[AnyStore, AnyStore]) -> None:
    """Nor those of rows that are not there any more: a late reply must find its own note, or none."""
    old, new = full
    intents = old.intents.open([an_intent(), an_intent()])
    with old.transaction():
        old.engine.run("DELETE FROM intents")

    hand_over(old, new)

    (next_one,) = new.intents.open([an_intent()])
    assert next_one.id > intents[-1].id
    change_everything(new)  # tables that have rows go on as well


def test_leases_go_on_to_count(full: tuple[AnyStore, AnyStore]) -> None:
    """So that what was sent under an old one is known as such."""
    old, new = full
    epoch = old.turns.epoch(JOSIAH)

    hand_over(old, new)

    assert (new.turns.acquire(JOSIAH, "b", CALL_SECONDS) or 0) > epoch > 0


def test_it_waits_for_nobody_who_sends(pair: tuple[AnyStore, AnyStore], clock: Clock) -> None:
    """A call may be under way: it is refused, and tells how long such a lease lasts at most."""
    old, new = pair
    old.turns.acquire(JOSIAH, "a", CALL_SECONDS)
    clock.advance(10.5)

    with pytest.raises(StoreError, match=r"a process is sending.*wait 50 s$"):
        hand_over(old, new)

    assert usable(old)
    assert content(new) == {}
    clock.advance(50)
    hand_over(old, new)
    assert not usable(old)


def test_a_store_that_holds_something_is_not_written_over(full: tuple[AnyStore, AnyStore]) -> None:
    """Whatever it is; it is named."""
    old, new = full
    new.people.merge("p1", "p2")

    with pytest.raises(StoreError, match=r"is not empty \(1 aliases\)"):
        hand_over(old, new)

    assert (usable(old), usable(new)) == (True, True)


def test_an_empty_store_is_not_handed_over(pair: tuple[AnyStore, AnyStore]) -> None:
    """It is not the one that was meant."""
    with pytest.raises(StoreError, match="holds nothing"):
        hand_over(*pair)
    assert usable(pair[0])


def test_a_store_is_not_handed_over_to_itself(full: tuple[AnyStore, AnyStore]) -> None:
    """Under whatever address."""
    old, _ = full
    twin = old.twin()

    with pytest.raises(StoreError, match="is not empty"):
        hand_over(old, twin)

    assert usable(twin)
    twin.close()


def test_times_must_mean_the_same(tmp_path: Path, clock: Clock) -> None:
    """What waits for a time would wait for another."""
    vault = Vault([new_key()])
    old, new = SqliteStore(tmp_path / "a.db", vault, clock), SqliteStore(tmp_path / "b.db", vault, lambda: clock() - 61)
    change_everything(old)
    clock.advance(2 * CALL_SECONDS)

    with pytest.raises(StoreError, match="is 61 s from that"):
        hand_over(old, new)

    for store in (old, new):
        assert usable(store)
        store.close()


def test_there_and_back(make: Make, clock: Clock) -> None:
    """The way back is the same way, to a new place; the first one stays shut."""
    first, second, third = make("sqlite"), make("postgresql"), make("sqlite")
    change_everything(first)
    clock.advance(2 * CALL_SECONDS)
    hand_over(first, second)
    change_everything(second)
    clock.advance(2 * CALL_SECONDS)
    before = whole(second)

    with pytest.raises(StoreError, match="is not empty"):
        hand_over(second, first)
    hand_over(second, third)

    assert whole(third) == before
    assert [usable(store) for store in (first, second, third)] == [False, False, True]


def test_unlike_keys_are_told_at_once(tmp_path: Path, clock: Clock) -> None:
    """A new store is opened with its own check value: with other keys the old one can't even be opened."""
    old = SqliteStore(tmp_path / "a.db", Vault([new_key()]), clock)
    change_everything(old)

    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: none of the keys opens"):
        SqliteStore(tmp_path / "a.db", Vault([new_key()]), clock)
    old.close()
