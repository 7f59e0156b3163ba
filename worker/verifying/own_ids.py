"""Our own ids on records (policy.py: `own_id`), and the source records behind them, which they tell nothing about."""

from collections.abc import Collection, Iterator, Mapping

from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from mappers.wire.reading import ListedItem
from state.facts import PersonFacts
from state.store import Store
from worker.planning.policy import Policy
from worker.verifying.overviews import Overview

TURNS = 3
"""Of a source record, so many of our own ids are looked for."""


def strangers(facts: PersonFacts, read: Overview, client_id: str) -> Iterator[tuple[Section, ListedItem]]:
    """The items of our client on the person's record that we know nothing of."""
    orcid = None if facts.grant is None else facts.grant.orcid
    known = {(one.section, one.put_code) for one in facts.published if one.orcid == orcid}
    for section, entries in read.lists.items():
        for entry in entries:
            if entry.client_id == client_id and (section, entry.put_code) not in known:
                yield section, entry


def unexplained(facts: PersonFacts, read: Overview, client_id: str, policy: Policy) -> frozenset[str]:
    """Our own ids, as lists show them, on what we know nothing of and that are of nothing that the person wants."""
    shown = {
        (section, one)
        for section, entry in strangers(facts, read, client_id)
        for one in entry.self_ids
        if one.startswith(f"{OWN_TYPE}:")
    }
    if shown:
        wanted = {(one.key.section, one.key.record) for one in facts.wanted if not one.withdrawn}
        shown -= {(section, own_id) for section, record in wanted for own_id in _of(record, policy)}
    return frozenset(own_id for _, own_id in shown)


def records_behind(store: Store, policy: Policy, own_ids: Collection[str]) -> Mapping[str, SourceKey]:
    """Whose ids these are, as far as it is a source record that was ever told of, removed ones too.

    An id does not lead back to its record, so all records' keys are looked through, which takes seconds for a million:
    without these nothing is looked at, and it is no work for somebody who holds a lease.
    """
    if not own_ids:
        return {}
    return {one: record for record in store.records.all_keys() for one in _of(record, policy) if one in own_ids}


def _of(record: SourceKey, policy: Policy) -> Iterator[str]:
    item = ItemKey("", Section.WORK, record)
    return (f"{OWN_TYPE}:{policy.own_id(item, turn)}" for turn in range(TURNS))
