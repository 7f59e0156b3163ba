"""The cases of planning, one section of one record at a time.

The table of cases (ARCHITECTURE.md 6); the code below is that table.

    wanted      published              open intent        step
    ---------   --------------------   ----------------   ------------------------------------------------------
    document    nothing                -                  Add; works in bulk, at most 100 a call
    document    same digest            -                  (in sync)
    document    other digest           -                  Update
    document    any                    POST, not ripe     wait: in doubt until no late commit is possible
    document    any                    POST, ripe         Repeat it word for word, then as found
    document    put-code               PUT                Update again: what was accepted last is unknown
    any         put-code               DELETE             Remove until 204 or 404, then Add if wanted
    document    on another iD          -                  Add on the granted iD; the old one is stranded
    document    404 on PUT             -                  list the section: gone, the researcher removed it;
                                                          shown still, it is written again after a rest
    document    removed by researcher  -                  respect it
    withdrawn   put-code               -                  Remove
    withdrawn   nothing                POST, ripe         list the section twice, a settle time apart; then forget
    withdrawn   nothing                -                  forget it
    refused     put-code               -                  what stands stays, until the source says better
    any         any                    -                  without grant, scope, or on a suspended record: wait
    document    any                    -                  ORCID refused the same digest before: wait for a change
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import (
    Intent,
    ItemState,
    Method,
    Origin,
    PersonFacts,
    Published,
    SectionKnowledge,
    Standing,
    Wanted,
)
from worker.planning import slots, steps
from worker.planning.policy import Policy


@dataclass(frozen=True, slots=True)
class Decision:
    """What one slot, leftover or withdrawn item comes to: its items' state, a call or a note, when to look again."""

    keys: tuple[ItemKey, ...]
    state: ItemState
    reason: str
    call: steps.CallStep | None = None
    note: steps.NoteStep | None = None
    wake_at: float | None = None


@dataclass(frozen=True, slots=True)
class SectionCase:
    """One section of one record: what is wanted there, what stands there, what is in doubt there."""

    section: Section
    wanted: tuple[Wanted, ...]
    published: tuple[Published, ...]
    elsewhere: frozenset[ItemKey]
    intents: tuple[Intent, ...]
    knowledge: SectionKnowledge
    policy: Policy
    now: float

    @classmethod
    def of(
        cls, section: Section, orcid: OrcidId | None, facts: PersonFacts, policy: Policy, now: float
    ) -> "SectionCase":
        """Narrows a person's facts to one section of one iD; `elsewhere` is what the person's others (may) hold."""
        standing = sorted((one for one in facts.published if one.section is section), key=lambda one: one.put_code)
        intents = [one for one in facts.intents if one.item.section is section and one.orcid == orcid]
        wanted = [item for item in facts.wanted if item.key.section is section]
        return cls(
            section=section,
            wanted=tuple(sorted(wanted, key=lambda item: item.key)),
            published=tuple(one for one in standing if one.orcid == orcid),
            elsewhere=frozenset(
                [one.item for one in standing if one.orcid != orcid and one.standing not in slots.GONE]
                + [one.item for one in facts.intents if one.orcid != orcid and one.method is Method.POST]
            ),
            intents=tuple(sorted(intents, key=lambda one: one.id)),
            knowledge=facts.sections.get(section, SectionKnowledge()),
            policy=policy,
            now=now,
        )

    def decisions(self) -> Iterator[Decision]:
        """Every case of the section, in the order of the table."""
        refused = frozenset(item.key for item in self.wanted if item.refusal)
        groups = slots.group((item for item in self.wanted if item.digest is not None), self.policy.precedence)
        served, left = slots.match(groups, self.published, refused)
        for one in served:
            yield from self._merged(one.slot)
            yield self._serve(one.slot, one.published)
        leaving = [one for one in left if one.item not in refused and one.standing not in slots.GONE]
        for standing in leaving:
            yield self._leave(standing)
        gone = frozenset(one.item for one in leaving)
        for item in self.wanted:
            if item.refusal:
                yield Decision((item.key,), ItemState.REFUSED, item.refusal)
            elif item.withdrawn and item.key not in gone:
                yield self._withdraw(item)

    def _merged(self, slot: slots.Slot) -> Iterator[Decision]:
        for item in slot.merged:
            yield Decision((item.key,), ItemState.MERGED, f"ORCID counts it as one with {slot.winner.key.record}")

    def _serve(self, slot: slots.Slot, published: Published | None) -> Decision:
        """A slot wants its winner's document on the record."""
        posted = [one for one in self.intents if one.method is Method.POST and one.item in slot.keys]
        if posted:
            return self._in_doubt(slot.winner.key, posted)
        if published is None:
            return self._add(slot.winner)
        writing = self._writing(published)
        if writing:
            return self._write_again(slot.winner, published, writing)
        return self._compare(slot.winner, published)

    def _in_doubt(self, key: ItemKey, posted: Sequence[Intent]) -> Decision:
        ripe_at = max(one.ripe_at for one in posted)
        reason = "a POST got no clear answer"
        if self.now < ripe_at:
            return Decision((key,), ItemState.IN_DOUBT, f"{reason}, and may still be carried out", wake_at=ripe_at)
        return Decision((key,), ItemState.IN_DOUBT, reason, call=steps.Repeat(tuple(posted)))

    def _writing(self, published: Published) -> list[Intent]:
        return [one for one in self.intents if one.put_code == published.put_code]

    def _write_again(self, item: Wanted, published: Published, writing: Sequence[Intent]) -> Decision:
        """A PUT or DELETE in doubt is safe to repeat, once the earlier one cannot be carried out after it."""
        ripe_at = max(one.ripe_at for one in writing)
        method = writing[-1].method
        reason = f"a {method} got no clear answer"
        if self.now < ripe_at:
            return Decision((item.key,), ItemState.IN_DOUBT, f"{reason}, and may still be carried out", wake_at=ripe_at)
        call: steps.CallStep = (
            steps.Remove(published, reason)
            if method is Method.DELETE
            else steps.Update(item, published, self._own_id(item, published), reason)
        )
        return Decision((item.key,), ItemState.IN_DOUBT, reason, call=call)

    def _own_id(self, item: Wanted, published: Published | None) -> str | None:
        """Once published, the value is reused; a new one where nothing else tells ORCID that two items are one."""
        if not (self.section.is_affiliation or not item.self_ids):
            return None
        if published is not None and published.own_id is not None:
            return published.own_id
        taken = {one.own_id for one in self.published}
        return next(own for turn in count() if (own := self.policy.own_id(item.key, turn)) not in taken)

    def _add(self, item: Wanted) -> Decision:
        if item.refused_digest == item.digest:
            return Decision((item.key,), ItemState.REFUSED, item.refused_reason)
        since, listed_at = self.policy.list_since, self.knowledge.listed_at
        if since is not None and (listed_at is None or listed_at < since):
            reason = "the state was lost or restored: what stands there is listed before anything is added"
            return Decision((item.key,), ItemState.PENDING, reason, call=steps.ListSection(self.section, reason))
        reason = "wanted, and not on the record"
        return Decision((item.key,), ItemState.PENDING, reason, call=steps.Add(item, self._own_id(item, None), reason))

    def _compare(self, item: Wanted, published: Published) -> Decision:
        """What stands there against what is wanted."""
        note = None if published.item == item.key else steps.Reassign(published, item.key, published.digest)
        if published.standing is Standing.REMOVED:
            reason = "the researcher removed it, which is respected"
            if (published.item, published.digest) != (item.key, item.digest):
                # The tombstone follows what is wanted, so that it is known again when its source re-keys it.
                note = steps.Reassign(published, item.key, item.digest or "")
            return Decision((item.key,), ItemState.REMOVED_BY_RESEARCHER, reason, note=note)
        if published.standing is Standing.FOREIGN:
            reason = f"put-code {published.put_code} belongs to another source now (403)"
            return Decision((item.key,), ItemState.REFUSED, reason, note=note)
        if published.standing is Standing.MISSING:
            return self._confirm(item, published)
        if published.digest in {item.digest, item.same_as or item.digest}:
            return Decision((item.key,), ItemState.IN_SYNC, "", note=note)
        if item.refused_digest == item.digest:
            return Decision((item.key,), ItemState.REFUSED, item.refused_reason, note=note)
        reason = "wanted otherwise than it stands" if published.digest else "what ORCID accepted last is unknown"
        call = steps.Update(item, published, self._own_id(item, published), reason)
        return Decision((item.key,), ItemState.PENDING, reason, call=call, note=note)

    def _confirm(self, item: Wanted, published: Published) -> Decision:
        reason = f"put-code {published.put_code} was not found; a listing has to confirm that it is gone"
        again_at = self._list_again_at()
        if self.now < again_at:
            return Decision((item.key,), ItemState.IN_DOUBT, reason, wake_at=again_at)
        return Decision((item.key,), ItemState.IN_DOUBT, reason, call=steps.ListSection(self.section, reason))

    def _list_again_at(self) -> float:
        """Lists are read from a replica that may lag: one settle time between two (API_FACTS.md 11, no. 9)."""
        listed_at = self.knowledge.listed_at
        return 0.0 if listed_at is None else listed_at + self.policy.settle_seconds

    def _leave(self, published: Published) -> Decision:
        """Nothing wants what stands there."""
        approved = any(one.method is Method.DELETE for one in self._writing(published))
        if published.origin is Origin.ADOPTED and not approved:
            reason = "adopted from the record, where another system may share our client: not removed unasked"
            return Decision((published.item,), ItemState.HELD, reason)
        item = next((one for one in self.wanted if one.key == published.item), None)
        if item is not None and item.refused_digest == steps.DELETION:
            return Decision((published.item,), ItemState.REFUSED, item.refused_reason)
        ripe_at = max((one.ripe_at for one in self._writing(published)), default=0.0)
        if self.now < ripe_at:
            reason = "a call got no clear answer, and may still be carried out"
            return Decision((published.item,), ItemState.IN_DOUBT, reason, wake_at=ripe_at)
        reason = "not wanted any more"
        return Decision((published.item,), ItemState.PENDING, reason, call=steps.Remove(published, reason))

    def _withdraw(self, item: Wanted) -> Decision:
        """Nothing of it stands on this iD, as far as we know."""
        if item.key in self.elsewhere:
            return Decision((item.key,), ItemState.STRANDED, "it stands on a record that we may no longer write")
        posted = [one for one in self.intents if one.method is Method.POST and one.item == item.key]
        if not posted:
            return Decision((), ItemState.IN_SYNC, "", note=steps.Forget(item.key))
        ripe_at = max(one.ripe_at for one in posted)
        listed_at = self.knowledge.listed_at
        if listed_at is not None and listed_at >= ripe_at:
            ripe_at = self._list_again_at()
        reason = "withdrawn while a POST of it got no clear answer"
        if self.now < ripe_at:
            return Decision((item.key,), ItemState.IN_DOUBT, reason, wake_at=ripe_at)
        return Decision((item.key,), ItemState.IN_DOUBT, reason, call=steps.ListSection(self.section, reason))
