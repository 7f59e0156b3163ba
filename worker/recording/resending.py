"""Resending: an operator has sent once again what the researcher removed, or ORCID refused."""

from collections.abc import Iterable

from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import PersonFacts, Published, Standing
from state.store import Store
from worker.planning.policy import Policy
from worker.planning.serving import serve


def resend(store: Store, person: str, record: SourceKey) -> int:
    """Forgets that the researcher removed the person's items of a source record, or ORCID refused them.

    Returns how many items. An item is removed by every tombstone that covers its slot, whichever record that is of
    (planning/serving.py). What is still wanted is due at once; what was removed is created as if it never stood.
    """
    with store.transaction():
        person = store.people.canonical(person)
        removed = _removed(store.items.facts(person), record)
        for one in {one for _, one in removed}:
            store.items.unpublish(one.orcid, one.section, one.put_code)
        refused = [item for item in store.items.of_record(record) if item.key.person == person and item.refused_digest]
        found = {key for key, _ in removed} | {item.key for item in refused}
        for key in found:
            store.items.refuse(key, "", "")
        if found:
            store.agenda.changed(person, 0.0, 0.0)
        return len(found)


def _removed(facts: PersonFacts, record: SourceKey) -> set[tuple[ItemKey, Published]]:
    """The record's items with the tombstones that cover them, on every iD; its own also where nothing wants them."""
    tombstones = [one for one in facts.published if one.standing is Standing.REMOVED]
    found = {(one.item, one) for one in tombstones if one.item.record == record}
    for orcid, section in {(one.orcid, one.section) for one in tombstones}:
        here = [one for one in facts.published if (one.orcid, one.section) == (orcid, section)]
        while covering := _covering(facts, section, here, record):  # under one there may be another
            found |= covering
            gone = {tombstone for _, tombstone in covering}
            here = [one for one in here if one not in gone]
    return found


def _covering(
    facts: PersonFacts, section: Section, published: Iterable[Published], record: SourceKey
) -> set[tuple[ItemKey, Published]]:
    """The record's wanted items of a section with the tombstone of the slot of each."""
    wanted = [item for item in facts.wanted if item.key.section is section]
    documents = [item for item in wanted if item.digest is not None]
    kept = frozenset(item.key for item in wanted if item.refusal)
    return {
        (key, one.published)
        for one in serve(documents, published, kept, Policy(), facts.contents).served
        if one.published is not None and one.published.standing is Standing.REMOVED
        for key in one.slot.keys
        if key.record == record
    }
