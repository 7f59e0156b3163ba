"""Wants: turns the mapping of one source record into changes of wanted items."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import structlog

from mappers.documents import Document, digest, dump, self_ids
from mappers.groups import GroupIdRecord
from mappers.wanted import ItemKey, SourceKey, WantedItem
from mappers.wire.v2_1 import narrowed
from state.facts import GroupState, ItemState, Wanted
from state.store import Store
from worker.planning.guarding import empties

log = structlog.get_logger()

UNCOUNTED = "the mapping changed: what that changes is counted before any of it is sent"
"""The reason of a hold until all records are mapped again."""


def want(
    store: Store, record: SourceKey, items: Iterable[WantedItem], *, form_only: bool = False, hold: str = ""
) -> frozenset[str]:
    """Replaces what a source record wants by `items`, in the caller's transaction; returns the people concerned.

    What is no longer among them is withdrawn. `form_only` is for a new mapping number (ARCHITECTURE.md 5): what
    differs then is noted, but stands as it is until the item's next event, so it concerns nobody; nor does it take
    anything away. Whoever waits for a group-id record that was refused is concerned when it is named again.
    Without an event behind it, what changes comes under `hold`; an event frees what it speaks of.
    """
    before = {one.key: one for one in store.items.of_record(record)}
    concerned: set[str] = set()
    said: dict[int, _Said] = {}
    for item in _of_canonical_people(store, items):
        old = before.pop(item.key, None)
        # All people of a publication share its one document, which may be long: it is digested and written down once.
        one = _said(item.document, said)
        new = _renewed(item, one, old, form_only=form_only, hold=hold)
        if new is not None:
            _ask_what_goes(store, new, old, one.text)
            store.items.want(new, one.text)
            if new.refusal and (old is None or old.refusal != new.refusal):
                _tell_refusal(new)
            if old is None or (new.revision != old.revision and not (form_only and new.same_as)):
                concerned.add(item.key.person)
        if item.group is not None:
            concerned |= _want_group(store, item.group, form_only=form_only)
    for key, old in before.items():
        if not (old.withdrawn or form_only):
            store.items.want(_withdrawn(key, old), None)
            store.removals.ask(key.person)
            concerned.add(key.person)
    return frozenset(concerned | _asked_again(store, record, spoken=not (form_only or hold)))


def _ask_what_goes(store: Store, new: Wanted, old: Wanted | None, text: str | None) -> None:
    """Has the person looked at before anything is sent, when a document says less than before."""
    if old is None or old.digest in (None, new.digest) or text is None or new.same_as:
        return
    before = store.items.document(new.key)
    if before is not None and empties(json.loads(before[1]), json.loads(text)):
        store.removals.ask(new.key.person)


def _asked_again(store: Store, record: SourceKey, *, spoken: bool) -> frozenset[str]:
    """A source that speaks of a record again is heard again, whatever an operator rejected of it before."""
    persons = frozenset(store.removals.speak(record) if spoken else ())
    for person in persons:
        store.removals.ask(person)
    return persons


def _of_canonical_people(store: Store, items: Iterable[WantedItem]) -> Iterable[WantedItem]:
    """The items under whom their people were merged into; of two that become one, the first that is not refused."""
    people: dict[str, str] = {}
    found: dict[ItemKey, WantedItem] = {}
    for item in items:
        person = item.key.person
        if person not in people:
            people[person] = store.people.canonical(person)
        key = item.key if people[person] == person else replace(item.key, person=people[person])
        if key not in found or (found[key].refusal and not item.refusal):
            found[key] = item if key is item.key else replace(item, key=key)
    return found.values()


def _tell_refusal(item: Wanted) -> None:
    """One line that names section, source record, field, value and rule."""
    record = item.key.record
    log.warning(
        "item_refused",
        section=item.key.section.value,
        source=record.source,
        entity=record.entity,
        subject=record.subject,
        person=item.key.person,
        why=item.refusal,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """A document in all the forms that are kept of it."""

    digest: str | None = None
    text: str | None = None
    self_ids: frozenset[str] = frozenset()
    v2_1_lacks: str = ""
    v2_1_drops: str = ""


def _said(document: Document | None, known: dict[int, _Said]) -> _Said:
    if document is None:
        return _Said()
    if id(document) not in known:
        narrow = narrowed(document)
        drops = ", ".join(narrow.dropped)
        known[id(document)] = _Said(digest(document), dump(document), self_ids(document), narrow.lacks, drops)
    return known[id(document)]


def _renewed(item: WantedItem, said: _Said, old: Wanted | None, *, form_only: bool, hold: str) -> Wanted | None:
    """The item as it is wanted now; None when nothing changed. With the revision it had, it says nothing new."""
    refusal = str(item.refusal) if item.refusal else ""
    if form_only and (old is None or old.digest is None):
        return None  # what the new code maps for the first time comes with the record's next event
    if old is None:
        return Wanted(
            item.key,
            said.digest,
            said.self_ids,
            refusal=refusal,
            v2_1_lacks=said.v2_1_lacks,
            v2_1_drops=said.v2_1_drops,
            group=_group(item),
        )
    freed = old.hold != "" and not (form_only or hold)
    if (old.digest, old.refusal) == (said.digest, refusal) and (form_only or not old.same_as) and not freed:
        beside = replace(old, v2_1_lacks=said.v2_1_lacks, v2_1_drops=said.v2_1_drops, group=_group(item))
        return None if beside == old else beside
    same_as = (old.same_as or old.digest or "") if form_only else ""
    return replace(
        old,
        digest=said.digest,
        self_ids=said.self_ids,
        v2_1_lacks=said.v2_1_lacks,
        v2_1_drops=said.v2_1_drops,
        group=_group(item),
        refusal=refusal,
        same_as=same_as,
        hold=old.hold if form_only else hold,
        hold_reason=old.hold_reason if form_only else UNCOUNTED if hold else "",
        revision=old.revision + 1,
        state=ItemState.PENDING,
        reason="",
    )


def _group(item: WantedItem) -> str:
    return item.group.key if item.group is not None and item.document is not None else ""


def _want_group(store: Store, group: GroupIdRecord, *, form_only: bool) -> frozenset[str]:
    """Keeps what is said of a group; returns the people whose items may go out now, if it was refused before."""
    known = store.groups.group(group.key)
    if form_only and known is not None:
        return frozenset()
    store.groups.want(group)
    refused = known is not None and known.state is GroupState.REFUSED
    return frozenset(store.groups.needed_by(group.key)) if refused else frozenset()


def _withdrawn(key: ItemKey, old: Wanted) -> Wanted:
    return Wanted(key, None, frozenset(), revision=old.revision + 1, reason="withdrawn")
