"""The cases of planning, one section of one record at a time.

The table of cases (ARCHITECTURE.md 6); the code below is that table.

    wanted      published              open intent        step
    ---------   --------------------   ----------------   ------------------------------------------------------
    document    nothing                -                  Add; works in bulk, at most 100 a call
    document    same digest            -                  (in sync)
    document    other digest           -                  Update
    document    other digest           -                  without a new event behind it, and one of too many: held
    document    -                      -                  with fields of merged items, where their sources win these
    document    takes an identifier    -                  after what frees it; nothing frees it now: wait (ordering.py)
                that another carries
    document    any                    POST, not ripe     wait: in doubt until no late commit is possible
    document    any                    POST, ripe         Repeat it word for word, as one call with what was sent with
                                                          it, then as found; where ORCID does not deduplicate, or
                                                          takes it no more (refused since, the record is full), list
                                                          the section twice, a settle time apart
    document    put-code               PUT                Update again: what was accepted last is unknown
    any         put-code               DELETE             Remove until 204 or 404, then Add if wanted; it serves a slot
                                                          only when nothing else does
    document    on another iD          -                  Add on the granted iD; what becomes of the old one: former.py
    document    404 on PUT             -                  list the section: gone, the researcher removed it;
                                                          shown still, it is written again after a rest
    document    removed by researcher  -                  respect it, under whatever key or identifier it is wanted,
                                                          also merged with what stands (serving.py)
    document    removed by researcher  -                  Add once, where the policy says so; then respect it
    document    nothing                -                  ORCID takes no more works on the record: wait (gates.py)
    document    nothing                -                  where ORCID does not deduplicate, in a section that this
                                                          store never listed nor filled, or whose list showed items
                                                          of ours that were not wanted then: list it first
    withdrawn   put-code               -                  Remove
    withdrawn   put-code               -                  beside an Add of the same source that is alike (rekeying.py):
                                                          Update, the source re-keyed its records; but Remove, where
                                                          the permission serves removals alone, or the guard holds it
    withdrawn   removed by researcher  -                  the tombstone passes on likewise to what its source names anew
    withdrawn   put-code, adopted      -                  held, until an operator's word; after 404 listed first
    withdrawn   put-code, adopted      PUT, ripe          held; what stands is unknown, and the doubt is over
    withdrawn   nothing                POST, ripe         list the section twice, a settle time apart; then forget
    withdrawn   on another iD only     -                  as the move from there: held, pending or stranded
    withdrawn   nothing                -                  forget it
    refused     put-code               -                  what stands stays, until the source says better
    excluded    any                    -                  what stands stays; or, as the mapping file says, as withdrawn
    any         any                    -                  without grant, token, scope, or on a suspended record: wait;
                                                          so too in a section that is off or that v2.1 lacks (gates.py)
    any         any                    any                grant broken or ending: Remove alone; the others wait
    any         any                    any                being forgotten: as a record that is left (former.py)
    review      any                    -                  EnsureGroup, while its group-id record is not known
    document    any                    -                  ORCID refused the same digest before: wait for a change
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from mappers.forms import Version
from mappers.identifiers import OrcidId
from mappers.wanted import ItemKey
from state.facts import Intent, ItemState, Method, Origin, Published, Standing, Wanted
from worker.planning import slots, steps
from worker.planning.composing import differs_in_form_only, stands_as_wanted
from worker.planning.decisions import Decision, adopted, respected
from worker.planning.doubts import Lists
from worker.planning.exclusions import BY_AN_OPERATOR
from worker.planning.former import Fate
from worker.planning.policy import Policy
from worker.planning.rekeying import rekeyed
from worker.planning.section_facts import SectionFacts, wanted_mark
from worker.planning.serving import may_readd, serve

LOST = Fate(ItemState.STRANDED, "it stands on a record that we may no longer write")
"""What becomes of an item on a record for which the person has no grant now, nor moved away from."""

LISTED_FIRST = "the state was lost or restored: what stands there is listed first"
"""Why a section is listed before anything else is done there."""


@dataclass(frozen=True, slots=True)
class SectionCase:
    """One section of one record, and what is to be done there."""

    facts: SectionFacts
    policy: Policy
    now: float
    fates: Mapping[OrcidId, Fate] = field(default_factory=dict)
    """What becomes of what stands on the person's former records."""
    removes_only: bool = False
    """Whether the permission serves removals alone: then nothing that is due to go is kept to be updated."""

    def _matched(self) -> tuple[list[slots.Served], list[Published]]:
        """The slots with what serves each, and what stands there that nothing wants."""
        wanted, frozen = self.facts.wanted, self.facts.frozen
        kept = frozenset(item.key for item in wanted if item.refusal) | frozen.keys()
        documents = [item for item in wanted if item.digest is not None and item.key not in frozen]
        going = frozenset(code for code, open_ in self.facts.writing.items() if open_[-1].method is Method.DELETE)
        found = serve(documents, self.facts.published, kept, self.policy, self.facts.contents, going=going)
        leaving = [one for one in found.left if one.item not in kept and one.standing not in slots.GONE]
        withdrawn = {item.key for item in wanted if item.withdrawn} - frozen.keys()
        left_behind = [one for one in found.idle if one.item in withdrawn]
        return self._rekeyed(list(found.served), leaving, left_behind)

    def served(self) -> Iterator[tuple[slots.Served, Decision]]:
        """Each slot with what serves it, and what it comes to."""
        for one in self._matched()[0]:
            yield one, self._serve(one.slot, one.published)

    def decisions(self) -> Iterator[Decision]:
        """Every case of the section, in the order of the table."""
        yield from self._relisted()
        served, leaving = self._matched()
        for one in served:
            yield from self._merged(one.slot)
            yield self._serve(one.slot, one.published)
        for standing in leaving:
            yield self._leave(standing)
        gone = frozenset(one.item for one in leaving)
        for item in self.facts.wanted:
            if item.key in self.facts.frozen and not (item.withdrawn and self.facts.standing.get(item.key) is None):
                yield self._freeze(item)
            elif item.refusal:
                yield Decision((item.key,), ItemState.REFUSED, item.refusal)
            elif item.withdrawn and item.key not in gone:
                yield self._withdraw(item)

    def opaque(self, update: steps.Update) -> str:
        """Our own opaque id, for an item that is moved aside."""
        return self._opaque(update.item.key, update.published)

    def _rekeyed(
        self, served: list[slots.Served], leaving: list[Published], tombstones: list[Published]
    ) -> tuple[list[slots.Served], list[Published]]:
        """Gives what would be removed to what would be added, where a source re-keyed its records.

        So too the tombstone of an item that was withdrawn just now: its source names it anew. What the guard holds back
        is not overwritten either: only what says just the same takes it over (slots.py), which dissolves the hold.
        """
        coming = [one for one in served if one.published is None and self._may_be_added(one.slot)]
        free = (one for one in leaving if not self._writing(one) and one.put_code not in self.facts.stopped)
        removed = [one for one in free if self._leave(one).call is not None]
        candidates = [*(() if self.removes_only else removed), *tombstones]
        if not (coming and candidates):
            return served, leaving
        found = rekeyed(candidates, [one.slot.winner for one in coming], self.facts.contents)
        by_key = {coming[place].slot.winner.key: published for place, published in found.items()}
        codes = {published.put_code for published in found.values()}
        return (
            [replace(one, published=by_key.get(one.slot.winner.key, one.published)) for one in served],
            [one for one in leaving if one.put_code not in codes],
        )

    def _may_be_added(self, slot: slots.Slot) -> bool:
        return not self._posted(slot.keys) and slot.winner.refused_digest != slot.winner.digest

    def _merged(self, slot: slots.Slot) -> Iterator[Decision]:
        for item in slot.merged:
            names = [name.replace("_", "-") for name, key in sorted(slot.said_by.items()) if key == item.key]
            taken = f"; taken from this one: {', '.join(names)}" if names else ""
            reason = f"ORCID counts it as one with {slot.winner.key.record}{taken}"
            yield Decision((item.key,), ItemState.MERGED, reason)

    def _serve(self, slot: slots.Slot, published: Published | None) -> Decision:
        """A slot wants its document on the record."""
        if posted := self._posted(slot.keys):
            return self._in_doubt(slot.winner.key, posted)
        if published is None or may_readd(published, self.policy):
            return self._add(slot, published)
        writing = self._writing(published)
        if writing and published.standing not in slots.GONE:
            return self._write_again(slot, published, writing)
        decision = self._compare(slot, published)
        return replace(decision, note=steps.GiveUp(tuple(writing)), wake_at=self.now) if writing else decision

    def _posted(self, keys: Iterable[ItemKey]) -> list[Intent]:
        found = (one for key in keys for one in self.facts.posted.get(key, ()))
        return sorted(found, key=lambda one: one.id)

    def _in_doubt(self, key: ItemKey, posted: Sequence[Intent]) -> Decision:
        reason = "a POST got no clear answer"
        if any(self._lists().tell(one) for one in posted):
            return self._find_out(key, posted, reason)
        ripe_at = max(one.ripe_at for one in posted)
        if self.now < ripe_at:
            return Decision((key,), ItemState.IN_DOUBT, f"{reason}, and may still be carried out", wake_at=ripe_at)
        return Decision((key,), ItemState.IN_DOUBT, reason, call=steps.Repeat(tuple(posted)))

    def _find_out(self, key: ItemKey, posted: Sequence[Intent], reason: str) -> Decision:
        """Two lists, a settle time apart, tell what became of a POST; what they tell ends the doubt."""
        ripe_at = max(one.ripe_at for one in posted)
        listed_at = self.facts.knowledge.listed_at
        if listed_at is not None and listed_at >= ripe_at:
            ripe_at = self._list_again_at()
        if self.now < ripe_at:
            return Decision((key,), ItemState.IN_DOUBT, reason, wake_at=ripe_at)
        return Decision((key,), ItemState.IN_DOUBT, reason, call=steps.ListSection(self.facts.section, reason))

    def _lists(self) -> Lists:
        full = {self.facts.section} if self.facts.knowledge.full_until > self.now else frozenset()
        return Lists(self.policy.version, self.facts.refused, full)

    def _writing(self, published: Published) -> Sequence[Intent]:
        return self.facts.writing.get(published.put_code, ())

    def _write_again(self, slot: slots.Slot, published: Published, writing: Sequence[Intent]) -> Decision:
        """A PUT or DELETE in doubt is safe to repeat, once the earlier one cannot be carried out after it."""
        key = slot.winner.key
        ripe_at = max(one.ripe_at for one in writing)
        method = writing[-1].method
        reason = f"a {method} got no clear answer"
        if self.now < ripe_at:
            return Decision((key,), ItemState.IN_DOUBT, f"{reason}, and may still be carried out", wake_at=ripe_at)
        removes = method is Method.DELETE
        call = steps.Remove(published, reason) if removes else self._update(slot, published, reason)
        return Decision((key,), ItemState.IN_DOUBT, reason, call=call)

    def _update(self, slot: slots.Slot, published: Published, reason: str) -> steps.Update:
        own_id = self._own_id(slot.winner, published)
        return steps.Update(slot.winner, published, own_id, reason, composed=slot.composed)

    def _own_id(self, item: Wanted, published: Published | None) -> str | None:
        """Ours goes with every affiliation that can carry one, and wherever nothing else is `self`."""
        if self.facts.section.is_affiliation:
            needed = self.policy.version is Version.V3_0
        else:
            needed = not (item.self_ids or self.facts.section.is_of_person)
        return self._opaque(item.key, published) if needed else None

    def _opaque(self, key: ItemKey, published: Published | None) -> str:
        """Once published, the value is reused; a new one where nothing else tells ORCID that two items are one."""
        if published is not None and published.own_id is not None:
            return published.own_id
        return next(own for turn in count() if (own := self.policy.own_id(key, turn)) not in self.facts.own_ids)

    def _add(self, slot: slots.Slot, removed: Published | None) -> Decision:
        """The document is not on the record; or the researcher `removed` it, and it is created once more."""
        item = slot.winner
        if item.refused_digest == item.digest:
            return Decision((item.key,), ItemState.REFUSED, item.refused_reason)
        unlisted = self._unlisted()
        if unlisted:
            call = steps.ListSection(self.facts.section, unlisted)
            return Decision((item.key,), ItemState.PENDING, unlisted, call=call)
        reason = "wanted, and not on the record"
        note = None
        if removed is not None:
            reason = "the researcher removed it, and it is created again once"
            note = None if removed.item == item.key else steps.Reassign(removed, item.key, removed.digest)
        add = steps.Add(item, self._own_id(item, removed), reason, composed=slot.composed)
        return Decision((item.key,), ItemState.PENDING, reason, call=add, note=note)

    def _is_lost(self) -> bool:
        """Whether the state was lost or restored since the section was listed last."""
        listed_at, since = self.facts.knowledge.listed_at, self.policy.list_since
        return since is not None and (listed_at is None or listed_at < since)

    def _relisted(self) -> Iterator[Decision]:
        """Then a section in which something is wanted is listed, whatever else is due: put-codes may be stale."""
        if self._is_lost() and any(one.digest or one.key in self.facts.taken_off for one in self.facts.wanted):
            yield Decision((), ItemState.PENDING, LISTED_FIRST, steps.ListSection(self.facts.section, LISTED_FIRST))

    def _unlisted(self) -> str:
        """Why the section has to be listed before anything is added to it; empty when it has not."""
        knowledge = self.facts.knowledge
        if self._is_lost():
            return LISTED_FIRST
        known = knowledge.listed_at is not None or knowledge.filled_at is not None
        strange = knowledge.strangers and knowledge.strangers != wanted_mark(self.facts.wanted)
        if (strange or not known) and not self.facts.section.is_deduplicated(self.policy.version):
            return "ORCID would take it twice: what stands there is listed before anything is added"
        return ""

    def _compare(self, slot: slots.Slot, published: Published) -> Decision:
        """What stands there against what is wanted."""
        item = slot.winner
        if published.standing is Standing.REMOVED:
            return respected(slot, published, self.facts)
        note = None if published.item == item.key else steps.Reassign(published, item.key, published.digest)
        if published.standing is Standing.FOREIGN:
            reason = f"put-code {published.put_code} belongs to another source now (403)"
            return Decision((item.key,), ItemState.REFUSED, reason, note=note)
        if published.standing is Standing.MISSING:
            return self._confirm(item.key, published)
        if stands_as_wanted(item, published) or differs_in_form_only(slot, published, self.facts.contents):
            return Decision((item.key,), ItemState.IN_SYNC, self._left_out(item, published), note=note)
        if item.refused_digest == item.digest:
            return Decision((item.key,), ItemState.REFUSED, item.refused_reason, note=note)
        if item.hold:
            return Decision((item.key,), ItemState.HELD, item.hold_reason, note=note)
        reason = "wanted otherwise than it stands" if published.digest else "what ORCID accepted last is unknown"
        call = self._update(slot, published, reason)
        return Decision((item.key,), ItemState.PENDING, reason, call=call, note=note)

    def _left_out(self, item: Wanted, published: Published) -> str:
        if self.policy.version is not Version.V2_1 and published.left_out:
            return f"API v2.1 left out: {published.left_out}; `orcid-sync sync --rewrite` sends it"
        drops = item.v2_1_drops if self.policy.version is Version.V2_1 else ""
        return f"API v2.1 leaves out: {drops}" if drops else ""

    def _confirm(self, key: ItemKey, published: Published) -> Decision:
        reason = f"put-code {published.put_code} was not found; a listing has to confirm that it is gone"
        again_at = self._list_again_at()
        if self.now < again_at:
            return Decision((key,), ItemState.IN_DOUBT, reason, wake_at=again_at)
        return Decision((key,), ItemState.IN_DOUBT, reason, call=steps.ListSection(self.facts.section, reason))

    def _list_again_at(self) -> float:
        """Lists are read from a replica that may lag: one settle time between two (API_FACTS.md 11, no. 9)."""
        listed_at = self.facts.knowledge.listed_at
        return 0.0 if listed_at is None else listed_at + self.policy.settle_seconds

    def _leave(self, published: Published) -> Decision:
        """Nothing wants what stands there."""
        writing = self._writing(published)
        ripe_at = max((one.ripe_at for one in writing), default=0.0)
        approved = any(one.method is Method.DELETE for one in writing)
        if published.origin is Origin.ADOPTED and not approved and self.now >= ripe_at:
            if published.standing is Standing.MISSING:
                return self._confirm(published.item, published)
            return adopted(published, writing, self.now)
        if published.item in self.facts.undeletable:
            return Decision((published.item,), ItemState.REFUSED, self.facts.undeletable[published.item])
        if self.now < ripe_at:
            reason = "a call got no clear answer, and may still be carried out"
            return Decision((published.item,), ItemState.IN_DOUBT, reason, wake_at=ripe_at)
        reason = self.facts.taken_off.get(published.item, "not wanted any more")
        return Decision((published.item,), ItemState.PENDING, reason, call=steps.Remove(published, reason))

    def _withdraw(self, item: Wanted) -> Decision:
        """Nothing of it stands on this iD, as far as we know."""
        if posted := self._posted({item.key}):
            return self._find_out(item.key, posted, "withdrawn while a POST of it got no clear answer")
        left_on = self.facts.elsewhere.get(item.key)
        if left_on is not None:
            fate = self.fates.get(left_on, LOST)
            return Decision((item.key,), fate.state, fate.reason)
        if item.key in self.facts.taken_off:
            return Decision((item.key,), ItemState.IN_SYNC, self.facts.taken_off[item.key])
        return Decision((), ItemState.IN_SYNC, "", note=steps.Forget(item.key))

    def _freeze(self, item: Wanted) -> Decision:
        """What the mapping file excludes, or an operator suppressed, is left as it stands, once that is known.

        An operator's word is on this one item, and settles it: it waits for nothing.
        """
        if posted := self._posted({item.key}):
            return self._find_out(item.key, posted, "excluded while a POST of it got no clear answer")
        standing = self.facts.standing.get(item.key)
        as_wanted = standing is not None and item.digest is not None and stands_as_wanted(item, standing)
        reason = self.facts.frozen[item.key]
        settled = as_wanted or reason == BY_AN_OPERATOR
        return Decision((item.key,), ItemState.IN_SYNC if settled else ItemState.WAITING, reason)
