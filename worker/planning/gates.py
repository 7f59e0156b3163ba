"""Gates: what keeps a call from being made now, and what it waits for."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mappers.forms import Version
from mappers.sections import Section, may_add, may_change, may_remove
from state.facts import Group, GroupState, ItemState, PersonFacts, Wanted
from state.permission_facts import Grant, GrantState, Suspension, SuspensionKind
from worker.planning import steps
from worker.planning.brakes import braked
from worker.planning.guarding import stopped
from worker.planning.policy import Policy

WRITING_DOCUMENTS = steps.Add | steps.Update | steps.MoveAside

FULL = "409/9048: the record has 10,000 works, and ORCID takes no more"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a call may not be made now, when that may end by itself, and what has to be done first."""

    reason: str
    wake_at: float | None = None
    state: ItemState = ItemState.WAITING
    first: steps.EnsureGroup | None = None


def hindrance(call: steps.RecordStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
    """Why a call on the granted iD may not be made now; None when it may.

    The guard comes first, for what it holds asks for an operator's word. Only an active grant lets all through. One
    that is broken or ending lets removals through: ORCID accepts a DELETE with a token that the person revoked
    (API_FACTS.md 7.5).
    """
    return (
        _by_guard(call, facts)
        or _by_brake(call, facts)
        or _by_section(call, policy)
        or _by_permission(call, facts, policy, now)
        or _by_room(call, facts, now)
        or _by_group(call, facts, policy, now)
    )


def _by_guard(call: steps.RecordStep, facts: PersonFacts) -> Hindrance | None:
    why = stopped(call, facts) if facts.removals else ""
    return Hindrance(why, state=ItemState.HELD) if why else None


def _by_brake(call: steps.RecordStep, facts: PersonFacts) -> Hindrance | None:
    why = braked(call, facts)
    return Hindrance(why) if why else None


def _by_section(call: steps.RecordStep, policy: Policy) -> Hindrance | None:
    section = steps.section_of(call)
    if section in policy.switched_off:
        return Hindrance(f"section {section} is off in the mapping file")
    if not section.is_in(policy.version):
        return Hindrance(f"{policy.version} has no section {section}")
    if policy.version is Version.V2_1 and isinstance(call, WRITING_DOCUMENTS) and call.item.v2_1_lacks:
        return Hindrance(call.item.v2_1_lacks)
    return None


def _by_permission(call: steps.RecordStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
    grant, suspension = facts.grant, facts.suspension
    if grant is None:
        ended = facts.ended
        return Hindrance("no permission yet" if ended is None else f"the permission was revoked: {ended.reason}")
    if not policy.sends_for(facts.person):
        return Hindrance(policy.held_by)
    if suspension is not None and suspension.look_again_at > now:
        return Hindrance(_what_to_do(suspension, facts.person), suspension.look_again_at)
    if grant.state is not GrantState.ACTIVE and not isinstance(call, steps.Remove):
        waits = f"; {policy.tokenless}" if grant.state is GrantState.ENDING and policy.tokenless else ""
        return Hindrance(f"the permission is {grant.state}: {grant.reason}{waits}")
    lost = unusable(grant, now)
    return Hindrance(lost) if lost else _by_scope(call, grant)


def suspended(suspension: Suspension) -> str:
    """Why a record takes no writes, in words."""
    return f"the record {suspension.orcid} is {suspension.kind}{': ' if suspension.detail else ''}{suspension.detail}"


def _what_to_do(suspension: Suspension, person: str) -> str:
    why = suspended(suspension)
    if suspension.kind is SuspensionKind.DEPRECATED:
        return f"{why} took its place: ask for a permission there (orcid-sync permission invite {person})"
    return f"{why}; looked at again daily"


def _by_room(call: steps.RecordStep, facts: PersonFacts, now: float) -> Hindrance | None:
    """ORCID takes so many works on a record, whosever they are (API_FACTS.md 9)."""
    known = facts.sections.get(steps.section_of(call))
    if not isinstance(call, steps.Add) or known is None or known.full_until <= now:
        return None
    return Hindrance(f"{FULL}: tried again daily, and when a work of ours goes", known.full_until)


def unusable(grant: Grant, now: float) -> str:
    """Why a grant's token serves for nothing, not even for a removal; empty when it may serve."""
    if grant.access_token is None:
        return "the permission has no token any more: ask for a new one"
    return "the permission expired: ask for a new one" if grant.expires_at <= now else ""


def _by_scope(call: steps.RecordStep, grant: Grant) -> Hindrance | None:
    section = steps.section_of(call)
    match call:
        case steps.ListSection() | steps.ReadItems():
            return None  # a client sees its own items whatever its scopes (API_FACTS.md 1.5)
        case steps.Remove():
            enough, scopes = may_remove(section, grant.scopes), section.remove_scopes
        case steps.Update() | steps.MoveAside():
            enough, scopes = may_change(section, grant.scopes), section.change_scopes
        case _:  # what may only add is named the scopes that let it change too: they are asked for together
            enough, scopes = may_add(section, grant.scopes), section.change_scopes
    return None if enough else Hindrance(lacking(section, scopes))


def lacking(section: Section, scopes: AbstractSet[str]) -> str:
    """What a permission lacks, in words; any one of `scopes` is enough."""
    return f"the permission lacks a scope for {section}: {' or '.join(sorted(scopes))}"


def _by_group(call: steps.RecordStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
    """A peer review needs the record of its group, but an Add makes ORCID create an ISSN's (API_FACTS.md 4.2)."""
    if not isinstance(call, steps.Add | steps.Update) or not call.item.group:
        return None
    found = _without_group(call.item, facts.groups.get(call.item.group), adds=isinstance(call, steps.Add), now=now)
    return Hindrance(policy.tokenless) if found is not None and found.first is not None and policy.tokenless else found


def _without_group(item: Wanted, group: Group | None, *, adds: bool, now: float) -> Hindrance | None:
    if group is None:
        return Hindrance(f"nothing is known of the group-id record {item.group}")
    if group.state is GroupState.KNOWN or (adds and group.record.is_issn):
        return None
    if group.state is GroupState.REFUSED:
        again = steps.EnsureGroup(group.record, group.reason) if 0.0 < group.ripe_at <= now else None
        return Hindrance(group.reason, group.ripe_at or None, ItemState.REFUSED, again)
    reason = f"its group-id record is looked for first{': ' if group.reason else ''}{group.reason}"
    if group.state is GroupState.ASKED and now < group.ripe_at:
        return Hindrance(reason, group.ripe_at, ItemState.PENDING)
    return Hindrance(reason, state=ItemState.PENDING, first=steps.EnsureGroup(group.record, reason))
