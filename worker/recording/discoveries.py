"""Discoveries: writes down what a section's list, or items read from a record, tell.

Every method runs inside the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from mappers.documents import Document, digest, dump, load, self_ids
from mappers.forms import Version
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import ListedItem, read_json, read_listing, source_client, without_own_ids
from state.facts import Intent, Method, Origin, Outcome, PersonFacts, Published, Standing
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Replan, Rest
from worker.calling.calls import Sender
from worker.planning import slots, steps
from worker.planning.composing import composed
from worker.planning.doubts import is_found_by_lists
from worker.planning.exclusions import excluded
from worker.planning.former import is_left, listed_before
from worker.planning.policy import Policy
from worker.recording.contents import facts_of
from worker.recording.matching import left_out, says_the_same, shows
from worker.recording.parking import duplicate_code, unpark
from worker.recording.posts import standing_for
from worker.recording.unknown import Unknown

NOT_SHOWN = "ORCID has it already, but shows no such item of ours"
"""The reason of an item that ORCID calls a duplicate of something that is not ours to change."""

READ_LIMIT = 100
"""Works in one bulk read (API_FACTS.md 1.4)."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What POSTs in doubt may have put into a section: by wanted item, put-code and identity."""

    items: frozenset[ItemKey]
    put_codes: frozenset[int | None]
    identities: frozenset[str]

    @classmethod
    def of(cls, step: steps.ListSection, posted: Iterable[Intent]) -> "_Made":
        expected = [one for one in step.expected if one.origin is Origin.CREATED]
        return cls(
            frozenset(one.item for one in expected),
            frozenset(one.put_code for one in expected),
            frozenset().union(*(one.self_ids for one in posted if one.item.section is step.section)),
        )

    def origin(self, slot: slots.Slot, entry: ListedItem) -> Origin:
        """Ours is what one of them may have created; who else uses our client may have created the rest."""
        created = slot.keys & self.items or entry.put_code in self.put_codes or entry.self_ids & self.identities
        return Origin.CREATED if created else Origin.ADOPTED


class Discoveries:
    """Records what GETs found. `client_id` is ours: only items of this source are ever adopted."""

    def __init__(self, store: Store, policy: Policy, client_id: str) -> None:
        self._store = store
        self._policy = policy
        self._client_id = client_id

    def listed(self, step: steps.ListSection, sender: Sender, found: replies.Found, now: float) -> Aftermath:
        """What a list tells about items that went missing, calls in doubt, and items of ours that we did not know."""
        if self._is_late(sender):
            return Replan()
        try:
            entries = read_listing(step.section, found.body)
        except Unreadable as error:
            return Rest(None, f"ORCID's list of {step.section} cannot be read: {error}")
        facts = self._store.items.facts(sender.person)
        ours = [entry for entry in entries if entry.client_id == self._client_id]
        elsewhere = frozenset().union(*(one.self_ids for one in _unknown(ours, facts, step.section, sender)))
        still_there = self._confirm_missing(facts.published, step.section, sender, entries, elsewhere)
        self._resolve_doubts(facts, step.section, sender, ours, now=now)
        if is_left(facts, sender.orcid):  # nothing shall stand there, so nothing is adopted
            self._store.items.know_section(sender.orcid, step.section, listed_at=now)
            return Replan()
        aftermath = self._adopt(step, sender, ours, now)
        if still_there and isinstance(aftermath, Replan):
            return Rest(None, f"put-code {still_there[0]} was not found, but ORCID's list still shows it")
        return aftermath

    def _is_late(self, sender: Sender) -> bool:
        """Whoever holds the lease now may know better than what was read under an old one."""
        return self._store.turns.epoch(sender.orcid) != sender.epoch

    def _confirm_missing(
        self,
        published: Sequence[Published],
        section: Section,
        sender: Sender,
        entries: Sequence[ListedItem],
        elsewhere: AbstractSet[str],
    ) -> list[int]:
        """A put-code that a PUT did not find and no list shows was removed by the researcher. Returns the others."""
        there = {entry.put_code for entry in entries}
        still_there = []
        for one in published:
            if one.standing is Standing.MISSING and one.section is section and one.orcid == sender.orcid:
                if one.put_code in there:  # then the 404 was not about the item: it is written again, after a rest
                    self._store.items.publish(replace(one, standing=Standing.LIVE, digest=""))
                    still_there.append(one.put_code)
                elif one.self_ids & elsewhere:  # a state that was restored does not know it yet: it is adopted
                    self._store.items.unpublish(one.orcid, section, one.put_code)
                else:
                    self._store.items.publish(replace(one, standing=Standing.REMOVED))
                    unpark(self._store, one)
        return still_there

    def _resolve_doubts(
        self, facts: PersonFacts, section: Section, sender: Sender, ours: Sequence[ListedItem], *, now: float
    ) -> None:
        """Ends the doubt of POSTs that are not repeated: found, or not found by two lists in a row.

        Those are of items withdrawn or excluded since, those that ORCID would not know as duplicates, and all on a
        record that is left.
        """
        listed_at, left = listed_before(facts, sender.orcid, section), is_left(facts, sender.orcid)
        settled = listed_at is not None and now >= listed_at + self._policy.settle_seconds
        unknown = _unknown(ours, facts, section, sender)
        outside, _ = excluded(facts, self._policy, now)
        for intent in facts.intents:
            relevant = intent.method is Method.POST and intent.item.section is section and intent.orcid == sender.orcid
            listing = is_found_by_lists(intent, sender.form.version)
            if not relevant or intent.ripe_at > now:
                continue
            if not (listing or left or intent.item in outside or self._store.items.document(intent.item) is None):
                continue
            match_ = next((entry for entry in (unknown if listing else ours) if entry.self_ids & intent.self_ids), None)
            if match_ is None and listing and intent.document is not None:
                said, version = load(intent.document), sender.form.version
                match_ = next((entry for entry in unknown if shows(entry, said, intent.own_id, version)), None)
            if match_ is not None:
                unknown = [entry for entry in unknown if entry.put_code != match_.put_code]
                self._found(intent, match_.put_code, sender, now)
            elif settled and listed_at is not None and listed_at >= intent.ripe_at:
                self._store.intents.close(intent.id, Outcome("not_found", now, detail="two lists do not show it"))

    def _found(self, intent: Intent, put_code: int, sender: Sender, now: float) -> None:
        section = intent.item.section
        self._store.intents.close(intent.id, Outcome("found", now, put_code=put_code, detail="a list shows it"))
        if self._store.items.published_as(intent.orcid, section, put_code) is None:
            self._store.items.publish(standing_for(intent, put_code, sender.form.version), intent.document)

    def _adopt(self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem], now: float) -> Aftermath:
        """Items of ours that we did not know are adopted, once their list or they themselves told what they say."""
        found, served = self._unknown_ours(step, sender, ours)
        to_read = [one for one, _ in found]
        if step.section.lists_whole_items:
            wanted = self._wanted_of_v2_1(sender, step.section)
            for one, entry in found:
                self._take(sender, one, entry.document, wanted, now)
            to_read = []
        unseen = False
        adopted, put_codes = {one.item for one, _ in found}, {one.put_code for one, _ in found}
        for expected in step.expected:
            if expected.item in served:
                if expected.item not in adopted:
                    self._outlived(sender, expected, put_codes, now)
            elif expected.put_code is None and expected.origin is Origin.CREATED:
                unseen = True  # ours, most likely, and the list comes from a replica that lags: it stays in doubt
            elif expected.put_code is None:
                self._refuse(sender, expected.item, expected.digest, now)
            else:  # lists come from a replica that may lag: the item itself tells
                origin, refused = expected.origin, expected.digest
                to_read.append(steps.FoundItem(expected.put_code, expected.item, origin, refused))
        if not to_read:
            filled_at = now if found else None
            self._store.items.know_section(sender.orcid, step.section, listed_at=now, filled_at=filled_at)
            return Rest(None, f"{NOT_SHOWN} yet") if unseen else Replan()
        size = READ_LIMIT if step.section.takes_bulk else 1
        chunks = [tuple(to_read[start : start + size]) for start in range(0, len(to_read), size)]
        last = len(chunks) - 1
        return Follow(
            tuple(
                steps.ReadItems(step.section, chunk, now if number == last else None)
                for number, chunk in enumerate(chunks)
            )
        )

    def _refuse(self, sender: Sender, key: ItemKey, digest_: str, now: float) -> None:
        self._store.items.refuse(key, digest_, f"409/{duplicate_code(key.section)}: {NOT_SHOWN}")
        self._end_doubt(sender, key, "refused", now)

    def _outlived(self, sender: Sender, expected: steps.Expected, adopted: AbstractSet[int], now: float) -> None:
        """Another item serves its slot by now: what an earlier POST of ours put there is left over, and still ours."""
        put_code = expected.put_code
        if put_code is not None and put_code not in adopted and expected.origin is Origin.CREATED:
            for intent in self._posted(sender, expected.item):
                if self._store.items.published_as(sender.orcid, expected.item.section, put_code) is None:
                    self._store.items.publish(standing_for(intent, put_code, sender.form.version), intent.document)
        self._end_doubt(sender, expected.item, "merged", now)

    def _end_doubt(self, sender: Sender, key: ItemKey, verdict: str, now: float) -> None:
        """The POSTs of an item that were answered by 9021 are explained now."""
        for intent in self._posted(sender, key):
            self._store.intents.close(intent.id, Outcome(verdict, now, detail="a list or the item itself told"))

    def _posted(self, sender: Sender, key: ItemKey) -> list[Intent]:
        return [
            one
            for one in self._store.intents.open_of(sender.person)
            if one.method is Method.POST and one.item == key and one.orcid == sender.orcid
        ]

    def _unknown_ours(
        self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem]
    ) -> tuple[list[tuple[steps.FoundItem, ListedItem]], set[ItemKey]]:
        """Items to be adopted, and the keys of all wanted items whose slot something serves then."""
        facts = facts_of(self._store, sender.person, self._policy)
        section, version = step.section, sender.form.version
        mine = [one for one in facts.published if one.section is section and one.orcid == sender.orcid]
        unknown = Unknown(_unknown(ours, facts, section, sender), version)
        refused = frozenset(item.key for item in facts.wanted if item.key.section is section and item.refusal)
        matched, _ = slots.match(self._slots(facts, section), mine, refused)
        in_doubt = {one.item for one in facts.intents if is_found_by_lists(one, version)}
        posted = [one for one in facts.intents if one.method is Method.POST and one.orcid == sender.orcid]
        made = _Made.of(step, posted)
        found: list[tuple[steps.FoundItem, ListedItem]] = []
        served: set[ItemKey] = set()
        for one in matched:
            if one.published is not None:
                served |= one.slot.keys
                continue
            entry = None if one.slot.keys & in_doubt else self._entry_for(one.slot, unknown)
            if entry is not None:
                served |= one.slot.keys
                origin = made.origin(one.slot, entry)
                found.append((steps.FoundItem(entry.put_code, one.slot.winner.key, origin), entry))
        return found, served

    def _wanted_of_v2_1(self, sender: Sender, section: Section) -> Mapping[ItemKey, slots.Slot]:
        """What is wanted where v2.1 does not show all of it, by the item that stands for its slot."""
        if sender.form.version is Version.V3_0:
            return {}
        facts = facts_of(self._store, sender.person, self._policy)
        return {one.winner.key: one for one in self._slots(facts, section)}

    def _slots(self, facts: PersonFacts, section: Section) -> list[slots.Slot]:
        wanted = [item for item in facts.wanted if item.key.section is section and item.digest is not None]
        grouped = slots.group(wanted, self._policy.precedence)
        return [composed(slot, self._policy, facts.contents) for slot in grouped]

    def _entry_for(self, slot: slots.Slot, unknown: Unknown) -> ListedItem | None:
        """What stands for a slot: under one of its identifiers, else our own id, else saying just what is wanted.

        Our own id comes second: it may stay on what served the item before it had an identifier, or after it merged.
        """
        own_id = f"{OWN_TYPE}:{self._policy.own_id(slot.winner.key)}"
        entry = unknown.take(slot.self_ids) or unknown.take({own_id})
        if entry is not None or not unknown.shown_whole:
            return entry
        document = self._wanted_by(slot)
        return unknown.take_saying(document) if document is not None else None

    def _wanted_by(self, slot: slots.Slot) -> Document | None:
        if slot.composed is not None:
            return slot.composed
        kept = self._store.items.document(slot.winner.key)
        return load(kept[1]) if kept is not None else None

    def read(self, step: steps.ReadItems, sender: Sender, found: replies.Found, now: float) -> Aftermath:
        """Adopts what was read, with the digest of what stands there: an Update follows only on difference."""
        if self._is_late(sender):
            return Replan()
        items, wanted = _items(step, found.body), self._wanted_of_v2_1(sender, step.section)
        for one in step.found:
            item = items.get(one.put_code)
            if one.refused is not None and (item is None or source_client(item) != self._client_id):
                self._refuse(sender, one.item, one.refused, now)
                continue
            self._take(sender, one, _document(step.section, item), wanted, now)
        if step.listed_at is not None:
            self._store.items.know_section(sender.orcid, step.section, listed_at=step.listed_at, filled_at=now)
        return Replan() if step.listed_at is not None else GoOn()

    def _take(
        self,
        sender: Sender,
        found: steps.FoundItem,
        document: Document | None,
        wanted: Mapping[ItemKey, slots.Slot],
        now: float,
    ) -> None:
        """Adopts an item with the digest of what stands there, our own id apart; unread, it is written over.

        What v2.1 shows of a document that is `wanted` is as good as that document.
        """
        section, own_id = found.item.section, self._policy.own_id(found.item)
        bare, carried = without_own_ids(document, (own_id,)) if document is not None else (None, frozenset[str]())
        says = digest(bare) if bare is not None else ""
        slot = wanted.get(found.item)
        whole, lost = self._wanted_by(slot) if slot is not None else None, ""
        if slot is not None and bare is not None and whole is not None and says_the_same(bare, whole, Version.V2_1):
            says, bare, lost = slot.winner.digest or says, whole, left_out(whole, Version.V2_1)
        self._store.items.publish(
            Published(
                person=sender.person,
                orcid=sender.orcid,
                section=section,
                put_code=found.put_code,
                item=found.item,
                digest=says,
                own_id=own_id if own_id in carried else None,
                self_ids=self_ids(document) if document is not None else frozenset[str](),
                origin=found.origin,
                left_out=lost,
            ),
            dump(bare) if bare is not None else None,
        )
        self._end_doubt(sender, found.item, "found", now)


def _unknown(ours: Sequence[ListedItem], facts: PersonFacts, section: Section, sender: Sender) -> list[ListedItem]:
    """What of ours on the record we did not know."""
    known = {one.put_code for one in facts.published if one.section is section and one.orcid == sender.orcid}
    return [entry for entry in ours if entry.put_code not in known]


def _document(section: Section, item: Mapping[str, Any] | None) -> Document | None:
    """The whole document of an item that was read, our own ids included; None when it cannot be read."""
    try:
        return read_json(section, item).document if item is not None else None
    except Unreadable:
        return None


def _items(step: steps.ReadItems, body: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The items by put-code: one alone, or a bulk's, whose order is not the one asked for."""
    if not step.section.takes_bulk:
        return {step.found[0].put_code: body}
    slots_ = body.get("bulk")
    works = [slot.get("work") for slot in slots_ if isinstance(slot, dict)] if isinstance(slots_, list) else []
    return {
        work["put-code"]: work for work in works if isinstance(work, dict) and isinstance(work.get("put-code"), int)
    }
