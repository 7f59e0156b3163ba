"""Noting: what a plan says without calling anybody, written down."""

from dataclasses import replace

from state.facts import PersonFacts
from state.store import Store
from worker.planning import steps


def note(store: Store, facts: PersonFacts, made: steps.Plan) -> None:
    """Writes how far each item has come, and the plan's notes."""
    note_states(store, facts, made)
    for one in made.notes:
        match one:
            case steps.Reassign(published=published, item=key, digest=digest):
                store.items.publish(replace(published, item=key, digest=digest))
            case steps.Forget(key=key):
                store.items.forget(key)


def note_states(store: Store, facts: PersonFacts, made: steps.Plan) -> None:
    """Writes how far each item has come, where that is another state or reason than before."""
    known = {item.key: item for item in facts.wanted}
    for standing in made.standings:
        item = known[standing.key]
        if (item.state, item.reason) != (standing.state, standing.reason):
            store.items.set_state(standing.key, standing.state, standing.reason)
