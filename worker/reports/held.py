"""What is held: steps that wait for an operator's word, and by which name each is approved or rejected."""

from typing import Any

from state.permission_facts import MoveState
from state.store import Store
from worker.intake import remapping
from worker.permission.held import held_consents


def held_rows(store: Store) -> list[dict[str, Any]]:
    """As CONTRACT.md section 2 has them. Updates are counted over all sources, and remove nothing."""
    rewrites = [
        _row(hold, "rewrites", reason, updates=updates)
        for hold, reason, updates in store.items.holds()
        if hold != remapping.REJECTED
    ]
    moves = [
        _row(move.id, "moved to another iD", f"{move.person}: {move.reason}", removals=standing)
        for move, standing in store.moves.all()
        if move.state is MoveState.HELD
    ]
    consents = [_row(one.id, "names differ", f"{one.person}: {one.reason}") for one in held_consents(store)]
    return [*rewrites, *moves, *consents]


def _row(held: str, cause: str, reason: str, *, removals: int = 0, updates: int = 0) -> dict[str, Any]:
    return {
        "id": held,
        "source": None,
        "cause": cause,
        "removals": removals,
        "updates": updates,
        "reason": reason,
    }
