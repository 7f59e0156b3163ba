"""Status: how far items and people have come."""

from dataclasses import dataclass
from typing import Any

from state.facts import Grant, GrantState, ItemState, PersonFacts, Published, Wanted
from state.store import Store

REASONS = 10
"""How many reasons are told, the most frequent first."""


@dataclass(frozen=True, slots=True)
class ItemStatus:
    """One wanted item of a person, and where it stands."""

    item: Wanted
    published: Published | None

    def as_json(self, orcid: str | None) -> dict[str, Any]:
        """One row of `status --person --json`."""
        record = self.item.key.record
        return {
            "section": self.item.key.section.value,
            "source": record.source,
            "entity": record.entity,
            "subject": record.subject,
            "part": self.item.key.part,
            "state": self.item.state.value,
            "reason": self.item.reason,
            "put_code": self.published.put_code if self.published else None,
            "orcid": self.published.orcid if self.published else orcid,
        }


def items_of(facts: PersonFacts) -> list[ItemStatus]:
    """A person's items, each with what is published of it."""
    by_item: dict[object, Published] = {}
    for one in facts.published:
        preferred = facts.grant is not None and one.orcid == facts.grant.orcid
        if preferred or one.item not in by_item:
            by_item[one.item] = one
    return [ItemStatus(item, by_item.get(item.key)) for item in facts.wanted]


def whole_status(store: Store) -> dict[str, Any]:
    """Counts over the whole store."""
    persons = store.items.persons()
    grants = store.grants.all()
    states = {state: {one.person for one in grants if one.state is state} for state in GrantState}
    return {
        "items": {state.value: number for state, number in store.items.counts().items()},
        "persons": {
            "all": len(persons),
            "with_permission": len(states[GrantState.ACTIVE]),
            "without_permission": len(set(persons) - states[GrantState.ACTIVE]),
            "permission_broken": len(states[GrantState.BROKEN] - states[GrantState.ACTIVE]),
        },
        "dead_letters": store.letters.count(),
        "gaps": len(store.logs.gaps()),
        "reasons": [
            {"state": state.value, "reason": reason, "items": number}
            for state, reason, number in store.items.reasons(REASONS)
        ],
    }


def person_status(store: Store, person: str) -> dict[str, Any] | None:
    """One person: permission, record, items; None for somebody the store does not know."""
    facts = store.items.facts(person)
    grants = store.grants.of_person(person)
    if not (facts.wanted or facts.published or grants):
        return None
    orcid = facts.grant.orcid if facts.grant else None
    return {
        "person": _person(facts, grants[0] if grants else None),
        "list": [one.as_json(orcid) for one in items_of(facts)],
    }


def _person(facts: PersonFacts, newest: Grant | None) -> dict[str, Any]:
    grant, suspension = facts.grant or newest, facts.suspension
    counts = {state.value: sum(item.state is state for item in facts.wanted) for state in ItemState}
    return {
        "id": facts.person,
        "orcid": grant.orcid if grant else None,
        "name": grant.name if grant else None,
        "permission": grant.state.value if grant else "none",
        "permission_reason": grant.reason if grant else "",
        "scopes": sorted(grant.scopes) if grant else [],
        "expires_at": grant.expires_at if grant else None,
        "suspended": f"{suspension.kind}: {suspension.detail}" if suspension else None,
        "items": {state: number for state, number in counts.items() if number},
    }
