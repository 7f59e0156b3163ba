"""Moves: an operator's word on what stands on records that people moved away from."""

from dataclasses import replace

from state.permission_facts import Move, MoveState
from state.store import Store


def approve_move(store: Store, move_id: str) -> bool:
    """Has what stands there removed, with the grant that the person gave there; false when there is no such move.

    One that was stranded or rejected is tried again, on a record that took no writes, too.
    """
    return _decide(store, move_id, MoveState.APPROVED)


def reject_move(store: Store, move_id: str) -> bool:
    """Leaves what stands there; false when there is no such move."""
    return _decide(store, move_id, MoveState.REJECTED)


def _decide(store: Store, move_id: str, state: MoveState) -> bool:
    with store.transaction():
        move = _found(store, move_id)
        if move is None:
            return False
        store.moves.put(replace(move, state=state))
        if state is MoveState.APPROVED:
            store.grants.lift(move.orcid)
        store.agenda.changed(move.person, 0.0, 0.0)
    return True


def _found(store: Store, move_id: str) -> Move | None:
    return next((move for move, _ in store.moves.all() if move.id == move_id), None)
