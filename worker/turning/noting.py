"""Noting: what a plan says without calling anybody, written down."""

from dataclasses import replace

import structlog

from mappers.wanted import ItemKey
from state.facts import ItemState, Outcome, PersonFacts, Published
from state.store import Store
from worker.intake.wants import UNCOUNTED
from worker.planning import steps
from worker.recording.grants import end_grant
from worker.recording.parking import parked_on, unpark

log = structlog.get_logger()


def note(store: Store, facts: PersonFacts, made: steps.Plan) -> None:
    """Writes how far each item has come, the plan's notes, and what becomes of records that the person left."""
    note_states(store, facts, made)
    for move in made.moves:
        store.moves.put(move)
        log.info("move_noted", person=move.person, orcid=move.orcid, state=move.state.value, why=move.reason)
    for one in made.notes:
        match one:
            case steps.Reassign(published=published, item=key, digest=digest):
                store.items.publish(replace(published, item=key, digest=digest))
                _free(store, facts, published, key)
            case steps.Forget(key=key):
                store.items.forget(key)
            case steps.DropMove(orcid=orcid):
                store.moves.drop(facts.person, orcid)
            case steps.EndGrant(grant=grant):
                end_grant(store, grant, grant.reason)
            case steps.GiveUp(intents=intents):
                for intent in intents:
                    store.intents.close(intent, Outcome("given_up", store.now(), detail="nobody will find out"))


def _free(store: Store, facts: PersonFacts, published: Published, key: ItemKey) -> None:
    """What waited for a put-code may be written there, where that is its own now."""
    reason = parked_on(published.put_code, published.section)
    if published.item != key and any(item.key == key and item.refused_reason == reason for item in facts.wanted):
        unpark(store, published)
        store.agenda.changed(facts.person, 0.0, 0.0)


def note_states(store: Store, facts: PersonFacts, made: steps.Plan) -> None:
    """Writes how far each item has come, where that is another state or reason than before.

    What is held until it is counted stays so, whatever it is by the settings of who plans: by its state it is counted.
    """
    kept = (ItemState.HELD, UNCOUNTED)
    known = {item.key: item for item in facts.wanted if (item.state, item.hold_reason) != kept}
    for standing in made.standings:
        item = known.get(standing.key)
        if item is not None and (item.state, item.reason) != (standing.state, standing.reason):
            store.items.set_state(standing.key, standing.state, standing.reason)
