"""Missing: put-codes that we know and that a list does not show. Inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mappers.forms import Version
from mappers.wire.reading import ListedItem
from state.facts import PersonFacts, Published, Standing
from state.kept import kept_document
from state.store import Store
from worker.recording.matching import shows
from worker.recording.parking import unpark
from worker.recording.resolving import Seen, unknown_of


def confirm_missing(store: Store, facts: PersonFacts, seen: Seen, entries: Iterable[ListedItem]) -> list[int]:
    """A put-code that was not found, and that no list shows, was removed by the researcher. Returns the others.

    But one that stands under another put-code was removed by us, and added again, after the state was saved that was
    restored: it is forgotten, so that the other is adopted.
    """
    section, sender, _ = seen
    there = {entry.put_code for entry in entries}
    unknown, still_there = unknown_of(facts, seen), []
    for one in _here(facts, seen, Standing.MISSING):
        if one.put_code in there:  # then the 404 was not about the item: it is written again, after a rest
            store.items.publish(replace(one, standing=Standing.LIVE, digest=""))
            still_there.append(one.put_code)
            continue
        if _elsewhere(store, one, unknown, sender.form.version) is not None:
            store.items.unpublish(one.orcid, section, one.put_code)
        else:
            store.items.publish(replace(one, standing=Standing.REMOVED))
            store.items.know_section(one.orcid, section, full_until=0.0)
        unpark(store, one)
    return still_there


def suspect_moved(store: Store, facts: PersonFacts, seen: Seen, entries: Iterable[ListedItem]) -> None:
    """After a loss, what stands under another put-code than we know is missing there: the next list confirms it."""
    there = {entry.put_code for entry in entries}
    unknown = unknown_of(facts, seen)
    for one in _here(facts, seen, Standing.LIVE):
        if one.put_code not in there:
            found = _elsewhere(store, one, unknown, seen[1].form.version)
            if found is not None:
                unknown.remove(found)
                store.items.publish(replace(one, standing=Standing.MISSING))


def _here(facts: PersonFacts, seen: Seen, standing: Standing) -> list[Published]:
    section, sender, _ = seen
    mine = [one for one in facts.published if one.section is section and one.orcid == sender.orcid]
    return [one for one in mine if one.standing is standing]


def _elsewhere(store: Store, one: Published, unknown: Sequence[ListedItem], version: Version) -> ListedItem | None:
    """Which unknown item of ours it is: by an identity, or where lists tell all of an item, by what it says."""
    named = next((entry for entry in unknown if entry.self_ids & one.self_ids), None)
    if named is not None or not one.section.lists_whole_items:
        return named
    wanted = store.items.document(one.item)
    texts = (store.items.published_document(one.orcid, one.section, one.put_code), wanted[1] if wanted else None)
    said = [kept_document(text) for text in texts if text]
    return next((entry for entry in unknown for each in said if shows(entry, each, one.own_id, version)), None)
