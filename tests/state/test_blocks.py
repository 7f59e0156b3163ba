"""Who is being forgotten, and who was, over every store."""

from pathlib import Path

import pytest

from state.permission_facts import Forgetting
from state.sql.blocks import BLOCK_KEY
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.state.helpers import CONTRACT, THESIS
from tests.state.stores import Clock


def test_nobody_is_blocked_at_first(store: Store) -> None:
    """And nothing is."""
    assert not store.blocks.any()
    assert store.blocks.count() == 0
    assert not store.blocks.blocks_person("p1")
    assert store.blocks.erased(THESIS) is None
    assert not store.blocks.undo("p1")


def test_who_is_being_forgotten_is_blocked(store: Store) -> None:
    """From the first moment, and nobody else is."""
    store.blocks.begin(Forgetting("p1", remove_items=True, since=5.0))

    assert store.blocks.forgetting("p1") == Forgetting("p1", remove_items=True, since=5.0)
    assert store.blocks.blocks_person("p1")
    assert store.blocks.any()
    assert store.blocks.count() == 1
    assert not store.blocks.blocks_person("p2")
    assert store.blocks.forgetting("p2") is None


def test_what_was_asked_last_counts(store: Store) -> None:
    """Of several words on one person."""
    store.blocks.begin(Forgetting("p2", remove_items=True, since=5.0))
    store.blocks.begin(Forgetting("p2", remove_items=False, since=6.0))
    store.blocks.begin(Forgetting("p1", remove_items=False, since=7.0))

    assert list(store.blocks.under_way()) == [
        Forgetting("p1", remove_items=False, since=7.0),
        Forgetting("p2", remove_items=False, since=6.0),
    ]


def test_who_was_forgotten_stays_blocked(store: Store) -> None:
    """With the source records that spoke of nobody else."""
    store.blocks.begin(Forgetting("p1", remove_items=False, since=5.0))
    store.blocks.complete("p1", {THESIS: "7"})

    assert store.blocks.forgetting("p1") is None
    assert store.blocks.blocks_person("p1")
    assert store.blocks.erased(THESIS) == "7"
    assert store.blocks.erased(CONTRACT) is None
    assert store.blocks.count() == 1


def test_marks_are_kept_while_somebody_is_erased(store: Store) -> None:
    """Of source records that went already; the forgetting goes on, and counts once."""
    store.blocks.begin(Forgetting("p1", remove_items=False, since=5.0))
    store.blocks.keep_marks("p1", {THESIS: "7"})
    store.blocks.keep_marks("p1", {CONTRACT: "8"})

    assert store.blocks.forgetting("p1") is not None
    assert (store.blocks.erased(THESIS), store.blocks.erased(CONTRACT)) == ("7", "8")
    assert store.blocks.count() == 1
    store.blocks.complete("p1", {})
    assert (store.blocks.erased(THESIS), store.blocks.erased(CONTRACT)) == ("7", "8")
    assert store.blocks.count() == 1
    assert store.blocks.undo("p1")
    assert store.blocks.erased(THESIS) is None


def test_being_forgotten_again_counts_once(store: Store) -> None:
    """One person is one, however often."""
    store.blocks.complete("p1", {})
    store.blocks.begin(Forgetting("p1", remove_items=False, since=5.0))
    assert store.blocks.count() == 1
    store.blocks.complete("p1", {})
    assert store.blocks.count() == 1


def test_an_undone_block_is_gone_with_its_records(store: Store) -> None:
    """And others' blocks stay."""
    store.blocks.complete("p1", {THESIS: "7"})
    store.blocks.complete("p2", {CONTRACT: "8"})

    assert store.blocks.undo("p1")

    assert not store.blocks.blocks_person("p1")
    assert store.blocks.erased(THESIS) is None
    assert store.blocks.blocks_person("p2")
    assert store.blocks.erased(CONTRACT) == "8"
    assert not store.blocks.undo("p1")


def test_forgetting_can_be_taken_back_while_it_is_under_way(store: Store) -> None:
    """Then the person is known as before."""
    store.blocks.begin(Forgetting("p1", remove_items=False, since=5.0))

    assert store.blocks.undo("p1")
    assert not store.blocks.any()


def test_everybody_who_is_one_is_blocked_together(store: Store) -> None:
    """Under each id that the person had; undone by any of them."""
    store.people.merge("p1", "p2")
    store.people.merge("p2", "p3")
    store.blocks.complete("p3", {THESIS: "7"})
    store.people.erase("p3")

    assert all(store.blocks.blocks_person(person) for person in ("p1", "p2", "p3"))
    assert store.blocks.count() == 1

    assert store.blocks.undo("p1")
    assert not store.blocks.any()


def test_no_id_is_found_in_what_is_kept_of_the_forgotten(tmp_path: Path, clock: Clock) -> None:
    """Neither in clear, nor as a digest that does not need the sealed key."""
    vault = Vault([new_key()])
    store = SqliteStore(tmp_path / "state.db", vault, clock)
    store.blocks.complete("E1024", {THESIS: "7"})
    rows = store._engine.run("SELECT * FROM blocks")
    assert len(rows) == 2
    assert not any("E1024" in str(row) or THESIS.subject in str(row) for row in rows)
    sealed = store.notes.get(BLOCK_KEY)
    assert sealed is not None
    assert len(vault.open(sealed)) == 32
    store.close()

    other = SqliteStore(tmp_path / "other.db", vault, clock)
    other.blocks.complete("E1024", {THESIS: "7"})
    assert not {row["mark"] for row in rows} & {row["mark"] for row in other._engine.run("SELECT * FROM blocks")}
    other.close()


@pytest.mark.parametrize("again", [pytest.param(1, id="once"), pytest.param(2, id="twice")])
def test_blocks_outlive_the_store(tmp_path: Path, clock: Clock, again: int) -> None:
    """The key is made once, and kept."""
    vault = Vault([new_key()])
    for _ in range(again):
        store = SqliteStore(tmp_path / "state.db", vault, clock)
        store.blocks.complete("E1024", {THESIS: "7"})
        store.close()
    store = SqliteStore(tmp_path / "state.db", vault, clock)
    assert store.blocks.blocks_person("E1024")
    assert store.blocks.erased(THESIS) == "7"
    assert store.blocks.count() == 1
    store.close()


def test_marks_are_carried_into_another_state(store: Store, tmp_path: Path, clock: Clock) -> None:
    """Those of both count from then on, though each was made with a key of its own."""
    other = SqliteStore(tmp_path / "other.db", Vault([new_key()]), clock)
    other.blocks.complete("p2", {CONTRACT: "8"})
    store.blocks.complete("p1", {THESIS: "7"})

    other.blocks.add_marks(store.blocks.marks())

    assert all(other.blocks.blocks_person(person) for person in ("p1", "p2"))
    assert (other.blocks.erased(THESIS), other.blocks.erased(CONTRACT)) == ("7", "8")
    assert other.blocks.count() == 2
    other.blocks.complete("p3", {})
    assert other.blocks.undo("p1")
    assert other.blocks.undo("p2")
    assert other.blocks.erased(THESIS) is None
    assert other.blocks.count() == 1
    other.blocks.add_marks(other.blocks.marks())
    assert len(other.blocks.marks().keys) == 2
    other.close()
