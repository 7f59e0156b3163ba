"""Takings: what would be taken off a person's record, for the guard to count (guarding.py). Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from mappers.sections import Section
from mappers.wanted import SourceKey
from state.facts import ItemState, PersonFacts, Published
from state.permission_facts import GrantState
from worker.planning import steps
from worker.planning.cases import SectionCase
from worker.planning.exclusions import excluded
from worker.planning.policy import Policy
from worker.planning.section_facts import SectionFacts

Value = tuple[SourceKey, Section]
"""What is replaced within a source record: one value of a section."""

COMING = frozenset({ItemState.PENDING, ItemState.WAITING, ItemState.IN_DOUBT})
"""States of a value that does not stand on the record yet, and will."""


@dataclass(frozen=True, slots=True)
class Takings:
    """What would be taken off a person's granted record.

    `replaced` counts, by source record and section, what is removed only to make way for another value. `updates` may
    empty fields: their documents tell.
    """

    removed: tuple[Published, ...] = ()
    replaced: Mapping[Value, int] = field(default_factory=dict)
    updates: tuple[steps.Update, ...] = ()


def takings(facts: PersonFacts, policy: Policy, now: float) -> Takings:
    """What would be taken off, if nothing kept any call back and no doubt had to ripen."""
    if facts.grant is None or facts.forgetting is not None:
        return Takings()
    outside, _ = excluded(facts, policy, now)
    removes_only = facts.grant.state is not GrantState.ACTIVE
    removed: list[Published] = []
    updates: list[steps.Update] = []
    new: Counter[Value] = Counter()
    for section in sorted({one.section for one in facts.published}):
        case = SectionCase(SectionFacts.of(section, facts, outside), policy, inf, removes_only=removes_only)
        calls = [decision.call for decision in case.decisions()]
        leaving = [call.published for call in calls if isinstance(call, steps.Remove)]
        updates += [call for call in calls if isinstance(call, steps.Update)]
        removed += leaving
        if leaving:
            new.update(_added(case))
    there = Counter((one.item.record, one.section) for one in removed)
    return Takings(tuple(removed), dict(there & new), tuple(updates))


def _added(case: SectionCase) -> Iterator[Value]:
    """The source record and section of each value that comes to the record."""
    for served, decision in case.served():
        if served.published is None and decision.state in COMING:
            yield served.slot.winner.key.record, case.facts.section
