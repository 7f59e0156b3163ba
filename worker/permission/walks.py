"""Walks: what ends one, and what becomes of the token in it. Each function is a part of the caller's transaction."""

from dataclasses import replace
from hashlib import sha256

from state.permission_facts import Consent, ConsentStage, Grant, token_mark
from state.store import Store
from worker.calling.token_replies import Refusal, TokenGranted, TokenRefused, TokenUnavailable
from worker.permission.grants import GrantRefused, Permissions, Taken
from worker.permission.outcomes import Outcome

DAY = 86_400.0
KEPT_SECONDS = 7 * DAY
"""How long a walk that has ended is kept, to show its outcome again and to know its code: codes last a day."""
BATCH = 500
CLIENTS_FAULTS = frozenset(
    {"invalid_scope", "client_locked", "client_deactivated", "unauthorized_client", "invalid_client", "invalid_request"}
)
"""What ORCID's page may say of our client instead of asking the researcher (API_FACTS.md 7.1)."""


def id_of(nonce: str) -> str:
    """What a walk, or a browser, is known by: a digest of what its `state`, or cookie, holds."""
    return sha256(b"orcid-sync walk\x00" + nonce.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def without_tokens(grant: Grant | None) -> Grant | None:
    """What pages show of a grant after it was taken or let go."""
    return None if grant is None else replace(grant, access_token=None, refresh_token=None)


def revoke_soon(store: Store, grant: Grant | None) -> None:
    """Has a token revoked that no grant shall have; one that we knew before is somebody's, and stays."""
    if grant is None or grant.access_token is None or store.tokens.known(token_mark(grant.access_token)) is not None:
        return
    Permissions(store).keep(grant, to_revoke=True)


def end(store: Store, walk: Consent, stage: ConsentStage, outcome: Outcome, now: float) -> Consent:
    """Ends a walk, and has its token revoked. Returns the walk as it stands: another may have ended it meanwhile."""
    ended = replace(walk, stage=stage, outcome=outcome, until=now, grant=without_tokens(walk.grant))
    if not store.consents.advance(ended, walk.stage):
        return store.consents.consent(walk.id) or ended
    revoke_soon(store, walk.grant)
    return ended


def take(store: Store, walk: Consent, now: float) -> Consent:
    """Takes what a walk offers as a grant, once. Returns the walk as it stands."""
    ended = replace(
        walk, stage=ConsentStage.GRANTED, outcome=Outcome.GRANTED, until=now, grant=without_tokens(walk.grant)
    )
    if walk.grant is None or not store.consents.advance(ended, walk.stage):
        return store.consents.consent(walk.id) or ended
    outcome = _taken(store, replace(walk.grant, person=walk.person))
    if outcome is not Outcome.GRANTED:
        ended = replace(ended, stage=ConsentStage.FAILED, outcome=outcome)
        store.consents.put(ended)
    return ended


def _taken(store: Store, grant: Grant) -> Outcome:
    try:
        taken = Permissions(store).grant(grant)
    except GrantRefused:
        revoke_soon(store, grant)
        return Outcome.ID_TAKEN
    match taken:
        case Taken.APPLIED | Taken.UNCHANGED:
            return Outcome.GRANTED
        case Taken.SUPERSEDED:
            return Outcome.SUPERSEDED
        case Taken.ERASED:
            revoke_soon(store, grant)
            return Outcome.STATE_FORGED


def grant_in(walk: Consent, told: TokenGranted | TokenRefused | TokenUnavailable, now: float) -> Grant | None:
    """What ORCID gave in a walk; None when it gave nothing, or no iD with it."""
    if not isinstance(told, TokenGranted) or told.orcid is None:
        return None
    return Grant(
        person=walk.person,
        orcid=told.orcid,
        name=told.name,
        scopes=told.scopes,
        access_token=told.access_token,
        refresh_token=told.refresh_token,
        expires_at=now + told.expires_in,
        granted_at=now,
    )


def failure_of(told: TokenGranted | TokenRefused | TokenUnavailable) -> Outcome:
    """What an exchange that gave nothing came to."""
    match told:
        case TokenRefused(about=Refusal.CODE_REUSED):
            return Outcome.CODE_REUSED
        case TokenRefused(about=Refusal.REDIRECT_MISMATCH):
            return Outcome.REDIRECT_MISMATCH
        case TokenRefused(about=about, is_ours=is_ours) if is_ours or about is Refusal.CLIENT:
            return Outcome.CLIENT_REFUSED
        case TokenRefused():
            return Outcome.CODE_EXPIRED
        case TokenGranted() | TokenUnavailable():
            return Outcome.UNAVAILABLE


def end_walks(store: Store, person: str, now: float) -> None:
    """Ends all of a person's walks, and has their tokens revoked. A code that is being exchanged now is not waited for.

    See `has_exchange`.
    """
    for walk in store.consents.of_person(person):
        if walk.stage in (ConsentStage.ASKED, ConsentStage.OFFERED, ConsentStage.HELD):
            end(store, walk, ConsentStage.FAILED, Outcome.STATE_EXPIRED, now)


def has_exchange(store: Store, person: str, now: float) -> bool:
    """Whether a code of the person's is being exchanged at this moment: for a minute at most."""
    walks = store.consents.of_person(person)
    return any(walk.stage is ConsentStage.EXCHANGING and now <= walk.until for walk in walks)


def tidy(store: Store, now: float) -> bool:
    """Lets go of what nobody confirmed in time, and forgets walks some days after they ended. Opens transactions.

    True when there may be more to be forgotten: each link that is opened is a walk, so only BATCH go at once.
    """
    for stage, outcome in (
        (ConsentStage.EXCHANGING, Outcome.UNAVAILABLE),
        (ConsentStage.OFFERED, Outcome.STATE_EXPIRED),
        (ConsentStage.HELD, Outcome.STATE_EXPIRED),
    ):
        for walk in store.consents.at(stage):
            if walk.until < now:
                with store.transaction():
                    end(store, walk, ConsentStage.FAILED, outcome, now)
    gone = store.consents.expired(now - KEPT_SECONDS, BATCH)
    with store.transaction():
        for walk in gone:
            store.consents.drop(walk.id)
    return len(gone) == BATCH
