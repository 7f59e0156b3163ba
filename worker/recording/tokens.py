"""Tokens: writes down what became of an exchange of tokens, or of a revocation (API_FACTS.md 7.2 to 7.4).

Every function runs inside the caller's transaction.
"""

from dataclasses import replace

import structlog

from state.permission_facts import GrantState, KeptToken, token_mark
from state.store import Store
from worker.calling.aftermath import Aftermath, GoOn, Halt, Replan, Rest
from worker.calling.token_replies import (
    TokenGranted,
    TokenRefused,
    TokenUnavailable,
    read_revoke_reply,
    read_token_reply,
)
from worker.planning import steps
from worker.ports import Reply
from worker.recording.grants import end_grant, grant_on, mark_broken

DAY = 86_400.0

log = structlog.get_logger()


def record_token(store: Store, step: steps.OAuthStep, reply: Reply, now: float) -> Aftermath:
    """Writes down what the reply means, and says how the slice goes on.

    The person may have been merged into another meanwhile.
    """
    match step:
        case steps.Refresh():
            told = read_token_reply(reply, now)
            return (
                _exchanged(store, step, told, now) if isinstance(told, TokenGranted) else _kept(store, step, told, now)
            )
        case steps.RevokeToken():
            gone = read_revoke_reply(reply, now)
            if isinstance(gone, TokenRefused | TokenUnavailable):
                return _unchanged(gone, step, now)
            return _revoked(store, step.token)


def _exchanged(store: Store, step: steps.Refresh, told: TokenGranted, now: float) -> Aftermath:
    """Both tokens are new, and the old ones dead; the consent is the same, so it stays as old as it is.

    Whatever became of the grant meanwhile: what has to be revoked of it is the new token now.
    """
    old = step.grant
    person = store.people.canonical(old.person)
    grant = grant_on(store, person, old.orcid)
    if grant is None or old.access_token is None:
        return Replan()
    mark = token_mark(old.access_token)
    before = store.tokens.known(mark)
    to_revoke = before is not None and before.to_revoke
    new = token_mark(told.access_token)
    store.tokens.keep(KeptToken(new, person, old.orcid, old.granted_at, told.access_token, to_revoke))
    store.tokens.drop(mark)
    if grant.access_token == old.access_token:
        store.grants.put(
            replace(
                grant,
                access_token=told.access_token,
                refresh_token=told.refresh_token,
                scopes=told.scopes or grant.scopes,
                expires_at=now + told.expires_in,
                refreshed_at=now,
            )
        )
    log.info("token_refreshed", person=person, orcid=old.orcid, expires_in=round(told.expires_in))
    return Replan()


def _kept(store: Store, step: steps.Refresh, told: TokenRefused | TokenUnavailable, now: float) -> Aftermath:
    """No new tokens: the permission is gone, our client is wrong, or nobody knows."""
    if isinstance(told, TokenUnavailable) or told.is_ours:
        return _unchanged(told, step, now)
    grant = grant_on(store, store.people.canonical(step.grant.person), step.grant.orcid)
    renewed = grant is not None and grant.access_token != step.grant.access_token
    if grant is not None and grant.state is GrantState.ACTIVE and not renewed:
        mark_broken(store, grant, f"ORCID does not renew the permission ({told.word}): ask for a new one")
    return Replan()


def _unchanged(told: TokenRefused | TokenUnavailable, step: steps.OAuthStep, now: float) -> Aftermath:
    asked = "to renew a token" if isinstance(step, steps.Refresh) else "to revoke a token"
    match told:
        case TokenUnavailable(why=why, after=after):
            return Rest(None if after is None else now + after, f"ORCID was asked {asked}: {why}")
        case TokenRefused(word=word, why=why, is_ours=True):
            check = "check ORCID_SYNC_CLIENT_ID and ORCID_SYNC_CLIENT_SECRET"
            return Halt(f"ORCID does not accept our client when asked {asked} ({word}: {why}): {check}")
        case TokenRefused(word=word, why=why):
            return Rest(now + DAY, f"ORCID was asked {asked}: {word}: {why}")


def _revoked(store: Store, token: KeptToken) -> Aftermath:
    """With the last token of an iD its grant is over; its own token is forgotten wherever it is kept."""
    store.tokens.drop(token.mark)
    person = store.people.canonical(token.person)
    log.info("token_revoked", person=person, orcid=token.orcid)
    grant = grant_on(store, person, token.orcid)
    if grant is None:
        return GoOn()
    if not any(one.orcid == token.orcid for one in store.tokens.of_person(person)):
        end_grant(store, grant, grant.reason or "its tokens were revoked")
    elif grant.access_token is not None and token_mark(grant.access_token) == token.mark:
        store.grants.put(replace(grant, access_token=None, refresh_token=None))
    return GoOn()
