"""Held consents: confirmed by the researcher, and ORCID's name differs clearly from ours: an operator decides."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from mappers.identifiers import OrcidId
from state.permission_facts import Consent, ConsentStage
from state.store import Store
from worker.permission.outcomes import Outcome
from worker.permission.walks import end, take

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """A consent that waits for an operator; `id` is what it is approved by."""

    id: str
    person: str
    orcid: OrcidId
    reason: str


def held_consents(store: Store) -> Sequence[HeldConsent]:
    """All that wait, the first to expire first."""
    return [
        HeldConsent(_id_of(walk), walk.person, walk.grant.orcid, _reason(store, walk))
        for walk in store.consents.at(ConsentStage.HELD)
        if walk.grant is not None
    ]


def approve_consent(store: Store, consent_id: str, now: float) -> Outcome:
    """Takes it as a grant, a move to this iD included: granted, or why not. Raises LookupError for an unknown id."""
    with store.transaction():
        walk = _found(store, consent_id)
        if now > walk.until:
            ended = end(store, walk, ConsentStage.FAILED, Outcome.STATE_EXPIRED, now)
        else:
            ended = take(store, walk, now)
    return _told(ended)


def reject_consent(store: Store, consent_id: str, now: float) -> Outcome:
    """Declines it; its token is revoked. Raises LookupError when none has this id."""
    with store.transaction():
        ended = end(store, _found(store, consent_id), ConsentStage.DECLINED, Outcome.DECLINED, now)
    return _told(ended)


def _told(walk: Consent) -> Outcome:
    outcome = Outcome(walk.outcome)
    log.info(outcome.event, person=walk.person, by="operator")
    return outcome


def _found(store: Store, consent_id: str) -> Consent:
    for walk in store.consents.at(ConsentStage.HELD):
        if _id_of(walk) == consent_id:
            return walk
    raise LookupError(f"no consent {consent_id} is held")


def _id_of(walk: Consent) -> str:
    return f"consent-{walk.id[:8]}"


def _reason(store: Store, walk: Consent) -> str:
    theirs = "" if walk.grant is None else walk.grant.name
    return f"ORCID's name is {theirs!r}, ours {store.people.person(walk.person).name!r}"
