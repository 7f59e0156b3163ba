"""Rewriting: which updates have no new event behind them, whatever of the mapping file makes them.

A source that wins another slot or field than before, or whose merged item is mapped otherwise, changes what stands of
another item. That item's own document may be the same, so only the plan shows it.
"""

from dataclasses import dataclass, replace

from mappers.wanted import ItemKey
from state.facts import ItemState, PersonFacts
from worker.planning import slots, steps
from worker.planning.cases import SectionCase
from worker.planning.decisions import Decision
from worker.planning.exclusions import excluded
from worker.planning.policy import Policy
from worker.planning.section_facts import SectionFacts

SETTLED = frozenset({ItemState.IN_SYNC, ItemState.MERGED})
"""States of an item of which no event waits to be sent."""


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Items that would be updated without an event and count under no hold; and those that no hold has to stop.

    One that takes another's place counts by its state: under a hold, too, it does not before it is held.
    """

    unheld: frozenset[ItemKey] = frozenset()
    idle: frozenset[ItemKey] = frozenset()


def rewrites(facts: PersonFacts, policy: Policy, now: float) -> Rewrites:
    """By the states that were noted before the change, and what would be done now if no hold stopped it.

    Permission, pilot and the like are not asked: what they hold back today goes out unasked another day.
    """
    free = replace(facts, wanted=tuple(replace(item, hold="", hold_reason="") for item in facts.wanted))
    outside, _ = excluded(facts, policy, now)
    unheld: set[ItemKey] = set()
    idle: set[ItemKey] = set()
    for section in sorted({item.key.section for item in facts.wanted}):
        for served, decision in SectionCase(SectionFacts.of(section, free, outside), policy, now).served():
            winner = served.slot.winner.key
            idle |= served.slot.keys - {winner}
            if decision.state is ItemState.IN_SYNC:
                idle.add(winner)
            elif _is_rewrite(served, decision, facts):
                unheld.add(winner)
    return Rewrites(frozenset(unheld), frozenset(idle))


def _is_rewrite(served: slots.Served, decision: Decision, facts: PersonFacts) -> bool:
    if not isinstance(decision.call, steps.Update) or decision.state is not ItemState.PENDING:
        return False
    known = {item.key: item for item in facts.wanted}
    winner, before = known[served.slot.winner.key], known.get(decision.call.published.item)
    if not decision.call.published.digest or before is None or before.withdrawn:
        return False
    if winner.hold and (winner.state is not ItemState.PENDING or before is winner):
        return False
    return all(known[key].hold or known[key].state in SETTLED for key in served.slot.keys)
