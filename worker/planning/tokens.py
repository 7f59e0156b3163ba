"""Tokens: when one is exchanged for a new one, and when one is revoked (ARCHITECTURE.md 9). Pure."""

from dataclasses import dataclass

from mappers.identifiers import OrcidId
from state.facts import PersonFacts
from state.permission_facts import Grant, GrantState, KeptToken, token_mark
from worker.planning import steps
from worker.planning.brakes import paused_as_a_whole
from worker.planning.policy import Policy

REFRESH_LEEWAY = 600.0
"""Seconds before its end from which on a token is exchanged for a new one; and at most once in so many."""


@dataclass(frozen=True, slots=True)
class TokenSteps:
    """What is done about the tokens of the granted iD: before all other calls, and after them."""

    first: tuple[steps.Refresh, ...] = ()
    last: tuple[steps.RevokeToken, ...] = ()
    notes: tuple[steps.EndGrant, ...] = ()
    wake_at: float | None = None


def token_steps(facts: PersonFacts, policy: Policy, now: float, *, busy: bool) -> TokenSteps:
    """What is done about the tokens of the granted iD.

    One whose grant is ending is revoked when nothing else is left to do (`busy`: something is), and no call may still
    be carried out. What can't be removed now, on a locked record for instance, does not delay it.
    """
    grant = facts.grant
    if grant is None:
        return TokenSteps()
    if grant.state is not GrantState.ENDING:
        first, wake_at = _refresh(facts, grant, policy, now)
        return TokenSteps(first, revocations(facts, grant.orcid, grant, policy), (), wake_at)
    ripe_at = max((one.ripe_at for one in facts.intents if one.orcid == grant.orcid), default=0.0)
    if busy or now < ripe_at:
        return TokenSteps(wake_at=ripe_at if now < ripe_at else None)
    return TokenSteps(last=revocations(facts, grant.orcid, grant, policy), notes=ending(facts, grant))


def revocations(
    facts: PersonFacts, orcid: OrcidId, grant: Grant | None, policy: Policy
) -> tuple[steps.RevokeToken, ...]:
    """The tokens of one iD that are to be revoked, as far as our client can: without its secret it can't."""
    if not _may_ask(facts, policy):
        return ()
    return tuple(steps.RevokeToken(token) for token in _to_revoke(facts, orcid, grant))


def ending(facts: PersonFacts, grant: Grant | None) -> tuple[steps.EndGrant, ...]:
    """The note that a grant has ended, when it is ending and no token of it is left to revoke."""
    if grant is None or grant.state is not GrantState.ENDING or _to_revoke(facts, grant.orcid, grant):
        return ()
    return (steps.EndGrant(grant),)


def _refresh(
    facts: PersonFacts, grant: Grant, policy: Policy, now: float
) -> tuple[tuple[steps.Refresh, ...], float | None]:
    """The exchange that is due now, or when it will be, for who has something wanted or published.

    ORCID exchanges no token that has expired (API_FACTS.md 7.2).
    """
    serves = grant.state is GrantState.ACTIVE and grant.access_token is not None and grant.refresh_token is not None
    due_at = max(grant.expires_at - REFRESH_LEEWAY, grant.refreshed_at + REFRESH_LEEWAY)
    if not serves or max(due_at, now) >= grant.expires_at or not _may_ask(facts, policy):
        return (), None
    if due_at <= now:
        return (steps.Refresh(grant),), None
    stands = any(one.orcid == grant.orcid for one in facts.published)
    return (), due_at if stands or any(not item.withdrawn for item in facts.wanted) else None


def _may_ask(facts: PersonFacts, policy: Policy) -> bool:
    return policy.sends_for(facts.person) and not policy.tokenless and not paused_as_a_whole(facts.brakes)


def _to_revoke(facts: PersonFacts, orcid: OrcidId, grant: Grant | None) -> list[KeptToken]:
    """An ending grant's own token is among them, also when it was never kept beside it."""
    found = [token for token in facts.tokens if token.orcid == orcid and token.token is not None]
    if grant is not None and grant.state is GrantState.ENDING and grant.access_token is not None:
        mark = token_mark(grant.access_token)
        if all(token.mark != mark for token in found):
            own = KeptToken(mark, grant.person, grant.orcid, grant.granted_at, grant.access_token, to_revoke=True)
            found.append(own)
    return found
