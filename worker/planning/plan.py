"""The planner: what to do on one person's record, in which order, and what each item waits for.

The cases of one section are in `cases.py`, under their table; what keeps a call back is in `gates.py`, and the order
of writes among which identifiers move is in `ordering.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, ItemState, PersonFacts
from state.permission_facts import GrantState
from worker.planning import steps
from worker.planning.cases import SectionCase
from worker.planning.decisions import Decision
from worker.planning.exclusions import excluded
from worker.planning.former import fates, moves, plan_forgetting
from worker.planning.gates import hindrance
from worker.planning.ordering import Claims, in_order
from worker.planning.policy import Policy
from worker.planning.section_facts import SectionFacts
from worker.planning.tokens import token_steps

BULK_LIMIT = 100
"""Works in one bulk POST (API_FACTS.md 1.4)."""

T = TypeVar("T")


def plan(facts: PersonFacts, policy: Policy, now: float) -> steps.Plan:
    """The steps for the person's granted iD, each wanted item's state, and when time alone would change them.

    Pure. Without a grant nothing is sent and everything says what it waits for. `facts.contents` holds the documents
    that `contents.py` names. What is done on the person's former records is planned apart (former.py); what becomes
    of what stands there is told here.
    """
    if facts.forgetting is not None:
        return plan_forgetting(facts, policy, now)
    outside, wake_at = excluded(facts, policy, now)
    draft = _Draft(facts, policy, now, wake_at)
    left = fates(facts, policy, now)
    removes_only = facts.grant is not None and facts.grant.state is not GrantState.ACTIVE
    sections = {item.key.section for item in facts.wanted} | {one.section for one in facts.published}
    for section in sorted(sections | {one.item.section for one in facts.intents}):
        draft.take(SectionCase(SectionFacts.of(section, facts, outside), policy, now, left, removes_only))
    return draft.plan()


class _Draft:
    """Gathers decisions; a call that may not be made now becomes waiting."""

    def __init__(self, facts: PersonFacts, policy: Policy, now: float, wake_at: float | None) -> None:
        self._facts = facts
        self._policy = policy
        self._now = now
        self._calls: list[steps.RecordStep] = []
        self._notes: list[steps.NoteStep] = []
        self._standings: dict[ItemKey, steps.Standing] = {}
        self._wakes: list[float] = [] if wake_at is None else [wake_at]

    def take(self, case: SectionCase) -> None:
        """The decisions of one section, as far as they may be carried out now."""
        decisions = [self._gated(one) for one in case.decisions()]
        calls: list[steps.RecordStep] = [one.call for one in decisions if one.call is not None]
        waiting: Mapping[ItemKey, str] = {}
        section = case.facts.section
        if section.is_deduplicated(self._policy.version):
            writes = [one for one in calls if isinstance(one, steps.Add | steps.Update | steps.Remove)]
            claims = Claims.of(case.facts.published, case.facts.intents)
            order = in_order(writes, claims, None if section.is_of_person else case.opaque)
            calls = [one for one in calls if not isinstance(one, steps.Add | steps.Update | steps.Remove)]
            calls.extend(order.calls)
            waiting = order.waiting
        self._calls.extend(calls)
        for decision in decisions:
            self._note(decision, waiting)

    def _gated(self, decision: Decision) -> Decision:
        held = decision.call and hindrance(decision.call, self._facts, self._policy, self._now)
        if not held:
            return decision
        return replace(decision, state=held.state, reason=held.reason, call=held.first, wake_at=held.wake_at)

    def _note(self, decision: Decision, waiting: Mapping[ItemKey, str]) -> None:
        if decision.note is not None:
            self._notes.append(decision.note)
        if decision.wake_at is not None:
            self._wakes.append(decision.wake_at)
        state, reason = decision.state, decision.reason
        if isinstance(decision.call, steps.Add | steps.Update) and decision.call.item.key in waiting:
            state, reason = ItemState.WAITING, waiting[decision.call.item.key]
        for key in decision.keys:
            self._standings[key] = steps.Standing(key, state, reason)

    def plan(self) -> steps.Plan:
        facts, policy, now = self._facts, self._policy, self._now
        known = {item.key for item in facts.wanted}
        tokens = token_steps(facts, policy, now, busy=bool(self._calls))
        self._wakes.extend(() if tokens.wake_at is None else (tokens.wake_at,))
        noted, dropped = moves(facts, policy, now)
        return steps.Plan(
            calls=(*tokens.first, *_ordered(self._calls), *tokens.last),
            notes=(*self._notes, *tokens.notes, *dropped),
            standings=tuple(one for key, one in self._standings.items() if key in known),
            wake_at=min(self._wakes, default=None),
            moves=noted,
        )


def _ordered(calls: Iterable[steps.RecordStep]) -> Iterator[steps.RecordStep]:
    """Finding out first, then what frees identifiers, then what takes them; works in bulk, repeats as they were sent.

    So a bulk that ORCID fails on is not mixed with others, and what failed least comes first. Else calls keep their
    order. Group-id records come last: trouble with them, or with our client's own token, delays nothing but the peer
    reviews that need them.
    """
    groups: dict[str, steps.RecordStep] = {}
    listed: dict[Section, steps.RecordStep] = {}
    repeats: dict[tuple[Section, int], list[Intent]] = {}
    removes: list[steps.RecordStep] = []
    updates: list[steps.RecordStep] = []
    adds: list[steps.Add] = []
    for call in calls:
        match call:
            case steps.EnsureGroup():
                groups.setdefault(call.group.key, call)
            case steps.ListSection():
                listed.setdefault(call.section, call)
            case steps.Repeat():
                for intent in call.intents:
                    repeats.setdefault((intent.item.section, intent.call), []).append(intent)
            case steps.Add():
                adds.append(call)
            case steps.Remove():
                removes.append(call)
            case steps.Update() | steps.MoveAside() | steps.AddWorks() | steps.ReadItems():
                updates.append(call)
    yield from listed.values()
    for (section, _), intents in sorted(repeats.items(), key=lambda one: max(each.attempt for each in one[1])):
        size = BULK_LIMIT if section.takes_bulk else 1
        yield from (steps.Repeat(tuple(chunk)) for chunk in _chunks(intents, size))
    yield from removes
    yield from updates
    yield from (add for add in adds if not add.item.key.section.takes_bulk)
    bulk = [add for add in adds if add.item.key.section.takes_bulk]
    yield from _bulks([add for add in bulk if not add.after])
    yield from _bulks([add for add in bulk if add.after])
    yield from groups.values()


def _bulks(adds: Sequence[steps.Add]) -> Iterator[steps.RecordStep]:
    for chunk in _chunks(adds, BULK_LIMIT):
        yield steps.AddWorks(tuple(chunk)) if len(chunk) > 1 else chunk[0]


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
