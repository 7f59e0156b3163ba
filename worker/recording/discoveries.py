"""Discoveries: writes down what a section's list, or items read from a record, tell.

Every method runs inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mappers.documents import digest, dump, self_ids
from mappers.identifiers import OWN_TYPE
from mappers.json_reply import Unreadable
from mappers.orcid_json import ListedItem, read_json, read_listing, source_client
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, Method, Origin, Outcome, PersonFacts, Published, SectionKnowledge, Standing
from state.store import Store
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Replan, Rest
from worker.calling.calls import Sender
from worker.planning import slots, steps
from worker.planning.policy import Policy
from worker.recording.outcomes import unpark

NOT_SHOWN = "409/9021: ORCID has it already, but shows no such item of ours"
"""The reason of an item that ORCID calls a duplicate of something that is not ours to change."""

READ_LIMIT = 100
"""Works in one bulk read (API_FACTS.md 1.4)."""


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
        still_there = self._confirm_missing(facts.published, step.section, sender, entries)
        self._resolve_doubts(facts, step.section, sender, ours, now=now)
        aftermath = self._adopt(step, sender, ours, now)
        if still_there and isinstance(aftermath, Replan):
            return Rest(None, f"put-code {still_there[0]} was not found, but ORCID's list still shows it")
        return aftermath

    def _is_late(self, sender: Sender) -> bool:
        """Whoever holds the lease now may know better than what was read under an old one."""
        return self._store.turns.epoch(sender.orcid) != sender.epoch

    def _confirm_missing(
        self, published: Sequence[Published], section: Section, sender: Sender, entries: Sequence[ListedItem]
    ) -> list[int]:
        """A put-code that a PUT did not find and no list shows was removed by the researcher. Returns the others."""
        there = {entry.put_code for entry in entries}
        still_there = []
        for one in published:
            if one.standing is Standing.MISSING and one.section is section and one.orcid == sender.orcid:
                if one.put_code in there:  # then the 404 was not about the item: it is written again, after a rest
                    self._store.items.publish(replace(one, standing=Standing.LIVE, digest=""))
                    still_there.append(one.put_code)
                else:
                    self._store.items.publish(replace(one, standing=Standing.REMOVED))
                    unpark(self._store, one)
        return still_there

    def _resolve_doubts(
        self, facts: PersonFacts, section: Section, sender: Sender, ours: Sequence[ListedItem], *, now: float
    ) -> None:
        """Ends the doubt of POSTs whose item was withdrawn since: found, or not found by two lists in a row."""
        knowledge = facts.sections.get(section, SectionKnowledge())
        settled = knowledge.listed_at is not None and now >= knowledge.listed_at + self._policy.settle_seconds
        for intent in facts.intents:
            relevant = intent.method is Method.POST and intent.item.section is section and intent.orcid == sender.orcid
            if not relevant or intent.ripe_at > now or self._store.items.document(intent.item) is not None:
                continue
            match_ = next((entry for entry in ours if entry.self_ids & intent.self_ids), None)
            if match_ is not None:
                self._found(intent, match_.put_code, now)
            elif settled and knowledge.listed_at is not None and knowledge.listed_at >= intent.ripe_at:
                self._store.intents.close(intent.id, Outcome("not_found", now, detail="two lists do not show it"))

    def _found(self, intent: Intent, put_code: int, now: float) -> None:
        section = intent.item.section
        self._store.intents.close(intent.id, Outcome("found", now, put_code=put_code, detail="a list shows it"))
        if self._store.items.published_as(intent.orcid, section, put_code) is None:
            self._store.items.publish(
                Published(
                    person=intent.person,
                    orcid=intent.orcid,
                    section=section,
                    put_code=put_code,
                    item=intent.item,
                    digest=intent.digest,
                    own_id=intent.own_id,
                    self_ids=intent.self_ids,
                ),
                intent.document,
            )

    def _adopt(self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem], now: float) -> Aftermath:
        """Items of ours under one of our identifiers, that we did not know, are read and then adopted."""
        found, served = self._unknown_ours(step, sender, ours)
        to_read = {one.item for one in found}
        for expected in step.expected:
            if expected.item in served:
                if expected.item not in to_read:
                    self._end_doubt(sender, expected.item, "merged", now)
            elif expected.put_code is None:
                self._refuse(sender, expected.item, expected.digest, now)
            else:  # lists come from a replica that may lag: the item itself tells
                origin, refused = expected.origin, expected.digest
                found.append(steps.FoundItem(expected.put_code, expected.item, origin, refused))
        if not found:
            self._store.items.know_section(sender.orcid, step.section, listed_at=now)
            return Replan()
        size = READ_LIMIT if step.section is Section.WORK else 1
        chunks = [tuple(found[start : start + size]) for start in range(0, len(found), size)]
        last = len(chunks) - 1
        return Follow(
            tuple(
                steps.ReadItems(step.section, chunk, now if number == last else None)
                for number, chunk in enumerate(chunks)
            )
        )

    def _refuse(self, sender: Sender, key: ItemKey, digest_: str, now: float) -> None:
        self._store.items.refuse(key, digest_, NOT_SHOWN)
        self._end_doubt(sender, key, "refused", now)

    def _end_doubt(self, sender: Sender, key: ItemKey, verdict: str, now: float) -> None:
        """The POSTs of an item that were answered by 9021 are explained now."""
        for intent in self._store.intents.open_of(sender.person):
            if intent.method is Method.POST and intent.item == key and intent.orcid == sender.orcid:
                self._store.intents.close(intent.id, Outcome(verdict, now, detail="a list or the item itself told"))

    def _unknown_ours(
        self, step: steps.ListSection, sender: Sender, ours: Sequence[ListedItem]
    ) -> tuple[list[steps.FoundItem], set[ItemKey]]:
        """Items to be adopted, and the keys of all wanted items whose slot something serves then."""
        facts = self._store.items.facts(sender.person)
        mine = [one for one in facts.published if one.section is step.section and one.orcid == sender.orcid]
        known = {one.put_code for one in mine}
        here = [item for item in facts.wanted if item.key.section is step.section]
        wanted = [item for item in here if item.digest is not None]
        refused = frozenset(item.key for item in here if item.refusal)
        matched, _ = slots.match(slots.group(wanted, self._policy.precedence), mine, refused)
        origins = {expected.item: expected.origin for expected in step.expected}
        found: list[steps.FoundItem] = []
        served: set[ItemKey] = set()
        for one in matched:
            if one.published is not None:
                served |= one.slot.keys
                continue
            key = one.slot.winner.key
            identities = one.slot.self_ids | {f"{OWN_TYPE}:{self._policy.own_id(key)}"}
            entry = next((e for e in ours if e.put_code not in known and e.self_ids & identities), None)
            if entry is not None:
                known.add(entry.put_code)
                served |= one.slot.keys
                origin = min(
                    (origins[other] for other in sorted(one.slot.keys & origins.keys())), default=Origin.ADOPTED
                )
                found.append(steps.FoundItem(entry.put_code, key, origin))
        return found, served

    def read(self, step: steps.ReadItems, sender: Sender, found: replies.Found, now: float) -> Aftermath:
        """Adopts what was read, with the digest of what stands there: an Update follows only on difference."""
        if self._is_late(sender):
            return Replan()
        items = _items(step, found.body)
        for one in step.found:
            item = items.get(one.put_code)
            if one.refused is not None and (item is None or source_client(item) != self._client_id):
                self._refuse(sender, one.item, one.refused, now)
                continue
            adopted, document = self._adopted(step.section, sender, one, item)
            self._store.items.publish(adopted, document)
            self._end_doubt(sender, one.item, "found", now)
        if step.listed_at is not None:
            self._store.items.know_section(sender.orcid, step.section, listed_at=step.listed_at, filled_at=now)
        return Replan() if step.listed_at is not None else GoOn()

    def _adopted(
        self, section: Section, sender: Sender, found: steps.FoundItem, item: Mapping[str, Any] | None
    ) -> tuple[Published, str | None]:
        """What is adopted; unreadable, its digest is unknown, so that it is written over."""
        own_id = self._policy.own_id(found.item)
        try:
            read = read_json(section, item, (own_id,)) if item is not None else None
        except Unreadable:
            read = None
        carried = own_id if read is None or own_id in read.own_ids else None
        identities = self_ids(read.document) if read else frozenset[str]()
        published = Published(
            person=sender.person,
            orcid=sender.orcid,
            section=section,
            put_code=found.put_code,
            item=found.item,
            digest=digest(read.document) if read else "",
            own_id=carried,
            self_ids=identities | ({f"{OWN_TYPE}:{carried}"} if carried else frozenset()),
            origin=found.origin,
        )
        return published, dump(read.document) if read else None


def _items(step: steps.ReadItems, body: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The items by put-code: one alone, or a bulk's, whose order is not the one asked for."""
    if step.section is not Section.WORK:
        return {step.found[0].put_code: body}
    slots_ = body.get("bulk")
    works = [slot.get("work") for slot in slots_ if isinstance(slot, dict)] if isinstance(slots_, list) else []
    return {
        work["put-code"]: work for work in works if isinstance(work, dict) and isinstance(work.get("put-code"), int)
    }
