"""Plans shown: the calls that would be made now, with their reasons and what they would change."""

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mappers.documents import dump
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.kept import kept_data
from state.store import Store
from worker.planning import steps
from worker.planning.former import plan_former
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.contents import facts_of


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One item of one planned call. Items of a bulk share `call`."""

    step: str
    item: ItemKey | None
    section: str | None
    put_code: int | None
    reason: str
    call: int
    diff: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """One row of `plan --json`."""
        record = self.item.record if self.item else None
        return {
            "step": self.step,
            "section": self.section,
            "source": record.source if record else None,
            "entity": record.entity if record else None,
            "subject": record.subject if record else None,
            "part": self.item.part if self.item else None,
            "put_code": self.put_code,
            "reason": self.reason,
            "call": self.call,
            "diff": list(self.diff),
        }


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """What would be sent for one person to one record now."""

    person: str
    orcid: str | None
    items: tuple[PlannedItem, ...]

    def as_json(self) -> dict[str, Any]:
        """One plan of `plan --json`."""
        return {"person": self.person, "orcid": self.orcid, "steps": [item.as_json() for item in self.items]}


def planned(store: Store, policy: Policy, persons: Iterable[str], now: float) -> Iterator[PlannedPerson]:
    """The plans of those of `persons` for whom calls would be made, one for each of their records. Reads only."""
    for person in persons:
        facts = facts_of(store, person, policy)
        orcid = facts.grant.orcid if facts.grant else None
        made = [(orcid, plan(facts, policy, now).calls)]
        made += [(one.orcid, plan_former(facts, one, policy, now).calls) for one in facts.former]
        for record, calls in made:
            if calls:
                rows = (row for number, call in enumerate(calls, 1) for row in _rows(store, call, number))
                yield PlannedPerson(person, record, tuple(rows))


def _rows(store: Store, call: steps.CallStep, number: int) -> Iterator[PlannedItem]:
    match call:
        case steps.Add(item=item, reason=reason):
            diff = _diff(None, _written_document(store, call))
            yield PlannedItem("Add", item.key, item.key.section.value, None, reason, number, diff)
        case steps.AddWorks(adds=adds):
            for add in adds:
                diff = _diff(None, _written_document(store, add))
                yield PlannedItem("AddWorks", add.item.key, "work", None, add.reason, number, diff)
        case steps.Update(item=item, published=one, reason=reason):
            before = store.items.published_document(one.orcid, one.section, one.put_code)
            diff = _diff(before, _written_document(store, call))
            yield PlannedItem("Update", item.key, item.key.section.value, one.put_code, reason, number, diff)
        case steps.MoveAside(item=item, published=one, reason=reason):
            yield PlannedItem("MoveAside", item.key, item.key.section.value, one.put_code, reason, number, ())
        case steps.EnsureGroup(group=group, reason=reason):
            yield PlannedItem("EnsureGroup", None, Section.PEER_REVIEW.value, None, f"{group.id}: {reason}", number, ())
        case steps.Remove(published=one, reason=reason):
            before = store.items.published_document(one.orcid, one.section, one.put_code)
            yield PlannedItem("Remove", one.item, one.section.value, one.put_code, reason, number, _diff(before, None))
        case steps.Repeat(intents=intents):
            for intent in intents:
                section = intent.item.section.value
                yield PlannedItem("Recover", intent.item, section, None, "a POST was left in doubt", number, ())
        case steps.ListSection(section=section, reason=reason):
            yield PlannedItem("Recover", None, section.value, None, reason, number, ())
        case steps.ReadItems(section=section, found=found):
            for entry in found:
                yield PlannedItem("Recover", entry.item, section.value, entry.put_code, "to be adopted", number, ())
        case steps.Refresh():
            yield PlannedItem("Refresh", None, None, None, "the access token expires soon", number, ())
        case steps.RevokeToken():
            yield PlannedItem("RevokeToken", None, None, None, "it was revoked with us, or is not needed", number, ())


def _written_document(store: Store, step: steps.Add | steps.Update) -> str | None:
    if step.composed is not None:
        return dump(step.composed)
    found = store.items.document(step.item.key)
    return found[1] if found else None


def _diff(before: str | None, after: str | None) -> tuple[str, ...]:
    """Lines that go (-) and come (+)."""
    lines = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0)
    return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _lines(document: str | None) -> list[str]:
    if document is None:
        return []
    return json.dumps(kept_data(document), indent=1, ensure_ascii=False, sort_keys=True).splitlines()[1:-1]
