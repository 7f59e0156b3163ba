"""Outcomes: writes down what a verdict means for intents, published items, grants and suspensions.

Every method runs inside the caller's transaction: one truth, one transaction.
"""

from dataclasses import replace

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import Intent, Method, Origin, Outcome, Published, Standing
from state.permission_facts import Suspension
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Halt, Replan, Rest
from worker.calling.calls import said_by
from worker.planning import steps
from worker.recording.grants import break_grant, is_former, narrow, strand
from worker.recording.groups import record_group
from worker.recording.merged import canonical_sent
from worker.recording.parking import known_double, parked_on, unpark
from worker.recording.poison import WHY, note_failure
from worker.recording.posts import Posts, passing_refusal, with_left_out
from worker.recording.sent import DAY, Sent, not_carried_out
from worker.recording.standing import left_out_of, standing_for, was_taken_again, was_there

SETTLE_TO_FIRST_WAIT = 10.0
"""The settle time is so many times the first wait of a back-off (ORCID_SYNC_RETRY_BASE_SECONDS)."""


class Outcomes:
    """Records verdicts of writes in the store. Reads (lists, items) are recorded by `Discoveries`."""

    def __init__(self, store: Store, settle_seconds: float) -> None:
        self._store = store
        self._settle = settle_seconds
        self._posts = Posts(store, settle_seconds)

    def record(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath:
        """Writes down what the verdict means, and says how the slice goes on. `reply` is the reply in short."""
        sent = canonical_sent(self._store, sent)
        if isinstance(sent.step, steps.EnsureGroup):
            slow_until = self._slow_until(verdict, now)
            return record_group(self._store, sent.step, sent, verdict, reply, slow_until=slow_until)
        if self._store.turns.epoch(sent.sender.orcid) != sent.sender.epoch:
            return self._late(sent, verdict, reply)
        hindered = self._hindered(sent, verdict, reply, now)
        if hindered is not None:
            return hindered
        match sent.step:
            case steps.Add() | steps.AddWorks() | steps.Repeat():
                return self._posts.record(sent, verdict, reply, now)
            case steps.Update() | steps.MoveAside():
                return self._put(sent, sent.step, verdict, reply)
            case steps.Remove():
                return self._deleted(sent, sent.step.published, verdict, reply)
            case steps.ListSection() | steps.ReadItems():
                return Rest(None, reply.detail)

    # What may come of any call.

    def _hindered(self, sent: Sent, verdict: replies.Verdict, reply: Outcome, now: float) -> Aftermath | None:
        match verdict:
            case replies.Throttled(after=after):
                not_carried_out(self._store, sent, reply, now)
                self._store.turns.slow_down(self._slow_until(verdict, now))
                return Rest(None if after is None else now + after, "ORCID asks to slow down")
            case replies.Unsent(why=why):
                not_carried_out(self._store, sent, reply, now)
                return Rest(None, f"ORCID cannot be reached: {why}")
            case replies.InDoubt(fails=True) if sent.intents:
                return self._failed(sent, reply, now)
            case replies.InDoubt(why=why, late=late):
                for intent in sent.intents:
                    self._store.intents.wait(intent, intent.ripe_at if late else now + self._settle, why)
                return Rest(None, f"nobody knows whether it was carried out: {why}")
            case replies.Suspended() if isinstance(sent.step, steps.ReadItems):
                return Rest(None, "an item that a list showed is not there")
            case replies.Suspended(kind=kind, detail=detail):
                not_carried_out(self._store, sent, reply, now)
                self._store.grants.suspend(Suspension(sent.sender.orcid, kind, detail, now + DAY))
                return Replan()
            case replies.Unpermitted(why=why, broken=broken):
                not_carried_out(self._store, sent, reply, now)
                break_grant(self._store, sent, why) if broken else narrow(self._store, sent, why)
                return Replan()
            case replies.Stop(why=why):
                not_carried_out(self._store, sent, reply, now)
                return Halt(why)
            case _:
                return None

    def _failed(self, sent: Sent, reply: Outcome, now: float) -> Aftermath:
        """500/9008, which a document may cause by itself: given up after five of them, what stands is unknown.

        A removal is never given up, but then it is tried daily.
        """
        step = sent.step
        if not isinstance(step, steps.Update | steps.MoveAside | steps.Remove):
            return self._posts.failed(sent.intents, reply, now)
        published = step.published
        if not note_failure(self._store, sent.intents, reply, now + self._settle):
            return Rest(None, f"ORCID failed on it, and nobody knows whether it was carried out: {reply.detail}")
        for intent in self._open_of(published.person, published.orcid, published.section, published.put_code):
            if isinstance(step, steps.Remove):
                self._store.intents.wait(intent, now + DAY, WHY)
            else:
                self._store.intents.close(intent, replace(reply, verdict="given_up"))
        if not isinstance(step, steps.Remove):
            self._store.items.publish(replace(published, digest=""))
            self._store.items.refuse(step.item.key, said_by(step), WHY)
        return GoOn(failed=published.put_code)

    def _open_of(self, person: str, orcid: OrcidId, section: Section, put_code: int) -> list[Intent]:
        """The open writes of a put-code."""
        of = (orcid, section, put_code)
        return [one for one in self._store.intents.open_of(person) if (one.orcid, one.item.section, one.put_code) == of]

    def _slow_until(self, verdict: replies.Verdict, now: float) -> float:
        """Until when nobody sends: as long as ORCID says, else the first wait of a back-off."""
        after = verdict.after if isinstance(verdict, replies.Throttled) else None
        return now + (self._settle / SETTLE_TO_FIRST_WAIT if after is None else after)

    # PUT and DELETE.

    def _put(
        self, sent: Sent, step: steps.Update | steps.MoveAside, verdict: replies.Verdict, reply: Outcome
    ) -> Aftermath:
        intent, published = sent.intents[0], step.published
        failed = GoOn(failed=published.put_code)
        accepted = isinstance(verdict, replies.Accepted)
        self._store.intents.close(intent, with_left_out(reply, sent, intent) if accepted else reply)
        if intent.attempt > 1 and not accepted:
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
                        left_out=left_out_of(intent, sent.sender.form.version),
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
                return failed
            case replies.Duplicate(put_code=put_code):
                return self._double(intent, step, put_code)
            case _:
                passing = passing_refusal(self._store, intent, verdict)
                if passing is None:
                    self._store.items.refuse(intent.item, said_by(step), f"ORCID refused it: {reply.detail}")
                return passing or failed

    def _double(self, intent: Intent, step: steps.Update | steps.MoveAside, put_code: int | None) -> Aftermath:
        """409/9021 or 9030 to a PUT: another item has what it takes; one that we don't know is looked for."""
        published, says = step.published, said_by(step)
        other = known_double(self._store, intent, put_code)
        if other is None:
            expected = steps.Expected(intent.item, says, put_code, Origin.ADOPTED, beside=True)
            why = "ORCID counts it as one with an item that we do not know"
            return Follow((steps.ListSection(published.section, why, (expected,)),))
        if other.standing is Standing.REMOVED:  # then it was not removed: lists lag, and this comes from the master
            self._store.items.publish(replace(other, digest="", standing=Standing.LIVE))
            return Replan()
        self._store.items.refuse(intent.item, says, parked_on(other.put_code, published.section))
        return GoOn(failed=published.put_code)

    def _deleted(self, sent: Sent, published: Published, verdict: replies.Verdict, reply: Outcome) -> Aftermath:
        self._store.intents.close(sent.intents[0], reply)
        match verdict:
            case replies.Deleted():
                self._gone(published)
                return GoOn()
            case replies.NotOurs():
                self._store.items.publish(replace(published, standing=Standing.FOREIGN))
                return GoOn(failed=published.put_code)
            case _:
                self._keep(sent, published, f"ORCID refuses to delete put-code {published.put_code}: {reply.detail}")
                return GoOn(failed=published.put_code)

    def _gone(self, published: Published) -> None:
        """What waited for it may be tried again."""
        self._store.items.unpublish(published.orcid, published.section, published.put_code)
        self._store.items.know_section(published.orcid, published.section, full_until=0.0)
        unpark(self._store, published)

    def _keep(self, sent: Sent, published: Published, why: str) -> None:
        """It stays: until it is wanted otherwise; on a former record, and for who is forgotten, for good."""
        if self._store.blocks.forgetting(published.person) is not None:
            self._store.items.publish(replace(published, standing=Standing.FOREIGN))
        elif is_former(self._store, sent):
            strand(self._store, sent, why)
        else:
            self._store.items.refuse(published.item, steps.DELETION, why)

    # Replies that came after the lease was taken over.

    def _late(self, sent: Sent, verdict: replies.Verdict, reply: Outcome) -> Aftermath:
        """Not dropped: what it may have changed counts as unknown, and the record is compared again."""
        told = replace(reply, verdict=f"late_{reply.verdict}")
        slots = verdict.verdicts if isinstance(verdict, replies.Slots) else (verdict,) * len(sent.intents)
        for intent, one in zip(sent.intents, slots, strict=True):
            said = replace(told, put_code=one.put_code) if isinstance(one, replies.Created) else told
            match intent.method, one:
                case _, replies.InDoubt() | replies.Duplicate():
                    continue  # whoever holds the lease now finds out
                case Method.POST, _ if intent.attempt > 1 and not isinstance(one, replies.Created):
                    continue  # it says nothing about the earlier attempt
                case Method.POST, replies.Created(put_code=put_code):
                    self._late_put_code(sent, intent, put_code, said)
                case Method.PUT, _ if intent.put_code is not None:
                    self._late_put_code(sent, intent, intent.put_code, said)
                case Method.DELETE, replies.Deleted() if intent.put_code is not None:
                    self._late_deletion(intent, said)
                case _:
                    pass
            self._store.intents.close(intent, said)
        return Replan()

    def _late_deletion(self, intent: Intent, told: Outcome) -> None:
        """It is gone: so nobody has to find out any more what became of other writes of it."""
        section, put_code = intent.item.section, intent.put_code or 0
        for one in self._open_of(intent.person, intent.orcid, section, put_code):
            self._store.intents.close(one, told)
        known = self._store.items.published_as(intent.orcid, section, put_code)
        if known is not None:
            self._gone(known)

    def _late_put_code(self, sent: Sent, intent: Intent, put_code: int, told: Outcome) -> None:
        """What stands there is compared again; what came and went meanwhile is not brought back."""
        known = self._store.items.published_as(intent.orcid, intent.item.section, put_code)
        if known is not None:
            self._store.items.publish(replace(known, digest=""))
            unpark(self._store, known)
        elif intent.method is Method.POST and not was_there(self._store, intent, put_code):
            made, version = replace(intent, digest=""), sent.sender.form.version
            self._posts.stands(made, put_code, told, told.at, version)
            if was_taken_again(self._store, intent):  # then the later one serves the item, if this one is there at all
                self._store.items.publish(replace(standing_for(made, put_code, version), standing=Standing.MISSING))
