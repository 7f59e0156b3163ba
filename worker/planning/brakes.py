"""Brakes: what an operator paused keeps calls back, and says how it is ended. Pure."""

from collections.abc import Iterable

from state.brake_facts import Brake
from state.facts import PersonFacts
from worker.planning import steps


def paused(brake: Brake) -> str:
    """Why a brake keeps something back, in words."""
    return f"paused by an operator: {brake.name} ({brake.ends_with})"


def paused_as_a_whole(brakes: Iterable[Brake]) -> str:
    """Why nothing at all is sent for a person with these brakes; empty when something may be."""
    return next((paused(one) for one in brakes if not (one.source or one.section)), "")


def braked(call: steps.RecordStep, facts: PersonFacts) -> str:
    """Why an operator's brake keeps a call back; empty when none does.

    With a person or a section, looking stops too; with a source, only what writes its items does.
    """
    if not facts.brakes:
        return ""
    section, sources = steps.section_of(call).value, _sources(call)
    for brake in facts.brakes:
        if brake.section in {"", section} and (not brake.source or brake.source in sources):
            return paused(brake)
    return ""


def _sources(call: steps.RecordStep) -> frozenset[str]:
    """Whose items a call writes."""
    match call:
        case steps.Add(item=item) | steps.Update(item=item) | steps.MoveAside(item=item):
            return frozenset({item.key.record.source})
        case steps.AddWorks(adds=adds):
            return frozenset(add.item.key.record.source for add in adds)
        case steps.Remove(published=published):
            return frozenset({published.item.record.source})
        case steps.Repeat(intents=intents):
            return frozenset(intent.item.record.source for intent in intents)
        case steps.ListSection() | steps.ReadItems() | steps.EnsureGroup():
            return frozenset()
