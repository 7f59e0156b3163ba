"""Grants: writes down that a permission allows less than we thought, no longer serves, or has ended.

Every function runs inside the caller's transaction.
"""

from dataclasses import replace

import structlog

from mappers.identifiers import OrcidId
from state.permission_facts import Grant, GrantState, Move, MoveState, token_mark
from state.store import Store
from worker.planning import steps
from worker.recording.sent import Sent

log = structlog.get_logger()


def grant_on(store: Store, person: str, orcid: OrcidId) -> Grant | None:
    """The person's grant on an iD, in whichever state."""
    return next((one for one in store.grants.of_person(person) if one.orcid == orcid), None)


def break_grant(store: Store, sent: Sent, why: str) -> None:
    """ORCID does not accept the token any more (API_FACTS.md 7.5): told once, and of the token that was sent alone.

    A broken grant serves removals still; one that does not serve even those is over, and its token is forgotten: not at
    the first refusal, which may be no word about this token. What stands on a former record is stranded then.
    """
    person, orcid = sent.sender.person, sent.sender.orcid
    grant = grant_on(store, person, orcid)
    if grant is None or (sent.mark and sent.mark != _mark(grant)):
        return  # a new permission came meanwhile
    if isinstance(sent.step, steps.Remove) and grant.state is not GrantState.ACTIVE:
        if grant.access_token is not None:
            store.tokens.drop(token_mark(grant.access_token))
        end_grant(store, grant, why)
    elif store.blocks.forgetting(person) is not None:
        if grant.state is not GrantState.BROKEN:
            mark_broken(store, grant, why)
    elif is_former(store, sent):
        strand(store, sent, why)
    elif grant.state is GrantState.ACTIVE:
        mark_broken(store, grant, why)


def mark_broken(store: Store, grant: Grant, why: str) -> None:
    """The permission has to be asked for anew."""
    store.grants.mark(grant.person, grant.orcid, GrantState.BROKEN, why)
    log.warning("grant_broken", person=grant.person, orcid=grant.orcid, why=why)


def narrow(store: Store, sent: Sent, why: str) -> None:
    """The grant allows less than we thought: it loses the scopes of this section, and serves the others still."""
    grant = grant_on(store, sent.sender.person, sent.sender.orcid)
    if grant is not None:
        section = steps.section_of(sent.step)
        removing = isinstance(sent.step, steps.Remove)
        lost = section.remove_scopes if removing else section.add_scopes | section.change_scopes
        store.grants.put(replace(grant, scopes=grant.scopes - lost, reason=f"{section}: {why}"))


def end_grant(store: Store, grant: Grant, why: str) -> None:
    """The grant is over, and its tokens are forgotten; what is published keeps its put-codes."""
    ended = replace(grant, state=GrantState.REVOKED, reason=why, access_token=None, refresh_token=None)
    store.grants.put(ended)
    log.info("grant_ended", person=grant.person, orcid=grant.orcid, why=why)


def is_former(store: Store, sent: Sent) -> bool:
    """Whether a call was made on a record that the person moved away from."""
    current = store.grants.current(sent.sender.person)
    return current is None or current.orcid != sent.sender.orcid


def strand(store: Store, sent: Sent, why: str) -> None:
    """What stands on a former record can't be removed, until an operator has it tried again."""
    person, orcid = sent.sender.person, sent.sender.orcid
    store.moves.put(Move(person, orcid, MoveState.STRANDED, f"{orcid}: {why}"))


def _mark(grant: Grant) -> str:
    return "" if grant.access_token is None else token_mark(grant.access_token)
