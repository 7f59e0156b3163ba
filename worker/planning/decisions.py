"""Decisions: what a slot, a leftover or a withdrawn item comes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappers.wanted import ItemKey
from state.facts import Intent, ItemState, Origin, Published
from worker.planning import slots, steps
from worker.planning.section_facts import SectionFacts


@dataclass(frozen=True, slots=True)
class Decision:
    """What one slot, leftover or withdrawn item comes to: its items' state, a call or a note, when to look again."""

    keys: tuple[ItemKey, ...]
    state: ItemState
    reason: str
    call: steps.RecordStep | None = None
    note: steps.NoteStep | None = None
    wake_at: float | None = None


def adopted(published: Published, writing: Sequence[Intent], now: float) -> Decision:
    """What nothing wants is not removed unasked when we did not put it there.

    A PUT in doubt is not repeated for nothing: what stands counts as unknown, and that is all.
    """
    reason = "adopted from the record, where another system may share our client: not removed unasked"
    if not writing:
        return Decision((published.item,), ItemState.HELD, reason)
    note = steps.Reassign(published, published.item, "") if published.digest else steps.GiveUp(tuple(writing))
    return Decision((published.item,), ItemState.HELD, reason, note=note, wake_at=now)


def respected(slot: slots.Slot, removed: Published, facts: SectionFacts) -> Decision:
    """What the researcher removed stays removed.

    The tombstone follows its item, or who takes its place, to be known again when its source re-keys it. Its
    identities stay those that stood: what its item says besides counts as long as it says so (serving.py).
    """
    again = " again" if removed.origin is Origin.READDED else ""
    reason = f"the researcher removed it{again}, which is respected"
    follows = next((item for item in (slot.winner, *slot.merged) if item.key == removed.item), None)
    if follows is None and not any(item.key == removed.item and item.digest for item in facts.wanted):
        follows = slot.winner
    note = None
    if follows is not None and (removed.item, removed.digest) != (follows.key, follows.digest):
        note = steps.Reassign(removed, follows.key, follows.digest or "")
    return Decision((slot.winner.key,), ItemState.REMOVED_BY_RESEARCHER, reason, note=note)
