"""The verdict breaker: when many people get the same verdict, it may be about us and not about them. Pure.

A wrong address, or an ORCID whose token service is down, looks like broken permissions and removed items all at once
(ARCHITECTURE.md section 7).
"""

import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from mappers.wanted import ItemKey
from state.facts import PersonFacts, Standing
from state.permission_facts import GrantState, SuspensionKind
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from worker.calling import replies
from worker.planning import steps
from worker.recording.sent import Sent

FEWEST = 10
SHARE = 0.05

WORDS = {
    VerdictKind.TOMBSTONE: "items that they removed",
    VerdictKind.BROKEN_GRANT: "a permission that ORCID no longer accepts",
    VerdictKind.SMALL_SCOPE: "a permission that lacks a scope",
    VerdictKind.SUSPENDED: "a record that takes no writes",
    VerdictKind.NOT_OURS: "an item that belongs to another source",
    VerdictKind.REFUSED: "a document that ORCID refuses",
}
"""What a verdict says of somebody, in words."""


def is_suspicious(people: int, called: int) -> bool:
    """Whether so many people with the same verdict are too many of those who were called in the window."""
    return people > max(FEWEST, SHARE * called)


def may_say(step: steps.RecordStep, verdict: replies.Verdict) -> bool:
    """Whether a reply may carry one of these verdicts, so that it is worth comparing before with after."""
    match verdict:
        case _ if isinstance(step, steps.EnsureGroup):
            return False  # the group is our client's, not the person's
        case replies.Unpermitted() | replies.Suspended() | replies.NotOurs() | replies.Refused():
            return True
        case replies.Slots(verdicts=slots):
            return any(isinstance(slot, replies.Refused) for slot in slots)
        case _:
            return isinstance(step, steps.ListSection) and isinstance(verdict, replies.Found)


def verdicts_between(
    before: PersonFacts, after: PersonFacts, sent: Sent, verdict: replies.Verdict, now: float
) -> tuple[ProvisionalVerdict, ...]:
    """What is believed of a person since a reply was recorded, and was not before; on the granted iD alone."""
    orcid = sent.sender.orcid
    if before.grant is None or before.grant.orcid != orcid:
        return ()
    said = (
        *_about_grant(before, after, sent),
        *_about_record(before, after),
        *_about_items(before, after),
        *_about_documents(before, after, _refused(sent, verdict)),
    )
    return tuple(ProvisionalVerdict(after.person, orcid, kind, what, now) for kind, what in said)


def _about_grant(before: PersonFacts, after: PersonFacts, sent: Sent) -> Iterator[tuple[VerdictKind, str]]:
    old, new = before.grant, after.grant
    if old is None or old.state is not GrantState.ACTIVE:
        return
    if new is None or (new.orcid == old.orcid and new.state is GrantState.BROKEN):
        yield VerdictKind.BROKEN_GRANT, ""
    elif new.orcid == old.orcid and old.scopes - new.scopes:
        lost, section = sorted(old.scopes - new.scopes), steps.section_of(sent.step).value
        yield VerdictKind.SMALL_SCOPE, _text(section=section, scopes=lost)


def _about_record(before: PersonFacts, after: PersonFacts) -> Iterator[tuple[VerdictKind, str]]:
    """That it is suspended, and was not, or for another reason. A deprecated one names its successor: no mistake."""
    old, new = before.suspension, after.suspension
    if new is not None and new.kind is not SuspensionKind.DEPRECATED and (old is None or old.kind is not new.kind):
        yield VerdictKind.SUSPENDED, ""


def _about_items(before: PersonFacts, after: PersonFacts) -> Iterator[tuple[VerdictKind, str]]:
    stood = {(one.orcid, one.section, one.put_code): one.standing for one in before.published}
    kinds = {Standing.REMOVED: VerdictKind.TOMBSTONE, Standing.FOREIGN: VerdictKind.NOT_OURS}
    for one in after.published:
        was = stood.get((one.orcid, one.section, one.put_code))
        if one.standing in kinds and was in (Standing.LIVE, Standing.MISSING):
            yield kinds[one.standing], _text(section=one.section.value, put_code=one.put_code)


def _refused(sent: Sent, verdict: replies.Verdict) -> AbstractSet[ItemKey]:
    match verdict:
        case replies.Refused():
            return {intent.item for intent in sent.intents}
        case replies.Slots(verdicts=slots):
            pairs = zip(sent.intents, slots, strict=True)
            return {intent.item for intent, slot in pairs if isinstance(slot, replies.Refused)}
        case _:
            return set()


def _about_documents(
    before: PersonFacts, after: PersonFacts, refused: AbstractSet[ItemKey]
) -> Iterator[tuple[VerdictKind, str]]:
    known = {item.key: item.refused_digest for item in before.wanted}
    for item in after.wanted:
        if item.key in refused and item.refused_digest and item.refused_digest != known.get(item.key):
            record = item.key.record
            named = {"source": record.source, "entity": record.entity, "subject": record.subject}
            place = {"section": item.key.section.value, **named, "part": item.key.part}
            yield VerdictKind.REFUSED, _text(**place, digest=item.refused_digest)


def is_about(verdict: ProvisionalVerdict, sent: Sent, reply: replies.Verdict) -> bool:
    """Whether an answer to this call says something about the verdict. A 404 to a PUT does not: a list follows it."""
    if isinstance(reply, replies.Missing):
        return False
    what = json.loads(verdict.what) if verdict.what else {}
    section = steps.section_of(sent.step).value
    match verdict.kind:
        case VerdictKind.BROKEN_GRANT | VerdictKind.SUSPENDED:
            return not isinstance(sent.step, steps.EnsureGroup)
        case VerdictKind.SMALL_SCOPE:
            return section == what["section"] and bool(sent.intents)
        case VerdictKind.TOMBSTONE | VerdictKind.NOT_OURS:
            lists = isinstance(sent.step, steps.ListSection)
            return section == what["section"] and (lists or _has_put_code(sent, what["put_code"]))
        case VerdictKind.REFUSED:
            return any(_is_item(intent.item, what) for intent in sent.intents)


def _has_put_code(sent: Sent, put_code: int) -> bool:
    return any(intent.put_code == put_code for intent in sent.intents)


def _is_item(key: ItemKey, what: dict[str, str]) -> bool:
    record = key.record
    named = (key.section.value, record.source, record.entity, record.subject, key.part)
    return named == tuple(what[name] for name in ("section", "source", "entity", "subject", "part"))


def is_served(reply: replies.Verdict) -> bool:
    """Whether ORCID took a document, as a control has to show: a list may be wrong, and so may "nothing to delete"."""
    match reply:
        case replies.Created() | replies.Accepted():
            return True
        case replies.Slots(verdicts=slots):
            return any(isinstance(slot, replies.Created) for slot in slots)
        case _:
            return False


def _text(**what: object) -> str:
    return json.dumps(what, ensure_ascii=False, sort_keys=True)
