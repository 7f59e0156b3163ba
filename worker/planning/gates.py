"""Gates: what keeps a call from being made now, and what it waits for."""

from dataclasses import dataclass

from mappers.forms import Version
from mappers.sections import may_add, may_change, may_remove
from state.facts import GrantState, Group, GroupState, ItemState, PersonFacts, Wanted
from worker.planning import steps
from worker.planning.policy import Policy

WRITING_DOCUMENTS = steps.Add | steps.Update | steps.MoveAside


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a call may not be made now, when that may end by itself, and what has to be done first."""

    reason: str
    wake_at: float | None = None
    state: ItemState = ItemState.WAITING
    first: steps.EnsureGroup | None = None


def hindrance(call: steps.CallStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
    """Why a call may not be made now; None when it may."""
    return _by_section(call, policy) or _by_permission(call, facts, policy, now) or _by_group(call, facts, policy, now)


def _by_section(call: steps.CallStep, policy: Policy) -> Hindrance | None:
    section = steps.section_of(call)
    if section in policy.switched_off:
        return Hindrance(f"section {section} is off in the mapping file")
    if not section.is_in(policy.version):
        return Hindrance(f"{policy.version} has no section {section}")
    if policy.version is Version.V2_1 and isinstance(call, WRITING_DOCUMENTS) and call.item.v2_1_lacks:
        return Hindrance(call.item.v2_1_lacks)
    return None


def _by_permission(call: steps.CallStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
    grant, suspension = facts.grant, facts.suspension
    if grant is None:
        return Hindrance("no permission yet")
    if policy.only is not None and facts.person not in policy.only:
        return Hindrance(policy.held_by)
    if suspension is not None and suspension.look_again_at > now:
        reason = f"the record {grant.orcid} is {suspension.kind}: {suspension.detail}"
        return Hindrance(reason, suspension.look_again_at)
    if grant.state is not GrantState.ACTIVE and not isinstance(call, steps.Remove):
        return Hindrance(f"the permission is {grant.state}: {grant.reason}")
    if grant.expires_at <= now:
        return Hindrance("the permission expired: ask for a new one")
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
    if enough:
        return None
    return Hindrance(f"the permission lacks a scope for {section}: {' or '.join(sorted(scopes))}")


def _by_group(call: steps.CallStep, facts: PersonFacts, policy: Policy, now: float) -> Hindrance | None:
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
