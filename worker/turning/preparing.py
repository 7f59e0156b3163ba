"""Preparing: what a step carries, checked just before it is sent, and the durable note that it is about to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mappers.documents import Document, load
from mappers.wanted import ItemKey
from state.facts import Intent, Outcome, Wanted
from state.store import Store
from worker.calling.calls import Sender, intents_for
from worker.planning import steps


@dataclass(frozen=True, slots=True)
class Carried:
    """The documents that a step carries, by item: as they are written, and as the store keeps them."""

    documents: Mapping[ItemKey, Document]
    texts: Mapping[ItemKey, str]


def carried(store: Store, step: steps.CallStep) -> Carried | None:
    """What a step carries; None when one of its items is not wanted as it was planned any more."""
    items: list[Wanted] = []
    match step:
        case steps.Repeat(intents=intents):
            return _loaded({one.item: one.document for one in intents if one.document is not None})
        case steps.Add(item=item) | steps.Update(item=item):
            items = [item]
        case steps.AddWorks(adds=adds):
            items = [add.item for add in adds]
        case steps.Remove() | steps.ListSection() | steps.ReadItems():
            pass
    found = store.items.documents([item.key for item in items])
    if any(found.get(item.key, (0, ""))[0] != item.revision for item in items):
        return None
    return _loaded({key: text for key, (_, text) in found.items()})


def _loaded(texts: Mapping[ItemKey, str]) -> Carried:
    return Carried({key: load(text) for key, text in texts.items()}, texts)


def open_intents(store: Store, step: steps.CallStep, carrying: Carried, sender: Sender) -> tuple[Intent, ...]:
    """Notes durably what is about to be sent. It takes the place of what was left in doubt about the same item."""
    at = store.now()
    drafts = intents_for(step, carrying.documents, carrying.texts, sender, at)
    doubted = step.intents if isinstance(step, steps.Repeat) else _doubted(store, drafts)
    for intent in doubted:
        store.intents.close(intent.id, Outcome("repeated", at, detail="sent again"))
    if doubted and not isinstance(step, steps.Repeat):
        attempt = max(intent.attempt for intent in doubted) + 1
        drafts = [replace(draft, attempt=attempt) for draft in drafts]
    return tuple(store.intents.open(drafts)) if drafts else ()


def _doubted(store: Store, drafts: Sequence[Intent]) -> list[Intent]:
    """Open PUTs and DELETEs of the put-code that is about to be written: their doubt goes on in the new intent."""
    targets = {(one.orcid, one.item.section, one.put_code) for one in drafts if one.put_code is not None}
    if not targets:
        return []
    open_ = store.intents.open_of(drafts[0].person)
    return [one for one in open_ if (one.orcid, one.item.section, one.put_code) in targets]
