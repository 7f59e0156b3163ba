"""Composing: one document from what several source records say of one item, field by field (ARCHITECTURE.md 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappers.documents import Document, PeerReview, digest, self_ids
from mappers.groups import GroupIdRecord
from mappers.wanted import ItemKey
from mappers.wire.v2_1 import narrowed
from state.facts import Published, Wanted
from worker.planning.policy import Policy
from worker.planning.slots import Slot


def composes(slot: Slot, policy: Policy) -> bool:
    """Whether fields of the slot's document may come from several of its items, so that their contents are needed."""
    return bool(slot.merged) and any(item.key.record.source in policy.wins for item in (slot.winner, *slot.merged))


def composed(slot: Slot, policy: Policy, contents: Mapping[str, Document]) -> Slot:
    """The slot with the document that all its items say together: the winner's, but for the fields that others win.

    A source wins a field only where it says something there; of several, the one with the greater precedence. The
    slot's winner gets the digest and the identities of the whole. Where nothing is taken, the slot stays as it is.
    """
    if not composes(slot, policy):
        return slot
    own = contents.get(slot.winner.digest or "")
    if own is None:
        return slot
    taken = _taken(slot, policy, contents)
    values = {name: value for name, (key, value) in taken.items() if key != slot.winner.key}
    document = own.model_copy(update=values)
    whole = digest(document)
    if whole == slot.winner.digest:
        return slot
    narrow = narrowed(document)
    winner = replace(
        slot.winner,
        digest=whole,
        self_ids=self_ids(document),
        v2_1_lacks=narrow.lacks,
        v2_1_drops=", ".join(narrow.dropped),
        group=GroupIdRecord(document.review_group_id).key if isinstance(document, PeerReview) else "",
    )
    said_by = {name: taken[name][0] for name in values}
    return replace(slot, winner=winner, composed=document, said_by=said_by)


def _taken(slot: Slot, policy: Policy, contents: Mapping[str, Document]) -> dict[str, tuple[ItemKey, object]]:
    """By field, who of those that win it says it, and what. The items of a slot come in the order of precedence."""
    taken: dict[str, tuple[ItemKey, object]] = {}
    for item in (slot.winner, *slot.merged):
        document = contents.get(item.digest or "")
        if document is None:
            continue
        fields = type(document).model_fields.keys() - {"section"}
        for name in policy.wins.get(item.key.record.source, ()):
            value = getattr(document, name) if name in fields else None
            if value not in (None, "", ()) and name not in taken:
                taken[name] = (item.key, value)
    return taken


def stands_as_wanted(item: Wanted, published: Published) -> bool:
    """Whether what stands says what an item wants, or said so before a mere change of form."""
    return published.digest in {item.digest, item.same_as or item.digest}


def differs_in_form_only(slot: Slot, published: Published, contents: Mapping[str, Document]) -> bool:
    """Whether what stands differs from a composed document only in fields of items that changed in form alone.

    Such items name an earlier digest as good as theirs (`same_as`), which says nothing of the document composed then.
    """
    stands = contents.get(published.digest)
    if slot.composed is None or stands is None or type(stands) is not type(slot.composed):
        return False
    form_only = {item.key for item in _items(slot) if item.same_as}
    names = [name for name in type(slot.composed).model_fields if slot.said_by.get(name, slot.winner.key) in form_only]
    overlaid = stands.model_copy(update={name: getattr(slot.composed, name) for name in names})
    return digest(overlaid) == slot.winner.digest


def _items(slot: Slot) -> Iterable[Wanted]:
    return (slot.winner, *slot.merged)
