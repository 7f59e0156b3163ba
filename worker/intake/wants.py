"""Wants: turns the mapping of one source record into changes of wanted items."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mappers.documents import Document, digest, dump, self_ids
from mappers.wanted import ItemKey, SourceKey, WantedItem
from state.facts import ItemState, Wanted
from state.store import Store


def want(store: Store, record: SourceKey, items: Iterable[WantedItem], *, form_only: bool = False) -> frozenset[str]:
    """Replaces what a source record wants by `items`, in the caller's transaction; returns the people concerned.

    What is no longer among them is withdrawn. `form_only` is for a new mapping number (ARCHITECTURE.md 5): what
    differs then is noted, but stands as it is until the item's next event, so it concerns nobody; nor does it take
    anything away.
    """
    before = {one.key: one for one in store.items.of_record(record)}
    concerned: set[str] = set()
    said: dict[int, _Said] = {}
    for item in items:
        old = before.pop(item.key, None)
        # All people of a publication share its one document, which may be long: it is digested and written down once.
        one = _said(item.document, said)
        new = _renewed(item, one, old, form_only=form_only)
        if new is None:
            continue
        store.items.want(new, one.text)
        if not (form_only and new.same_as):
            concerned.add(item.key.person)
    for key, old in before.items():
        if not (old.withdrawn or form_only):
            store.items.want(_withdrawn(key, old), None)
            concerned.add(key.person)
    return frozenset(concerned)


@dataclass(frozen=True, slots=True)
class _Said:
    """A document in all the forms that are kept of it."""

    digest: str | None = None
    text: str | None = None
    self_ids: frozenset[str] = frozenset()


def _said(document: Document | None, known: dict[int, _Said]) -> _Said:
    if document is None:
        return _Said()
    if id(document) not in known:
        known[id(document)] = _Said(digest(document), dump(document), self_ids(document))
    return known[id(document)]


def _renewed(item: WantedItem, said: _Said, old: Wanted | None, *, form_only: bool) -> Wanted | None:
    """The item as it is wanted now; None when nothing changed."""
    refusal = str(item.refusal) if item.refusal else ""
    if form_only and (old is None or old.digest is None):
        return None  # what the new code maps for the first time comes with the record's next event
    if old is None:
        return Wanted(item.key, said.digest, said.self_ids, refusal=refusal)
    same_as = (old.same_as or old.digest or "") if form_only else ""
    if (old.digest, old.refusal) == (said.digest, refusal) and (form_only or not old.same_as):
        return None
    return replace(
        old,
        digest=said.digest,
        self_ids=said.self_ids,
        refusal=refusal,
        same_as=same_as,
        revision=old.revision + 1,
        state=ItemState.PENDING,
        reason="",
    )


def _withdrawn(key: ItemKey, old: Wanted) -> Wanted:
    return Wanted(key, None, frozenset(), revision=old.revision + 1, reason="withdrawn")
