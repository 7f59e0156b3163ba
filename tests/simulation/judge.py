"""The judge: what must hold in the end, by the model, by what researchers did, and by what was sent."""

from collections import Counter
from collections.abc import Iterator

from mappers.events.record_event import RecordEvent
from mappers.forms import Version
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.v2_1 import narrowed
from state.facts import ItemState, Method, Origin, PersonFacts, Published, Standing, Wanted
from state.permission_facts import MoveState
from tests.simulation.life import Life
from tests.simulation.model import Item, Slot
from tests.simulation.researchers import Deletion, standing
from tests.simulation.stage import Person

SETTLED = frozenset({ItemState.IN_SYNC, ItemState.MERGED})


class Judge:
    """Judges a life that was lived."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._v2_1 = life.policy.version is Version.V2_1
        self._deleted = {one.put_code for one in life.researchers.deletions}

    def faults(self) -> Iterator[str]:
        """What is not as it must be, a line each."""
        life = self._life
        yield from life.faults
        yield from life.network.faults
        yield from self._events()
        for code, (orcid, item) in life.researchers.foreign.items():
            if life.sandbox.records[orcid].find(code) != item:
                yield f"somebody else's {item.section} {code} on {orcid} was touched"
        for one in life.people:
            facts = life.store.items.facts(one.id)
            slots = life.model.slots(one.id)
            yield from self._record(one, slots, facts)
            yield from self._wanted(one, slots, facts)
            yield from self._published(one, facts)
            yield from self._former(one, facts)

    # Events.

    def _events(self) -> Iterator[str]:
        """Each is applied, superseded, or a dead letter, and every partition is read to its end."""
        life = self._life
        positions = life.store.logs.positions()
        for log in life.topic.logs:
            if positions.get(log.log, 0) != log.end:
                yield f"{log.log} was read to {positions.get(log.log)} of {log.end}"
        letters = {letter.id for letter in life.store.letters.open()}
        bad = {message.fingerprint() for message in life.sources.bad}
        yield from (f"a dead letter is missing: {one}" for one in sorted(bad - letters))
        for letter in life.store.letters.open():
            if letter.id not in bad:
                yield f"a dead letter that was a good event: {letter.place} {letter.message}"
        for event in life.model.events:
            if event is not None:
                yield from self._accounted(event)
        for key, said in life.model.said.items():
            known = life.store.records.record(key)
            if known is None:
                yield f"{key} is not known"
            elif said.event.sequence is not None and (known.version, known.removed, known.digest) != (
                said.event.sequence,
                said.event.removed,
                said.event.digest,
            ):
                yield f"{key} is known by version {known.version}, not {said.event.sequence}"
            elif said.event.removed != known.removed:
                yield f"{key}: removed is {known.removed}"

    def _accounted(self, event: RecordEvent) -> Iterator[str]:
        notes = self._life.store.records.events(event.record.source, event.record.subject)
        if event.removed and event.sequence is None:
            return  # it changes nothing where its record is removed already, and then nothing is noted
        if not any(note.event_id == event.id for note in notes):
            yield f"event {event.id} about {event.record} is unaccounted for"

    # The present record.

    def _record(self, one: Person, slots: list[Slot], facts: PersonFacts) -> Iterator[str]:
        """Each wanted item stands exactly once as it is wanted; nothing else of ours does."""
        life = self._life
        there = life.network.ours(one.orcid)
        said = {item.put_code: standing(item, life.model) for item in there}
        left = Counter((item.section, said[item.put_code].digest) for item in there)
        needs: Counter[tuple[str, str]] = Counter()
        may: Counter[tuple[str, str]] = Counter()
        about: dict[tuple[str, str], list[Slot]] = {}
        for slot in slots:
            verdict = self._verdict(one, slot)
            for item in slot.items if verdict == "either" else slot.items[:1]:
                place = (str(slot.section), item.digest)
                about.setdefault(place, []).append(slot)
                needs[place] += verdict == "stands"
                may[place] += verdict != "gone"
        for place in sorted(needs.keys() | left.keys()):
            found, least, most = left[place], needs[place], may[place]
            names = " and ".join(str(slot.winner.key) for slot in about.get(place, ()))
            if found < least:
                yield f"{names or place} should stand on {one.orcid} {least} times, and stands {found} times"
            if found > most and not self._is_excused(one, place, facts, found - most):
                codes = [code for code, each in said.items() if each.digest == place[1]]
                named = names or "wanted by nobody"
                yield f"{place[0]} {codes} on {one.orcid} ({named}) should stand {most} times at most"

    def _verdict(self, one: Person, slot: Slot) -> str:
        """Whether a slot's item stands, is gone because a researcher removed it, or may be either."""
        if self._is_not_for_v2_1(slot):
            return "either"
        if self._is_crossed(one, slot):
            return "either"
        about = [each for each in self._life.researchers.deletions if self._is_related(each, one, slot)]
        if not about:
            return "stands"
        return "gone" if any(self._is_final(each, one, slot) for each in about) else "either"

    def _is_not_for_v2_1(self, slot: Slot) -> bool:
        """Whether API v2.1, with which it all ends, can't say what the slot wants: it waits, and what stands stays."""
        return self._v2_1 and (not slot.section.is_in(Version.V2_1) or bool(narrowed(slot.winner.document).lacks))

    def _waits_for_v3(self, one: Person, section: Section) -> bool:
        slots = self._life.model.slots(one.id) if self._v2_1 else ()
        return any(slot.section is section and self._is_not_for_v2_1(slot) for slot in slots)

    def _is_crossed(self, one: Person, slot: Slot) -> bool:
        """Whether an item that stays has one of its identities.

        One from before the store was lost, which nobody removes unasked, nor asks after when the researcher has deleted
        it since; or one that waits for a newer API version.
        """
        waits = self._waits_for_v3(one, slot.section)
        if not (waits or self._life.before_the_loss):
            return False
        published = self._life.store.items.facts(one.id).published
        if any(self._is_believed(each, one, slot.section) and each.self_ids & slot.self_ids for each in published):
            return True
        serves = {each.put_code: each.item for each in published}
        return any(
            (waits or item.put_code in self._life.before_the_loss)
            and item.section == slot.section
            and (said := standing(item, self._life.model)).self_ids & slot.self_ids
            and (said.digest != slot.winner.digest or serves.get(item.put_code) not in slot.keys)
            for item in self._life.network.ours(one.orcid)
        )

    def _is_believed(self, published: Published, one: Person, section: Section) -> bool:
        """Whether it was adopted after the loss, is held, and gone."""
        return (
            (published.orcid, published.section) == (one.orcid, section)
            and published.origin is Origin.ADOPTED
            and published.standing is Standing.LIVE
            and published.put_code in self._life.before_the_loss & self._deleted
        )

    def _crossed(self, one: Person) -> set[ItemKey]:
        return {key for slot in self._life.model.slots(one.id) if self._is_crossed(one, slot) for key in slot.keys}

    def _is_related(self, deletion: Deletion, one: Person, slot: Slot) -> bool:
        """Whether a deletion may have been about what is this slot now."""
        if (deletion.person, deletion.orcid, deletion.section) != (one.id, one.orcid, slot.section):
            return False
        ids = deletion.self_ids.union(*(each.self_ids for each in deletion.slots))
        nameless = not (slot.winner.self_ids or deletion.said.self_ids)
        sources = [{key.record.source for key in keys} for keys in (deletion.touched, slot.keys)]
        digests = {item.digest for item in slot.items}
        is_same = ids & slot.self_ids or deletion.touched & slot.keys or deletion.said.digest in digests
        return bool(is_same or (nameless and sources[0] & sources[1]))

    def _is_final(self, deletion: Deletion, one: Person, slot: Slot) -> bool:
        """Whether nothing since can have ended it: the same items have been the slot all the time."""
        if not deletion.certain or self._life.lost_at is not None or one.moved > deletion.after:
            return False
        before = deletion.slots[0]
        if (before.keys, before.self_ids) != (slot.keys, slot.self_ids):
            return False
        records = {key.record for key in slot.keys}
        for event in self._life.model.events[deletion.after :]:
            if event is None:
                continue
            items = [item for item in self._life.model.items(event) if item.key.section is slot.section]
            own = {item.key: item for item in items if item.key in slot.keys}
            if event.record in records and not all(
                key in own and own[key].self_ids == _of(before, key).self_ids
                for key in slot.keys
                if key.record == event.record
            ):
                return False
            others = [item for item in items if item.key.person == one.id and item.key not in slot.keys]
            if any(item.self_ids & slot.self_ids or not (item.self_ids or slot.self_ids) for item in others):
                return False
        return True

    def _is_excused(self, one: Person, place: tuple[str, str], facts: PersonFacts, number: int) -> bool:
        """What stood there before the store was lost and nobody wants is held; what v2.1 can't say stays as it is."""
        if self._waits_for_v3(one, Section(place[0])):
            return True
        codes = {
            item.put_code
            for item in self._life.network.ours(one.orcid)
            if (item.section, standing(item, self._life.model).digest) == place
        }
        known = {each.put_code: each for each in facts.published}
        crossed = self._crossed(one)
        return number <= sum(
            (code in self._life.before_the_loss and (code not in known or known[code].origin is Origin.ADOPTED))
            or (code in known and known[code].item in crossed)
            for code in codes
        )

    # What we think of it.

    def _wanted(self, one: Person, slots: list[Slot], facts: PersonFacts) -> Iterator[str]:
        known = {item.key: item for item in facts.wanted}
        for slot in slots:
            for item in slot.items:
                if item.key not in known:
                    yield f"{item.key} is wanted, and we don't know it"
                    continue
                yield from self._state(one, slot, item, known[item.key], facts)
        wanted = {key for slot in slots for key in slot.keys}
        for each in facts.wanted:
            if each.digest is not None and each.key not in wanted:
                yield f"{each.key} is not wanted, and we think it is"

    def _state(self, one: Person, slot: Slot, item: Item, known: Wanted, facts: PersonFacts) -> Iterator[str]:
        said = f"{known.key} is {known.state} ({known.reason})"
        expected = ItemState.IN_SYNC if item is slot.winner else ItemState.MERGED
        if known.state is ItemState.HELD and self._has_held_double(known, facts):
            return
        either = self._verdict(one, slot) == "either"
        if either and (self._is_not_for_v2_1(slot) or self._is_crossed(one, slot)):
            return
        if known.state is ItemState.REMOVED_BY_RESEARCHER:
            if not any(self._is_related(each, one, slot) for each in self._life.researchers.deletions):
                yield f"{said}, and no researcher removed it"
        elif known.state is not expected and not (either and known.state in SETTLED):
            yield f"{said} and should be {expected}"

    def _has_held_double(self, known: Wanted, facts: PersonFacts) -> bool:
        """Whether something adopted after the store was lost, which is not removed unasked, hangs on the item too."""
        codes = {each.put_code for each in facts.published if each.item == known.key and each.origin is Origin.ADOPTED}
        return bool(codes & self._life.before_the_loss)

    def _published(self, one: Person, facts: PersonFacts) -> Iterator[str]:
        there = {item.put_code for item in self._life.network.ours(one.orcid)}
        for each in facts.published:
            if each.orcid != one.orcid:
                continue
            if each.standing is Standing.REMOVED and each.put_code not in self._deleted:
                yield f"{each} was not removed by the researcher"
            if each.standing is Standing.LIVE and each.put_code not in there | self._deleted:
                yield f"{each} is gone, and we don't know it"
            if each.standing in (Standing.MISSING, Standing.FOREIGN):
                yield f"{each} is {each.standing}"
        known = {each.put_code for each in facts.published}
        for code in sorted(there - known - self._life.before_the_loss):
            yield f"put-code {code} stands on {one.orcid}, and we don't know it"
        crossed = self._crossed(one)
        for intent in facts.intents:
            waits = intent.item in crossed or self._waits_for_v3(one, intent.item.section)
            if intent.orcid == one.orcid and not waits:
                yield f"an intent is open for ever: {intent.method} {intent.item} {intent.put_code}"

    # Records that were left.

    def _former(self, one: Person, facts: PersonFacts) -> Iterator[str]:
        """Everything of ours is gone there, where a permission let us remove it."""
        store = self._life.store
        for orcid in one.orcids:
            if orcid == one.orcid:
                continue
            move = store.moves.move(one.id, orcid)
            stranded = move is not None and move.state is MoveState.STRANDED
            ours = [item.put_code for item in self._life.network.ours(orcid)]
            unknown = {code for code in ours if code not in {each.put_code for each in facts.published}}
            posted = sum(each.method is Method.POST and each.orcid == orcid for each in facts.intents)
            unasked = posted if self._may_strand(orcid) else 0  # nobody may look whether they were carried out
            if len(unknown - self._life.before_the_loss) > unasked:
                yield f"put-codes {sorted(unknown)} stand on {orcid}, and we don't know them"
            if set(ours) - unknown and not stranded:
                yield f"{orcid} was left, and still has {ours}: {move}"
            if stranded and not self._may_strand(orcid):
                yield f"{move}, though nobody took the permission back"

    def _may_strand(self, orcid: OrcidId) -> bool:
        """Whether the permission there ended, at ORCID or with us, or by its time."""
        return orcid in self._life.ended or any(
            each.expires_at < self._life.clock.now() for each in self._life.sandbox.grants.of(orcid)
        )


def _of(slot: Slot, key: object) -> Item:
    return next(item for item in slot.items if item.key == key)
