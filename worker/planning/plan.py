"""The planner: what to do on one person's record, in which order, and what each item waits for.

The cases of one section are in `cases.py`, under their table.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from mappers.sections import Section, may_add, may_change
from mappers.wanted import ItemKey
from state.facts import GrantState, Intent, ItemState, PersonFacts
from worker.planning import steps
from worker.planning.cases import Decision, SectionCase
from worker.planning.policy import Policy

BULK_LIMIT = 100
"""Works in one bulk POST (API_FACTS.md 1.4)."""

T = TypeVar("T")


def plan(facts: PersonFacts, policy: Policy, now: float) -> steps.Plan:
    """The steps for the person's granted iD, each wanted item's state, and when time alone would change them.

    Pure. Without a grant nothing is sent and everything says what it waits for.
    """
    orcid = facts.grant.orcid if facts.grant else None
    draft = _Draft(facts, policy, now)
    sections = {item.key.section for item in facts.wanted} | {one.section for one in facts.published}
    for section in sorted(sections | {one.item.section for one in facts.intents}):
        for decision in SectionCase.of(section, orcid, facts, policy, now).decisions():
            draft.take(decision)
    return draft.plan()


class _Draft:
    """Gathers decisions; a call that may not be made now becomes waiting."""

    def __init__(self, facts: PersonFacts, policy: Policy, now: float) -> None:
        self._facts = facts
        self._policy = policy
        self._now = now
        self._calls: list[steps.CallStep] = []
        self._notes: list[steps.NoteStep] = []
        self._standings: dict[ItemKey, steps.Standing] = {}
        self._wakes: list[float] = []

    def take(self, decision: Decision) -> None:
        state, reason, wake_at = decision.state, decision.reason, decision.wake_at
        if decision.call is not None:
            hindrance = _hindrance(decision.call, self._facts, self._policy, self._now)
            if hindrance is None:
                self._calls.append(decision.call)
            else:
                state, (reason, wake_at) = ItemState.WAITING, hindrance
        if decision.note is not None:
            self._notes.append(decision.note)
        if wake_at is not None:
            self._wakes.append(wake_at)
        for key in decision.keys:
            self._standings[key] = steps.Standing(key, state, reason)

    def plan(self) -> steps.Plan:
        known = {item.key for item in self._facts.wanted}
        return steps.Plan(
            calls=tuple(_ordered(self._calls)),
            notes=tuple(self._notes),
            standings=tuple(one for key, one in self._standings.items() if key in known),
            wake_at=min(self._wakes, default=None),
        )


def _hindrance(call: steps.CallStep, facts: PersonFacts, policy: Policy, now: float) -> tuple[str, float | None] | None:
    """Why a call may not be made now, and when that may end by itself; None when it may."""
    grant, suspension = facts.grant, facts.suspension
    if grant is None:
        return "no permission yet", None
    if policy.only is not None and facts.person not in policy.only:
        return policy.held_by, None
    if suspension is not None and suspension.look_again_at > now:
        return f"the record {grant.orcid} is {suspension.kind}: {suspension.detail}", suspension.look_again_at
    if grant.state is not GrantState.ACTIVE and not isinstance(call, steps.Remove):
        return f"the permission is {grant.state}: {grant.reason}", None
    if grant.expires_at <= now:
        return "the permission expired: ask for a new one", None
    if isinstance(call, steps.ListSection | steps.ReadItems):
        return None  # a client sees its own items whatever its scopes (API_FACTS.md 1.5)
    section = section_of(call)
    enough = may_change if isinstance(call, steps.Update | steps.Remove) else may_add
    if enough(section, grant.scopes):
        return None
    return f"the permission lacks a scope for {section}: {' or '.join(sorted(section.change_scopes))}", None


def section_of(call: steps.CallStep) -> Section:
    """The section that a call is about."""
    match call:
        case steps.Add() | steps.Update():
            return call.item.key.section
        case steps.AddWorks():
            return Section.WORK
        case steps.Repeat():
            return call.intents[0].item.section
        case steps.Remove():
            return call.published.section
        case steps.ListSection() | steps.ReadItems():
            return call.section


def _ordered(calls: Iterable[steps.CallStep]) -> Iterator[steps.CallStep]:
    """Finding out first, then what frees identifiers, then what takes them; works and repeats in bulk."""
    listed: dict[Section, steps.CallStep] = {}
    repeats: dict[Section, list[Intent]] = {}
    removes: list[steps.CallStep] = []
    updates: list[steps.CallStep] = []
    adds: list[steps.Add] = []
    for call in calls:
        match call:
            case steps.ListSection():
                listed.setdefault(call.section, call)
            case steps.Repeat():
                repeats.setdefault(section_of(call), []).extend(call.intents)
            case steps.Add():
                adds.append(call)
            case steps.Remove():
                removes.append(call)
            case steps.Update() | steps.AddWorks() | steps.ReadItems():
                updates.append(call)
    yield from listed.values()
    for section, intents in repeats.items():
        size = BULK_LIMIT if section is Section.WORK else 1
        yield from (steps.Repeat(tuple(chunk)) for chunk in _chunks(intents, size))
    yield from removes
    yield from updates
    yield from (add for add in adds if add.item.key.section is not Section.WORK)
    for chunk in _chunks([add for add in adds if add.item.key.section is Section.WORK], BULK_LIMIT):
        yield steps.AddWorks(tuple(chunk)) if len(chunk) > 1 else chunk[0]


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
