"""Discoveries: writes down what a section's list, or items read from a record, tell.

Every method runs inside the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from mappers.documents import Document, digest, dump, self_ids
from mappers.forms import Version
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import ListedItem, read_json, read_listing, source_client, without_own_ids
from state.facts import Intent, Method, Origin, Outcome, PersonFacts, Published, SectionKnowledge
from state.kept import kept_document
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Replan, Rest
from worker.calling.calls import Sender
from worker.note_names import RECOVERY
from worker.planning import slots, steps
from worker.planning.doubts import is_found_by_lists
from worker.planning.former import is_left
from worker.planning.policy import Policy
from worker.planning.section_facts import wanted_mark
from worker.planning.serving import may_readd, serve
from worker.recording.contents import facts_of
from worker.recording.matching import left_out, says_the_same
from worker.recording.missing import confirm_missing, suspect_moved
from worker.recording.parking import duplicate_code
from worker.recording.resolving import resolve_doubts, unknown_of
from worker.recording.standing import put_there, readded
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
        seen = (step.section, sender, ours)
        still_there = confirm_missing(self._store, facts, seen, entries)
        if self._store.notes.get(RECOVERY) is not None:
            suspect_moved(self._store, facts, seen, entries)
        resolve_doubts(self._store, self._policy, facts, seen, now)
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

    def _adopt(self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem], now: float) -> Aftermath:
        """Items of ours that we did not know are adopted, once their list or they themselves told what they say."""
        found, served = self._unknown_ours(step, sender, ours)
        self._note_strangers(step.section, sender, ours, {one.put_code for one, _ in found})
        to_read = [] if step.section.lists_whole_items else [one for one, _ in found]
        unseen = False
        adopted, put_codes = {one.item for one, _ in found}, {one.put_code for one, _ in found}
        unread = {one.put_code for one in to_read}
        for expected in step.expected:
            if expected.beside:
                to_read += self._beside(sender, expected, ours, now)
            elif expected.item in adopted and expected.put_code in (None, *put_codes):
                pass  # taking it ends the doubt
            elif expected.item in served:
                if expected.put_code is not None or served[expected.item] not in unread:
                    self._outlived(sender, expected, put_codes - unread, now)
            elif expected.put_code is None and expected.origin is Origin.CREATED:
                unseen = True  # ours, most likely, and the list comes from a replica that lags: it stays in doubt
            elif expected.put_code is None:
                self._refuse(sender, expected.item, expected.digest, now)
            else:  # lists come from a replica that may lag: the item itself tells
                origin, refused = expected.origin, expected.digest
                to_read.append(steps.FoundItem(expected.put_code, expected.item, origin, refused))
        if step.section.lists_whole_items:
            wanted = self._wanted_of_v2_1(sender, step.section)
            for one, entry in found:
                self._take(sender, one, entry.document, wanted, now)
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

    def _note_strangers(
        self, section: Section, sender: Sender, ours: Sequence[ListedItem], adopted: AbstractSet[int]
    ) -> None:
        """Of what is ours there and not wanted now: ORCID may take it twice, or name it in its 409 to the next POST."""
        facts = self._store.items.facts(sender.person)
        left = [one for one in unknown_of(facts, (section, sender, ours)) if one.put_code not in adopted]
        mark = wanted_mark(one for one in facts.wanted if one.key.section is section) if left else ""
        if mark != facts.sections.get(section, SectionKnowledge()).strangers:
            self._store.items.know_section(sender.orcid, section, strangers=mark)

    def _refuse(self, sender: Sender, key: ItemKey, digest_: str, now: float) -> None:
        self._store.items.refuse(key, digest_, f"409/{duplicate_code(key.section)}: {NOT_SHOWN}")
        self._end_doubt(sender, key, "refused", now)

    def _beside(
        self, sender: Sender, expected: steps.Expected, ours: Sequence[ListedItem], now: float
    ) -> list[steps.FoundItem]:
        """An unknown item of ours has what the PUT of another takes: it is adopted, and found out what it says."""
        facts, section = self._store.items.facts(sender.person), expected.item.section
        takes = frozenset().union(*(item.self_ids for item in facts.wanted if item.key == expected.item))
        unknown = unknown_of(facts, (section, sender, ours))
        entry = next((one for one in unknown if one.put_code == expected.put_code), None)
        if entry is None and expected.put_code is None:
            entry = next((one for one in unknown if one.self_ids & takes), None)
        if entry is None and expected.put_code is None:
            self._refuse(sender, expected.item, expected.digest, now)
            return []
        put_code = entry.put_code if entry is not None else expected.put_code or 0
        found = steps.FoundItem(put_code, expected.item, expected.origin, None if entry else expected.digest)
        if entry is not None and section.lists_whole_items:
            self._take(sender, found, entry.document, {}, now)
            return []
        return [found]

    def _outlived(self, sender: Sender, expected: steps.Expected, taken: AbstractSet[int], now: float) -> None:
        """Another item serves its slot by now: what an earlier POST of ours put there is left over, and still ours.

        It is noted as that even where it is about to be read for the other item, since reading may not come about.
        """
        put_code = expected.put_code
        if put_code is not None and put_code not in taken and expected.origin is Origin.CREATED:
            for intent in self._posted(sender, expected.item):
                if self._store.items.published_as(sender.orcid, expected.item.section, put_code) is None:
                    put_there(self._store, intent, put_code, sender.form.version)
        self._end_doubt(sender, expected.item, "merged", now)

    def _end_doubt(
        self,
        sender: Sender,
        key: ItemKey,
        verdict: str,
        now: float,
        put_code: int | None = None,
        *,
        says: AbstractSet[str] | None = None,
    ) -> None:
        """The POSTs of an item that were answered by 9021 are explained now.

        But not by what has other identities (`says`, where known): it is another item's, and what it made is beside.
        """
        for intent in self._posted(sender, key):
            if says is not None and intent.self_ids and not intent.self_ids & says:
                continue
            told = Outcome(verdict, now, put_code=put_code, detail="a list or the item itself told")
            self._store.intents.close(intent, told)

    def _posted(self, sender: Sender, key: ItemKey) -> list[Intent]:
        return [
            one
            for one in self._store.intents.open_of(sender.person)
            if one.method is Method.POST and one.item == key and one.orcid == sender.orcid
        ]

    def _unknown_ours(
        self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem]
    ) -> tuple[list[tuple[steps.FoundItem, ListedItem]], dict[ItemKey, int]]:
        """Items to be adopted, and the put-codes that serve the slots of wanted items then, by item."""
        facts = facts_of(self._store, sender.person, self._policy)
        section, version = step.section, sender.form.version
        mine = [one for one in facts.published if one.section is section and one.orcid == sender.orcid]
        unknown = Unknown(unknown_of(facts, (section, sender, ours)), version)
        refused = frozenset(item.key for item in facts.wanted if item.key.section is section and item.refusal)
        matched = self._serving(facts, section, mine, refused)
        in_doubt = {one.item for one in facts.intents if is_found_by_lists(one, version)}
        posted = [one for one in facts.intents if one.method is Method.POST and one.orcid == sender.orcid]
        made = _Made.of(step, posted)
        found: list[tuple[steps.FoundItem, ListedItem]] = []
        served: dict[ItemKey, int] = {}
        for one in matched:
            if one.published is not None and not may_readd(one.published, self._policy):
                served |= dict.fromkeys(one.slot.keys, one.published.put_code)
                continue
            entry = None if one.slot.keys & in_doubt else self._entry_for(one.slot, unknown, step.expected)
            if entry is not None:
                served |= dict.fromkeys(one.slot.keys, entry.put_code)
                origin = made.origin(one.slot, entry)
                found.append((steps.FoundItem(entry.put_code, one.slot.winner.key, origin), entry))
        return found, served

    def _wanted_of_v2_1(self, sender: Sender, section: Section) -> Mapping[ItemKey, slots.Slot]:
        """What is wanted where v2.1 does not show all of it, by the item that stands for its slot."""
        if sender.form.version is Version.V3_0:
            return {}
        facts = facts_of(self._store, sender.person, self._policy)
        mine = [one for one in facts.published if one.section is section and one.orcid == sender.orcid]
        return {one.slot.winner.key: one.slot for one in self._serving(facts, section, mine, frozenset())}

    def _serving(
        self, facts: PersonFacts, section: Section, mine: Iterable[Published], refused: frozenset[ItemKey]
    ) -> Sequence[slots.Served]:
        wanted = [item for item in facts.wanted if item.key.section is section and item.digest is not None]
        return serve(wanted, mine, refused, self._policy, facts.contents).served

    def _entry_for(self, slot: slots.Slot, unknown: Unknown, expected: Sequence[steps.Expected]) -> ListedItem | None:
        """What stands for a slot: what 9021 named, under one of its identifiers, our own id, or saying what is wanted.

        Our own id comes second: it may stay on what served the item before it had an identifier, or after it merged.
        """
        own_id = f"{OWN_TYPE}:{self._policy.own_id(slot.winner.key)}"
        named = {one.put_code for one in expected if one.item in slot.keys and not one.beside}
        entry = unknown.take_named(named) or unknown.take(slot.self_ids) or unknown.take({own_id})
        if entry is not None or not unknown.shown_whole:
            return entry
        document = self._wanted_by(slot)
        return unknown.take_saying(document) if document is not None else None

    def _wanted_by(self, slot: slots.Slot) -> Document | None:
        if slot.composed is not None:
            return slot.composed
        kept = self._store.items.document(slot.winner.key)
        return kept_document(kept[1]) if kept is not None else None

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
        adopted = Published(
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
        )
        self._store.items.publish(readded(self._store, adopted), dump(bare) if bare is not None else None)
        self._end_doubt(sender, found.item, "found", now, found.put_code, says=adopted.self_ids if document else None)


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
