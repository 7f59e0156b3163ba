"""Outcomes: writes down what a verdict means for intents, published items, grants and suspensions.

Every method runs inside the caller's transaction: one truth, one transaction.
"""

from dataclasses import dataclass, replace

from mappers.sections import Section
from state.facts import (
    GrantState,
    Intent,
    Method,
    Origin,
    Outcome,
    Published,
    Standing,
    Suspension,
)
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.calls import Sender
from worker.planning import steps
from worker.planning.plan import section_of

SETTLE_TO_FIRST_WAIT = 10.0
"""The settle time is so many times the first wait of a back-off (ORCID_SYNC_RETRY_BASE_SECONDS)."""

DAY = 86_400.0
"""Suspended records are looked at again daily, whatever the retry settings say (ARCHITECTURE.md 7)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A step whose call was made, with its intents and the lease it was made under."""

    step: steps.CallStep
    intents: tuple[Intent, ...]
    sender: Sender


def parked_on(put_code: int) -> str:
    """The reason of an item that ORCID counts as one with another of ours; it ends when that other one changes."""
    return f"409/9021: ORCID counts it as one with put-code {put_code}, which serves another item"


class Outcomes:
    """Records verdicts of writes in the store. Reads (lists, items) are recorded by `Discoveries`."""

    def __init__(self, store: Store, settle_seconds: float) -> None:
        self._store = store
        self._settle = settle_seconds

    def record(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath:
        """Writes down what the verdict means, and says how the slice goes on. `reply` is the reply in short."""
        if self._store.turns.epoch(sent.sender.orcid) != sent.sender.epoch:
            return self._late(sent, verdict, reply)
        hindered = self._hindered(sent, verdict, reply, now)
        if hindered is not None:
            return hindered
        match sent.step:
            case steps.Add() | steps.AddWorks() | steps.Repeat():
                return self._posted(sent, verdict, reply, now)
            case steps.Update():
                return self._put(sent, sent.step.published, verdict, reply)
            case steps.Remove():
                return self._deleted(sent, sent.step.published, verdict, reply)
            case steps.ListSection() | steps.ReadItems():
                return Rest(None, reply.detail)

    # What may come of any call.

    def _hindered(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath | None:
        match verdict:
            case replies.Throttled(after=after):
                self._not_carried_out(sent, reply, now)
                self._store.turns.slow_down(now + (self._settle / SETTLE_TO_FIRST_WAIT if after is None else after))
                return Rest(None if after is None else now + after, "ORCID asks to slow down")
            case replies.Unsent(why=why):
                self._not_carried_out(sent, reply, now)
                return Rest(None, f"ORCID cannot be reached: {why}")
            case replies.InDoubt(why=why, late=late):
                for intent in sent.intents:
                    self._store.intents.wait(intent.id, intent.ripe_at if late else now + self._settle, why)
                return Rest(None, f"nobody knows whether it was carried out: {why}")
            case replies.Suspended() if isinstance(sent.step, steps.ReadItems):
                return Rest(None, "an item that a list showed is not there")
            case replies.Suspended(kind=kind, detail=detail):
                self._not_carried_out(sent, reply, now)
                self._store.grants.suspend(Suspension(sent.sender.orcid, kind, detail, now + DAY))
                return Replan()
            case replies.Unpermitted(why=why, broken=broken):
                self._not_carried_out(sent, reply, now)
                self._break(sent, why) if broken else self._narrow(sent, why)
                return Replan()
            case replies.Stop(why=why):
                self._not_carried_out(sent, reply, now)
                return Halt(why)
            case _:
                return None

    def _not_carried_out(self, sent: Sent, reply: Outcome, now: float) -> None:
        """The call had no effect; but of a repeated one the earlier attempt stays in doubt."""
        for intent in sent.intents:
            if intent.attempt > 1:
                self._store.intents.wait(intent.id, now, reply.detail)
            else:
                self._store.intents.close(intent.id, reply)

    def _break(self, sent: Sent, why: str) -> None:
        """A broken grant serves removals still; one that does not serve even those is over (API_FACTS.md 7.5)."""
        removing = isinstance(sent.step, steps.Remove)
        state = GrantState.REVOKED if removing else GrantState.BROKEN
        self._store.grants.mark(sent.sender.person, sent.sender.orcid, state, why)

    def _narrow(self, sent: Sent, why: str) -> None:
        """The grant allows less than we thought: it loses the scopes of this section, and serves the others still."""
        grant = self._store.grants.current(sent.sender.person)
        if grant is not None and grant.orcid == sent.sender.orcid:
            section = section_of(sent.step)
            scopes = grant.scopes - section.add_scopes - section.change_scopes
            self._store.grants.put(replace(grant, scopes=scopes, reason=f"{section}: {why}"))

    # POST, alone or in bulk.

    def _posted(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath:
        match verdict:
            case replies.Created() | replies.Duplicate():
                return self._slot(sent.intents[0], verdict, reply, now, known=self._knew(sent))
            case replies.Slots(verdicts=verdicts):
                known = self._knew(sent)
                parts = [
                    self._slot(intent, one, reply, now, known=known)
                    for intent, one in zip(sent.intents, verdicts, strict=True)
                ]
                return _together(parts)
            case replies.Refused(code=9048):
                for intent in sent.intents:
                    self._refuse(intent, reply)
                return GoOn()
            case replies.Refused() | replies.TooLarge() if len(sent.intents) > 1:
                return self._halve(sent, reply)
            case replies.Refused() | replies.TooLarge() | replies.NotOurs():
                self._refuse(sent.intents[0], reply)
                return GoOn()
            case _:
                self._not_carried_out(sent, reply, now)
                return Halt(f"ORCID answered a POST with something unheard of: {reply.detail}")

    def _knew(self, sent: Sent) -> bool:
        """Whether this store had listed or filled the section itself before this reply."""
        if all(intent.attempt == 1 for intent in sent.intents):
            return False  # then it does not matter, and a person's facts may be many
        knowledge = self._store.items.facts(sent.sender.person).sections.get(sent.intents[0].item.section)
        return knowledge is not None and (knowledge.listed_at is not None or knowledge.filled_at is not None)

    def _slot(
        self, intent: Intent, verdict: replies.SlotVerdict, reply: Outcome, now: float, *, known: bool
    ) -> Aftermath:
        match verdict:
            case replies.Created(put_code=put_code):
                self._stands(intent, put_code, replace(reply, verdict="created", put_code=put_code), now)
                return GoOn()
            case replies.Duplicate(put_code=put_code):
                return self._duplicate(intent, put_code, reply, now, known=known)
            case replies.Refused(status=status, code=code, why=why):
                told = replace(reply, verdict="refused", status=status, error_code=code, detail=why)
                self._refuse(intent, told)
                return GoOn()

    def _stands(self, intent: Intent, put_code: int, reply: Outcome, now: float) -> None:
        self._store.intents.close(intent.id, reply)
        self._store.items.publish(
            Published(
                person=intent.person,
                orcid=intent.orcid,
                section=intent.item.section,
                put_code=put_code,
                item=intent.item,
                digest=intent.digest,
                own_id=intent.own_id,
                self_ids=intent.self_ids,
            ),
            intent.document,
        )
        self._store.items.know_section(intent.orcid, intent.item.section, filled_at=now)

    def _duplicate(self, intent: Intent, put_code: int | None, reply: Outcome, now: float, *, known: bool) -> Aftermath:
        """409/9021: adopt, park or find out (ARCHITECTURE.md 7)."""
        section = intent.item.section
        told = replace(reply, verdict="duplicate", put_code=put_code)
        other = self._store.items.published_as(intent.orcid, section, put_code) if put_code is not None else None
        if other is not None and other.item == intent.item:
            self._store.intents.close(intent.id, told)
            self._store.items.publish(replace(other, digest="", standing=Standing.LIVE))
            return Replan()
        if other is not None:
            self._store.intents.close(intent.id, told)
            self._store.items.refuse(intent.item, intent.digest, parked_on(other.put_code))
            return GoOn()
        if put_code is not None and intent.attempt > 1 and known:
            self._stands(intent, put_code, told, now)
            return GoOn()
        if intent.attempt == 1:
            self._store.intents.close(intent.id, told)
        else:  # ours, most likely: that is remembered until it is found out
            self._store.intents.wait(intent.id, now, told.detail)
        origin = Origin.CREATED if intent.attempt > 1 else Origin.ADOPTED
        expected = steps.Expected(intent.item, intent.digest, put_code, origin)
        return Follow((steps.ListSection(section, "ORCID has it already (9021)", (expected,)),))

    def _refuse(self, intent: Intent, reply: Outcome) -> None:
        self._store.intents.close(intent.id, reply)
        self._store.items.refuse(intent.item, intent.digest, f"ORCID refused it: {reply.detail}")

    def _halve(self, sent: Sent, reply: Outcome) -> Aftermath:
        """One bad work fails a whole bulk: halves are sent, down to the single one."""
        for intent in sent.intents:
            if intent.attempt == 1:
                self._store.intents.close(intent.id, replace(reply, verdict="split"))
        match sent.step:
            case steps.AddWorks(adds=adds):
                half = len(adds) // 2
                return Follow(tuple(_adds(part) for part in (adds[:half], adds[half:])))
            case _:
                half = len(sent.intents) // 2
                return Follow((steps.Repeat(sent.intents[:half]), steps.Repeat(sent.intents[half:])))

    # PUT and DELETE.

    def _put(self, sent: Sent, published: Published, verdict: replies.Verdict, reply: Outcome) -> Aftermath:
        intent = sent.intents[0]
        self._store.intents.close(intent.id, reply)
        if intent.attempt > 1 and not isinstance(verdict, replies.Accepted):
            # An earlier attempt may have been carried out: what stands there is unknown.
            published = replace(published, digest="")
            self._store.items.publish(published)
        match verdict:
            case replies.Accepted():
                self._store.items.publish(
                    replace(
                        published,
                        item=intent.item,
                        digest=intent.digest,
                        own_id=intent.own_id or published.own_id,
                        self_ids=intent.self_ids,
                        standing=Standing.LIVE,
                    ),
                    intent.document,
                )
                unpark(self._store, published)
                return GoOn()
            case replies.Missing():
                self._store.items.publish(replace(published, standing=Standing.MISSING))
                return Follow((steps.ListSection(published.section, "a PUT found nothing under its put-code"),))
            case replies.NotOurs():
                self._store.items.publish(replace(published, standing=Standing.FOREIGN))
                return GoOn()
            case replies.Duplicate(put_code=put_code):
                self._store.items.refuse(intent.item, intent.digest, parked_on(put_code or 0))
                return GoOn()
            case _:
                self._store.items.refuse(intent.item, intent.digest, f"ORCID refused it: {reply.detail}")
                return GoOn()

    def _deleted(self, sent: Sent, published: Published, verdict: replies.Verdict, reply: Outcome) -> Aftermath:
        self._store.intents.close(sent.intents[0].id, reply)
        match verdict:
            case replies.Deleted():
                self._store.items.unpublish(published.orcid, published.section, published.put_code)
                unpark(self._store, published)
                return GoOn()
            case replies.NotOurs():
                self._store.items.publish(replace(published, standing=Standing.FOREIGN))
                return GoOn()
            case _:
                why = f"ORCID refuses to delete put-code {published.put_code}: {reply.detail}"
                self._store.items.refuse(published.item, steps.DELETION, why)
                return GoOn()

    # Replies that came after the lease was taken over.

    def _late(self, sent: Sent, verdict: replies.Verdict, reply: Outcome) -> Aftermath:
        """Not dropped: what it may have changed counts as unknown, and the record is compared again."""
        told = replace(reply, verdict=f"late_{reply.verdict}")
        slots = verdict.verdicts if isinstance(verdict, replies.Slots) else (verdict,) * len(sent.intents)
        for intent, one in zip(sent.intents, slots, strict=True):
            match intent.method, one:
                case _, replies.InDoubt() | replies.Duplicate():
                    continue  # whoever holds the lease now finds out
                case Method.POST, _ if intent.attempt > 1 and not isinstance(one, replies.Created):
                    continue  # it says nothing about the earlier attempt
                case Method.POST, replies.Created(put_code=put_code):
                    self._late_put_code(intent, put_code, told)
                case Method.PUT, _ if intent.put_code is not None:
                    self._late_put_code(intent, intent.put_code, told)
                case Method.DELETE, replies.Deleted() if intent.put_code is not None:
                    self._store.items.unpublish(intent.orcid, intent.item.section, intent.put_code)
                case _:
                    pass
            self._store.intents.close(intent.id, told)
        return Replan()

    def _late_put_code(self, intent: Intent, put_code: int, told: Outcome) -> None:
        known = self._store.items.published_as(intent.orcid, intent.item.section, put_code)
        if known is not None:
            self._store.items.publish(replace(known, digest=""))
        elif intent.method is Method.POST:
            self._stands(replace(intent, digest=""), put_code, told, told.at)


def unpark(store: Store, published: Published) -> None:
    """What waited for this put-code to change may be tried again."""
    store.items.unpark(published.person, published.section, parked_on(published.put_code))


def _adds(adds: tuple[steps.Add, ...]) -> steps.CallStep:
    return steps.AddWorks(adds) if len(adds) > 1 else adds[0]


def _together(parts: list[Aftermath]) -> Aftermath:
    """One aftermath of a bulk: lists of the same section become one."""
    listed = [one for part in parts if isinstance(part, Follow) for one in part.calls]
    expected = tuple(key for one in listed if isinstance(one, steps.ListSection) for key in one.expected)
    if expected:
        return Follow((steps.ListSection(Section.WORK, "ORCID has some already (9021)", expected),))
    return Replan() if any(isinstance(part, Replan) for part in parts) else GoOn()
