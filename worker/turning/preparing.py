"""Preparing: what a step carries, checked just before it is sent, and the durable note that it is about to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mappers.documents import Document, dump
from mappers.wanted import ItemKey
from state.facts import GroupState, Intent, Outcome
from state.kept import kept_document
from state.permission_facts import Grant
from state.store import Store
from worker.calling.calls import Request, Sender, intents_for, request_for, said_by
from worker.planning import steps
from worker.ports import ClientScope, HttpCall
from worker.recording.sent import DAY


@dataclass(frozen=True, slots=True)
class Ready:
    """A step that may be sent: what it carries, its request, and the call with the token that it is made with."""

    carrying: "Carried"
    request: Request
    call: HttpCall


def prepared(store: Store, step: steps.RecordStep, grant: Grant | None, sender: Sender) -> Ready | None:
    """What is to be sent; None when it is not to be sent as it was planned any more."""
    carrying = carried(store, step)
    if carrying is None or not (is_known_still(store, step) and may_be_asked(store, step)):
        return None
    request = written(store, step, carrying, sender)
    if request is None:
        return None
    own = None if grant is None else grant.access_token
    token = own if request.scope is None else ClientScope(request.scope)
    if token is None:
        return None
    call = HttpCall(request.verb, request.path, token, request.body, request.media_type, sender.call_seconds)
    return Ready(carrying, request, call)


@dataclass(frozen=True, slots=True)
class Carried:
    """The documents that a step carries, by item: as they are written, and as the store keeps them."""

    documents: Mapping[ItemKey, Document]
    texts: Mapping[ItemKey, str]


def carried(store: Store, step: steps.RecordStep) -> Carried | None:
    """What a step carries; None when one of its items is not wanted as it was planned any more."""
    written: Sequence[steps.Add | steps.Update | steps.MoveAside] = ()
    match step:
        case steps.Repeat(intents=intents):
            return _loaded({one.item: one.document for one in intents if one.document is not None})
        case steps.Add() | steps.Update() | steps.MoveAside():
            written = (step,)
        case steps.AddWorks(adds=adds):
            written = adds
        case steps.Remove() | steps.ListSection() | steps.ReadItems() | steps.EnsureGroup():
            pass
    found = store.items.documents([one.item.key for one in written])
    if any(found.get(one.item.key, (0, ""))[0] != one.item.revision for one in written):
        return None
    whole = {one.item.key: one.composed for one in written if one.composed is not None}
    own = _loaded({key: text for key, (_, text) in found.items() if key not in whole})
    return Carried(
        {**own.documents, **whole}, {**own.texts, **{key: dump(document) for key, document in whole.items()}}
    )


def _loaded(texts: Mapping[ItemKey, str]) -> Carried:
    return Carried({key: kept_document(text) for key, text in texts.items()}, texts)


def is_known_still(store: Store, step: steps.RecordStep) -> bool:
    """Whether what a step writes over or removes is on the record still: a late reply may have told that it is gone."""
    match step:
        case steps.Remove(published=one) | steps.Update(published=one) | steps.MoveAside(published=one):
            return store.items.published_as(one.orcid, one.section, one.put_code) is not None
        case _:
            return True


def may_be_asked(store: Store, step: steps.RecordStep) -> bool:
    """Whether a group-id record is still to be found, and nobody else is at it: true for all other steps."""
    if not isinstance(step, steps.EnsureGroup):
        return True
    group = store.groups.group(step.group.key)
    if group is None or group.state is GroupState.KNOWN:
        return False
    return group.state is not GroupState.ASKED or group.ripe_at <= store.now()


def written(store: Store, step: steps.RecordStep, carrying: Carried, sender: Sender) -> Request | None:
    """The request of a step; None when the form that is sent cannot carry it: rules, or the planner, let it through.

    Its items are refused until they change; a POST in doubt is looked at again in a day, perhaps in another form.
    """
    try:
        return request_for(step, carrying.documents, sender)
    except ValueError as error:
        why = f"it cannot be written: {error}"
    match step:
        case steps.Add() | steps.Update() | steps.MoveAside():
            store.items.refuse(step.item.key, said_by(step), why)
        case steps.AddWorks(adds=adds):
            for add in adds:  # the others are not at fault
                written(store, add, carrying, sender)
        case steps.Repeat(intents=intents):
            for one in intents:
                store.intents.wait(one, store.now() + DAY, why)
        case steps.EnsureGroup(group=group):
            store.groups.settle(group.key, GroupState.REFUSED, why)
        case steps.Remove() | steps.ListSection() | steps.ReadItems():
            pass  # they carry nothing
    return None


def open_intents(store: Store, step: steps.RecordStep, carrying: Carried, sender: Sender) -> tuple[Intent, ...]:
    """Notes durably what is about to be sent. It takes the place of what was left in doubt about the same item."""
    at = store.now()
    if isinstance(step, steps.EnsureGroup):
        store.groups.ask(step.group.key, at + 2 * sender.call_seconds)
    drafts = intents_for(step, carrying.documents, carrying.texts, sender, at)
    doubted = step.intents if isinstance(step, steps.Repeat) else _doubted(store, drafts)
    for intent in doubted:
        store.intents.close(intent, Outcome("repeated", at, detail="sent again"))
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
