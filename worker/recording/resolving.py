"""Resolving: what lists tell of POSTs that got no clear answer, inside the caller's transaction."""

from collections.abc import Sequence

from mappers.sections import Section
from mappers.wire.reading import ListedItem
from state.facts import Intent, Method, Outcome, PersonFacts
from state.kept import kept_document
from state.store import Store
from worker.calling.calls import Sender
from worker.planning.doubts import Lists
from worker.planning.exclusions import excluded
from worker.planning.former import is_left, listed_before
from worker.planning.policy import Policy
from worker.recording.matching import shows
from worker.recording.standing import put_there

Seen = tuple[Section, Sender, Sequence[ListedItem]]
"""A section, who listed it, and what of ours it shows."""


def resolve_doubts(store: Store, policy: Policy, facts: PersonFacts, seen: Seen, now: float) -> None:
    """Ends the doubt of POSTs that are not repeated: found, or not found by two lists in a row.

    Those are of items withdrawn or excluded since, those that ORCID would not know as duplicates or takes no more,
    and all on a record that is left.
    """
    section, sender, _ = seen
    listed_at, left = listed_before(facts, sender.orcid, section), is_left(facts, sender.orcid)
    settled = listed_at is not None and now >= listed_at + policy.settle_seconds
    unknown = unknown_of(facts, seen)
    outside, _ = excluded(facts, policy, now)
    lists = Lists.of(facts, sender.form.version, now)
    for intent in facts.intents:
        if intent.method is not Method.POST or intent.item.section is not section or intent.orcid != sender.orcid:
            continue
        unnamed = lists.tell_alone(intent)
        asked = lists.tell(intent) or left or intent.item in outside or store.items.document(intent.item) is None
        if not asked or intent.ripe_at > now:
            continue
        match_ = next(
            (entry for entry in (*unknown, *_own(facts, seen, intent)) if entry.self_ids & intent.self_ids), None
        )
        if match_ is None and unnamed and intent.document is not None:
            said, version = kept_document(intent.document), sender.form.version
            match_ = next((entry for entry in unknown if shows(entry, said, intent.own_id, version)), None)
        if match_ is not None:
            unknown = [entry for entry in unknown if entry.put_code != match_.put_code]
            _found(store, intent, match_.put_code, sender, now)
        elif settled and listed_at is not None and listed_at >= intent.ripe_at:
            store.intents.close(intent, Outcome("not_found", now, detail="two lists do not show it"))


def unknown_of(facts: PersonFacts, seen: Seen) -> list[ListedItem]:
    """What of ours on the record we did not know."""
    section, sender, ours = seen
    known = {one.put_code for one in facts.published if one.section is section and one.orcid == sender.orcid}
    return [entry for entry in ours if entry.put_code not in known]


def _own(facts: PersonFacts, seen: Seen, intent: Intent) -> list[ListedItem]:
    """What of it we know already that is of the very item: another reply told."""
    section, sender, ours = seen
    mine = {
        one.put_code
        for one in facts.published
        if (one.section, one.orcid, one.item) == (section, sender.orcid, intent.item)
    }
    return [entry for entry in ours if entry.put_code in mine]


def _found(store: Store, intent: Intent, put_code: int, sender: Sender, now: float) -> None:
    store.intents.close(intent, Outcome("found", now, put_code=put_code, detail="a list shows it"))
    store.items.refuse(intent.item, "", "")
    if store.items.published_as(intent.orcid, intent.item.section, put_code) is None:
        put_there(store, intent, put_code, sender.form.version)
