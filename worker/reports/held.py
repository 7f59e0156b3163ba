"""What is held: steps that wait for an operator's word, and by which name each is approved or rejected."""

from collections.abc import Mapping
from typing import Any

from state.permission_facts import MoveState
from state.store import Store
from worker.intake import remapping
from worker.intake.flood import FLOOD_HOLD, standing_flood
from worker.permission.held import held_consents
from worker.recording.removal_holds import HeldItem, count_holds, held_items, held_removals
from worker.recording.verdicts import held_verdicts

ITEMIZED = frozenset({"removals", "adopted"})
"""Causes of holds that name their items."""


def held_rows(store: Store) -> list[dict[str, Any]]:
    """As CONTRACT.md section 2 has them. Updates are counted over all sources, and remove nothing."""
    removals = [
        _row(held.id, held.cause, held.reason, removals=held.removals, source=held.source)
        for held in held_removals(store)
    ]
    return [*_stopped(store), *removals, *_others(store)]


def count_held(store: Store) -> int:
    """How many `held_rows` are: what the removals among them would take off is not read."""
    return len(_stopped(store)) + count_holds(store) + len(_others(store))


def with_items(store: Store, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `held_rows`; that of removals with its items, all of them, so that an operator sees what would go.

    They are an iterator, read from the store as it goes on: they may be some hundred thousand.
    """
    if row["cause"] not in ITEMIZED:
        return {**row}
    return {**row, "items": map(_item, held_items(store, row["id"], row["source"]))}


def _stopped(store: Store) -> list[dict[str, Any]]:
    flood = standing_flood(store)
    return [] if flood is None else [_row(FLOOD_HOLD, "flood of bad events", flood)]


def _others(store: Store) -> list[dict[str, Any]]:
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
    verdicts = held_verdicts(store)
    doubted = [] if verdicts is None else [_row(verdicts[0], "same verdict for many", verdicts[1])]
    return [*rewrites, *moves, *consents, *doubted]


def _item(one: HeldItem) -> dict[str, Any]:
    key = one.key
    record = {"entity": key.record.entity, "subject": key.record.subject, "part": key.part}
    what = "empty fields" if one.empties else "remove"
    return {"person": key.person, "section": key.section.value, **record, "put_code": one.put_code, "what": what}


def _row(
    held: str, cause: str, reason: str, *, removals: int = 0, updates: int = 0, source: str | None = None
) -> dict[str, Any]:
    return {
        "id": held,
        "source": source,
        "cause": cause,
        "removals": removals,
        "updates": updates,
        "reason": reason,
    }
