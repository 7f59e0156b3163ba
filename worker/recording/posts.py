"""Posts: writes down what became of a POST, of one item or of works in bulk (ARCHITECTURE.md 7).

Every method runs inside the caller's transaction.
"""

from dataclasses import replace

from mappers.forms import Version
from mappers.sections import Section
from state.facts import GroupState, Intent, Origin, Outcome, Standing
from state.kept import kept_document
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.planning import steps
from worker.recording.groups import know_group
from worker.recording.parking import duplicate_code, known_double, parked_on
from worker.recording.poison import FAILS, WHY, note_failure, times
from worker.recording.sent import DAY, Sent, not_carried_out
from worker.recording.standing import left_out_of, put_there, reopen

PATIENCE = {9053: 5, 9026: 3, 9020: 3}
"""How often a refusal that may pass is believed to: ORCID cannot ask the ISSN portal, or misses a group-id record.

9020 is of a peer review only, and may have another cause there (API_FACTS.md 4.2): then it costs a few calls, once.
"""


class Posts:
    """Records verdicts of POSTs in the store."""

    def __init__(self, store: Store, settle_seconds: float) -> None:
        self._store = store
        self._settle = settle_seconds

    def record(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath:
        """Writes down what the verdict means, and says how the slice goes on."""
        match verdict:
            case replies.Created() | replies.Duplicate():
                return self._slot(sent, sent.intents[0], verdict, reply, now, known=self._knew(sent))
            case replies.Slots(verdicts=verdicts):
                known = self._knew(sent)
                return _together(
                    [
                        self._slot(sent, intent, one, reply, now, known=known)
                        for intent, one in zip(sent.intents, verdicts, strict=True)
                    ]
                )
            case replies.Refused() | replies.TooLarge() | replies.NotOurs() if len(sent.intents) > 1:
                return self._halve(sent, reply, now)
            case replies.Refused(code=9048):
                return self._full(sent.intents[0], reply, now)
            case replies.Refused() | replies.TooLarge() | replies.NotOurs():
                return self._refused(sent.intents[0], verdict, reply, now)
            case _:
                not_carried_out(self._store, sent, reply, now)
                return Halt(f"ORCID answered a POST with something unheard of: {reply.detail}")

    def _knew(self, sent: Sent) -> bool:
        """Whether this store had listed or filled the section itself before this reply, and knew all of ours there."""
        if all(intent.attempt == 1 for intent in sent.intents):
            return False  # then it does not matter, and a person's facts may be many
        knowledge = self._store.items.facts(sent.sender.person).sections.get(sent.intents[0].item.section)
        if knowledge is None or knowledge.strangers:
            return False
        return knowledge.listed_at is not None or knowledge.filled_at is not None

    def _slot(
        self, sent: Sent, intent: Intent, verdict: replies.SlotVerdict, reply: Outcome, now: float, *, known: bool
    ) -> Aftermath:
        match verdict:
            case replies.Created(put_code=put_code):
                told = replace(reply, verdict="created", put_code=put_code)
                self.stands(intent, put_code, with_left_out(told, sent, intent), now, sent.sender.form.version)
                return GoOn()
            case replies.Duplicate(put_code=put_code):
                return self._duplicate(sent, intent, put_code, reply, now, known=known)
            case replies.Refused(status=status, code=code, why=why):
                told = replace(reply, verdict="refused", status=status, error_code=code, detail=why)
                if code == FAILS:
                    return self.failed((intent,), replace(told, verdict="indoubt"), now)
                return self._refused(intent, verdict, told, now)

    def stands(self, intent: Intent, put_code: int, reply: Outcome, now: float, version: Version) -> None:
        """The intent's item stands under the put-code, with what the intent says as far as the version took it."""
        self._store.intents.close(intent, reply)
        put_there(self._store, intent, put_code, version)
        self._store.items.know_section(intent.orcid, intent.item.section, filled_at=now)
        if intent.item.section is Section.PEER_REVIEW and intent.document is not None:
            know_group(self._store, kept_document(intent.document))

    def _duplicate(
        self, sent: Sent, intent: Intent, put_code: int | None, reply: Outcome, now: float, *, known: bool
    ) -> Aftermath:
        """409/9021 or 9030: adopt, ask again alone, park or find out (ARCHITECTURE.md 7)."""
        section = intent.item.section
        told = replace(reply, verdict="duplicate", put_code=put_code)
        other = known_double(self._store, intent, put_code)
        if other is not None and (other.item == intent.item or other.standing is Standing.REMOVED):
            self._store.intents.close(intent, told)
            self._store.items.publish(replace(other, digest="", standing=Standing.LIVE))
            return Replan()
        if len(sent.intents) > 1 and (other is not None or intent.attempt == 1):
            return Follow((self._alone(sent, intent, told, now),))
        if other is not None:
            self._store.items.refuse(intent.item, intent.digest, parked_on(other.put_code, section))
            if intent.attempt > 1:  # it says nothing of an earlier attempt, from before the other took its identifier
                self._store.intents.wait(intent, now, told.detail)
                return Replan()
            self._store.intents.close(intent, told)
            return GoOn()
        if put_code is not None and intent.attempt > 1 and known:
            self.stands(intent, put_code, told, now, sent.sender.form.version)
            return GoOn()
        if intent.attempt == 1:
            self._store.intents.close(intent, told)
        else:  # ours, most likely: that is remembered until it is found out
            self._store.intents.wait(intent, now, told.detail)
        origin = Origin.CREATED if intent.attempt > 1 else Origin.ADOPTED
        expected = steps.Expected(intent.item, intent.digest, put_code, origin)
        return Follow((steps.ListSection(section, _has_already(intent), (expected,)),))

    def _alone(self, sent: Sent, intent: Intent, told: Outcome, now: float) -> steps.RecordStep:
        """A bulk counts more as duplicates than a single POST does: `version-of` as well (API_FACTS.md 1.4)."""
        match sent.step:
            case steps.AddWorks(adds=adds):
                self._store.intents.close(intent, replace(told, verdict="sent_alone"))
                return next(add for add in adds if add.item.key == intent.item)
            case _:
                self._store.intents.wait(intent, now, told.detail)
                return steps.Repeat((intent,))

    def failed(self, intents: tuple[Intent, ...], reply: Outcome, now: float) -> Aftermath:
        """500/9008: repeated after the settle time, a bulk in halves; a document is given up after five of them."""
        if not note_failure(self._store, intents, reply, now + self._settle):
            return Rest(None, f"ORCID failed on it, and nobody knows whether it was carried out: {reply.detail}")
        self._store.items.refuse(intents[0].item, intents[0].digest, WHY)
        return Replan()

    def _refused(self, intent: Intent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath:
        """ORCID does not take it. Whether an earlier attempt was carried out is still to be found out."""
        if intent.attempt == 1:
            self._store.intents.close(intent, reply)
        else:
            reopen(self._store, (intent,), reply, now)
        passing = passing_refusal(self._store, intent, verdict)
        if passing is not None:
            return passing
        self._store.items.refuse(intent.item, intent.digest, f"ORCID refused it: {reply.detail}")
        return GoOn() if intent.attempt == 1 else Replan()

    def _full(self, intent: Intent, reply: Outcome, now: float) -> Aftermath:
        """9048: nothing more is added there for a day; what may have been added before is found out by lists."""
        if intent.attempt == 1:
            self._store.intents.close(intent, reply)
        else:
            self._store.intents.wait(intent, now, reply.detail)
        self._store.items.know_section(intent.orcid, intent.item.section, full_until=now + DAY)
        return Replan()

    def _halve(self, sent: Sent, reply: Outcome, now: float) -> Aftermath:
        """One bad work fails a whole bulk, and so does one too many: halves are sent, down to the single one."""
        for intent in sent.intents:
            if intent.attempt == 1:
                self._store.intents.close(intent, replace(reply, verdict="split"))
            else:
                self._store.intents.wait(intent, now, reply.detail)
        match sent.step:
            case steps.AddWorks(adds=adds):
                half = len(adds) // 2
                return Follow(tuple(_adds(part) for part in (adds[:half], adds[half:])))
            case _:
                half = len(sent.intents) // 2
                return Follow((steps.Repeat(sent.intents[:half]), steps.Repeat(sent.intents[half:])))


def with_left_out(reply: Outcome, sent: Sent, intent: Intent) -> Outcome:
    """The outcome of a document that was accepted, with a note of what API v2.1 left out of it."""
    names = left_out_of(intent, sent.sender.form.version)
    return replace(reply, detail=f"API v2.1 leaves out: {names}") if names else reply


def passing_refusal(store: Store, intent: Intent, verdict: replies.Verdict) -> Aftermath | None:
    """What to do about a refusal that may pass, unless it came too often in a row; None for any other.

    The intent is closed by then.
    """
    code = verdict.code if isinstance(verdict, replies.Refused) else None
    if code not in PATIENCE or times(store, intent, code) >= PATIENCE[code]:
        return None
    if code == 9053:
        return Rest(None, "ORCID could not check an ISSN (9053)")
    wanted = {item.key: item for item in store.items.facts(intent.person).wanted}
    group = wanted[intent.item].group if intent.item in wanted else ""
    if not group:
        return None
    store.groups.settle(group, GroupState.WANTED)
    return Replan()


def _has_already(intent: Intent) -> str:
    return f"ORCID has it already ({duplicate_code(intent.item.section)})"


def _adds(adds: tuple[steps.Add, ...]) -> steps.RecordStep:
    return steps.AddWorks(adds) if len(adds) > 1 else adds[0]


def _together(parts: list[Aftermath]) -> Aftermath:
    """One aftermath of a bulk: what is sent again alone first, then one list for all that has to be found out."""
    calls = [call for part in parts if isinstance(part, Follow) for call in part.calls]
    lists = [call for call in calls if isinstance(call, steps.ListSection)]
    alone = tuple(call for call in calls if not isinstance(call, steps.ListSection))
    expected = tuple(one for listed in lists for one in listed.expected)
    if expected:
        return Follow((*alone, replace(lists[0], expected=expected)))
    if alone:
        return Follow(alone)
    rests = [part for part in parts if isinstance(part, Rest)]
    if rests:
        return rests[0]
    return Replan() if any(isinstance(part, Replan) for part in parts) else GoOn()
