"""Status: how far items and people have come."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappers.wanted import ItemKey
from state.facts import ItemState, PersonFacts, Published, Wanted
from state.formers import STANDING
from state.permission_facts import Grant, GrantState, Move
from state.store import Store
from worker.calling.circuit import read_circuit
from worker.intake.flood import standing_flood
from worker.note_names import CIRCUIT
from worker.planning.former import STATES

DAY_SECONDS = 86_400.0
"""How long ago a job may have ended that is counted."""
REASONS = 10
"""How many reasons are told, the most frequent first."""
ALL_REASONS = 10**9
_ONE_OF_MANY = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b|(?<=put-code )\d+|(?<=put-codes )\d+(?:(?:, | and )\d+)*")
"""An iD, or the number of a put-code: where an item stands, not why."""


@dataclass(frozen=True, slots=True)
class ItemStatus:
    """One wanted item of a person, and where it stands."""

    item: Wanted
    published: Published | None

    def as_json(self, orcid: str | None) -> dict[str, Any]:
        """One row of `status --person --json`."""
        return _row(self.item.key) | {
            "state": self.item.state.value,
            "reason": self.item.reason,
            "put_code": self.published.put_code if self.published else None,
            "orcid": self.published.orcid if self.published else orcid,
        }


@dataclass(frozen=True, slots=True)
class LeftStatus:
    """What stands on a record that the person moved away from, and what becomes of it."""

    published: Published
    state: ItemState
    reason: str

    def as_json(self, _: str | None) -> dict[str, Any]:
        """One row of `status --person --json`."""
        return _row(self.published.item) | {
            "state": self.state.value,
            "reason": self.reason,
            "put_code": self.published.put_code,
            "orcid": self.published.orcid,
        }


def items_of(facts: PersonFacts) -> list[ItemStatus | LeftStatus]:
    """A person's items, each with what is published of it, and what stands on records that the person moved from."""
    granted = facts.grant.orcid if facts.grant else None
    here: dict[ItemKey, Published] = {}
    away: dict[ItemKey, Published] = {}
    for one in facts.published:
        if granted in (None, one.orcid):
            here.setdefault(one.item, one)
        elif one.standing in STANDING:
            away.setdefault(one.item, one)
    withdrawn = {item.key for item in facts.wanted if item.withdrawn and item.key not in here}
    rows = [
        ItemStatus(item, away.get(item.key) if item.key in withdrawn else here.get(item.key)) for item in facts.wanted
    ]
    moves = {one.orcid: one.move for one in facts.former}
    left = [
        _left(one, moves.get(one.orcid))
        for one in facts.published
        if granted not in (None, one.orcid) and one.standing in STANDING and one.item not in withdrawn
    ]
    return [*rows, *left]


def _left(published: Published, move: Move | None) -> LeftStatus:
    if move is None:
        return LeftStatus(published, ItemState.HELD, f"it stands on {published.orcid}, which the person moved from")
    return LeftStatus(published, STATES[move.state], move.reason)


def _row(key: ItemKey) -> dict[str, Any]:
    return {
        "section": key.section.value,
        "source": key.record.source,
        "entity": key.record.entity,
        "subject": key.record.subject,
        "part": key.part,
    }


def whole_status(store: Store) -> dict[str, Any]:
    """Counts over the whole store."""
    persons = store.items.persons()
    states = Counter(one.state for one in store.grants.permissions())
    circuit = read_circuit(store.notes.get(CIRCUIT))
    return {
        "items": {state.value: number for state, number in store.items.counts().items()},
        "persons": {
            "all": len(persons),
            "with_permission": states[GrantState.ACTIVE],
            "without_permission": len(persons) - states[GrantState.ACTIVE],
            "permission_broken": states[GrantState.BROKEN],
            "permission_ending": states[GrantState.ENDING],
            "being_forgotten": len(store.blocks.under_way()),
        },
        "paused": [
            {"person": one.person or None, "source": one.source or None, "section": one.section or None}
            for one in store.brakes.all()
        ],
        "reading_stopped": standing_flood(store),
        "sending_stopped": None if circuit is None else {"cause": circuit.cause.value, "why": circuit.why},
        "dead_letters": store.letters.count(),
        "gaps": len(store.logs.gaps()),
        "jobs": {state.value: number for state, number in store.jobs.counts(store.now() - DAY_SECONDS).items()},
        "reasons": [
            {"state": state.value, "reason": reason, "items": number}
            for state, reason, number in store.items.reasons(REASONS)
        ],
    }


def alike_reasons(store: Store) -> tuple[list[tuple[ItemState, str, int]], int]:
    """The reasons for people, the most frequent first, and how many more there are.

    Those that differ in an iD or a put-code alone are one, with … in its place.
    """
    found: Counter[tuple[ItemState, str]] = Counter()
    for state, reason, number in store.items.reasons(ALL_REASONS):
        found[state, _ONE_OF_MANY.sub("…", reason)] += number
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [(state, reason, number) for (state, reason), number in ordered[:REASONS]], max(0, len(ordered) - REASONS)


def person_status(store: Store, person: str) -> dict[str, Any] | None:
    """One person: permission, record, items; None for somebody the store does not know."""
    facts = store.items.facts(person)
    grants = store.grants.of_person(person)
    if not (facts.wanted or facts.published or grants):
        return None
    orcid = facts.grant.orcid if facts.grant else None
    rows = items_of(facts)
    counts = Counter(one.item.state if isinstance(one, ItemStatus) else one.state for one in rows)
    return {
        "person": _person(facts, grants[0] if grants else None, counts),
        "list": [one.as_json(orcid) for one in rows],
    }


def _person(facts: PersonFacts, newest: Grant | None, counts: Mapping[ItemState, int]) -> dict[str, Any]:
    grant, suspension = facts.grant or newest, facts.suspension
    return {
        "id": facts.person,
        "orcid": grant.orcid if grant else None,
        "name": grant.name if grant else None,
        "permission": grant.state.value if grant else "none",
        "permission_reason": grant.reason if grant else "",
        "scopes": sorted(grant.scopes) if grant else [],
        "expires_at": grant.expires_at if grant else None,
        "suspended": f"{suspension.kind}: {suspension.detail}" if suspension else None,
        "items": {state.value: counts[state] for state in ItemState if counts.get(state)},
    }
