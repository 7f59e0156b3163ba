"""Resending: an operator has sent once again what the researcher removed, or ORCID refused."""

from mappers.wanted import SourceKey
from state.store import Store


def resend(store: Store, person: str, record: SourceKey) -> int:
    """Forgets that the researcher removed the person's items of a source record, or ORCID refused them.

    Returns how many items. What is still wanted of them is due at once; what was removed is created as if it never
    stood.
    """
    with store.transaction():
        person = store.people.canonical(person)
        removed = [one for one in store.items.tombstones(person) if one.item.record == record]
        for one in removed:
            store.items.unpublish(one.orcid, one.section, one.put_code)
        refused = [item for item in store.items.of_record(record) if item.key.person == person and item.refused_digest]
        found = {one.item for one in removed} | {item.key for item in refused}
        for key in found:
            store.items.refuse(key, "", "")
        if found:
            store.agenda.changed(person, 0.0, 0.0)
        return len(found)
