"""Moves from one record to another, over every store."""

from dataclasses import replace

import pytest

from state.facts import Standing
from state.permission_facts import Move, MoveState
from state.store import Store
from tests.state.helpers import JOSIAH, LAURE, a_key, a_move, a_published


@pytest.mark.parametrize("state", [pytest.param(state, id=state.value) for state in MoveState])
def test_a_move_comes_back_as_it_was(store: Store, state: MoveState) -> None:
    """By person and record."""
    move = a_move(state=state, reason="the record is locked")
    store.moves.put(a_move(reason="before"))
    store.moves.put(move)

    assert store.moves.move("p1", JOSIAH) == move
    assert store.moves.move("p1", LAURE) is None
    assert store.moves.move("p2", JOSIAH) is None


def test_moves_are_told_by_person_and_id(store: Store) -> None:
    """A dropped one no more; to drop it again is no error."""
    moves = [a_move("p1", LAURE), a_move("p1", JOSIAH), a_move("p2", JOSIAH)]
    for move in reversed(moves):
        store.moves.put(move)

    assert store.moves.of_person("p1") == moves[:2]
    assert store.moves.all() == [(move, 0) for move in moves]

    store.moves.drop("p1", LAURE)
    store.moves.drop("p1", LAURE)
    assert store.moves.all() == [(move, 0) for move in moves[1:]]


def test_a_move_tells_how_much_stands_on_its_record(store: Store) -> None:
    """Of this person; what is gone or another source's doesn't count."""
    ours = [a_published(number, standing=standing) for number, standing in enumerate(Standing, start=1)]
    for published in (*ours, a_published(8, a_key("p2")), a_published(9, orcid=LAURE)):
        store.items.publish(published)
    store.moves.put(a_move())

    assert store.moves.all() == [(a_move(), 2)]


def test_moves_are_approved_by_an_id_of_their_own() -> None:
    """That says nothing of the person, and stays the same whatever becomes of the move."""
    move = a_move("E1024")

    assert move.id == replace(move, state=MoveState.REJECTED, reason="another").id
    assert len({move.id, a_move("E1025").id, a_move("E1024", LAURE).id}) == 3
    assert move.id.startswith("move-")
    assert "1024" not in Move("E1024", JOSIAH).id
