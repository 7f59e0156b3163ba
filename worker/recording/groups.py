"""Groups: writes down what became of the call that finds or creates a group-id record (API_FACTS.md 1.2, 4.2).

The record belongs to our client: what its call tells says nothing about the person whose slice it was made in.
"""

from collections.abc import Mapping
from typing import Any

from mappers.documents import Document, PeerReview
from mappers.groups import GroupIdRecord
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import read_group
from state.facts import GroupState, Outcome
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Halt, Replan, Rest
from worker.calling.calls import GROUP_SCOPE
from worker.planning import steps
from worker.recording.sent import Sent

NO_SCOPE = f"our client may not use group-id records: ask ORCID's member support to give it the scope {GROUP_SCOPE}"


NO_SCOPE_SECONDS = 86_400.0
"""How long before our client tries again: ORCID tells nobody when it gives a scope."""


def record_group(
    store: Store, step: steps.EnsureGroup, sent: Sent, verdict: replies.Verdict, reply: Outcome, *, slow_until: float
) -> Aftermath:
    """Settles the group, and puts everybody on the agenda whose peer reviews waited for it."""
    group = step.group
    match verdict:
        case replies.Created() | replies.Duplicate():
            return _settle(store, sent, group, GroupState.KNOWN)
        case replies.Found(body=body) if _is_record(body):
            return _settle(store, sent, group, GroupState.KNOWN)
        case replies.Found() | replies.Refused(code=9026) | replies.Suspended():
            return _settle(store, sent, group, GroupState.REFUSED, _unknown(group))
        case replies.Unpermitted(broken=False):
            return _settle(store, sent, group, GroupState.REFUSED, NO_SCOPE, ripe_at=store.now() + NO_SCOPE_SECONDS)
        case replies.Throttled(after=after):
            store.groups.settle(group.key, GroupState.WANTED)
            store.turns.slow_down(slow_until)
            return Rest(None if after is None else slow_until, "ORCID asks to slow down")
        case replies.InDoubt(why=why, late=True):  # asked for until it is ripe: a late creation would answer 9025
            return Rest(None, f"nobody knows whether it was carried out: {why}")
        case replies.Unsent(why=why) | replies.InDoubt(why=why) | replies.Unpermitted(why=why):
            store.groups.settle(group.key, GroupState.WANTED, why)
            return Rest(None, f"its group-id record was not found yet: {why}")
        case replies.Stop(why=why):
            store.groups.settle(group.key, GroupState.WANTED, why)
            return Halt(why)
        case _:
            reason = f"ORCID refused the group-id record {group.id}: {reply.detail}"
            return _settle(store, sent, group, GroupState.REFUSED, reason)


def know_group(store: Store, document: Document) -> None:
    """A peer review that was accepted says that its group is there: ORCID may just have made it (API_FACTS.md 4.2)."""
    if isinstance(document, PeerReview):
        store.groups.settle(GroupIdRecord(document.review_group_id).key, GroupState.KNOWN)


def _settle(
    store: Store, sent: Sent, group: GroupIdRecord, state: GroupState, reason: str = "", *, ripe_at: float = 0.0
) -> Aftermath:
    store.groups.settle(group.key, state, reason, ripe_at)
    for person in store.groups.needed_by(group.key):
        if person != sent.sender.person:
            store.agenda.changed(person, 0.0, 0.0)
    return Replan()


def _is_record(body: Mapping[str, Any]) -> bool:
    """Where there is no such record, ORCID answers 200 with an empty one."""
    try:
        return read_group(body) is not None
    except Unreadable:
        return False


def _unknown(group: GroupIdRecord) -> str:
    if group.is_complete:
        return f"ORCID has no group-id record {group.id}"
    return f"the group-id record {group.id} does not exist, and the event gives no name and type to create it"
