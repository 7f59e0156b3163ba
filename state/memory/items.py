"""Wanted and published items, in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Departure, Group, ItemState, PersonFacts, Published, SectionKnowledge, Standing, Wanted
from state.formers import STANDING, current_grant, ended_grant, former_records
from state.memory.brakes import by_record, in_order
from state.memory.grants import grants_of
from state.memory.removals import removals_of
from state.memory.state import Handle
from state.memory.tables import Kept, Stands, Tables
from state.memory.tokens import living_tokens
from state.permission_facts import Grant, GrantState, MoveState


class MemoryItems:
    """Wanted items, and what is published of them."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def of_record(self, key: SourceKey) -> Sequence[Wanted]:
        """Withdrawn ones included."""
        with self._handle.reading as tables:
            return sorted((kept.wanted for kept in tables.wanted.group("record", key)), key=_by_key)

    def records_of(self, person: str) -> Sequence[SourceKey]:
        """In order."""
        with self._handle.reading as tables:
            items = [kept.wanted.key for kept in tables.wanted.group("person", person)]
            items += [stands.published.item for stands in tables.published.group("person", person)]
            items += [intent.item for intent in tables.open_intents.group("person", person)]
            items += [story.intent.item for story in tables.closed_intents if story.intent.person == person]
            left = {departure.record for departure in tables.departures.group("person", person)}
        return sorted({item.record for item in items} | left)

    def people_of(self, record: SourceKey) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            found = {kept.wanted.key.person for kept in tables.wanted.group("record", record)}
            found |= {one.published.person for one in tables.published if one.published.item.record == record}
            return sorted(found | {intent.person for intent in tables.open_intents.group("record", record)})

    def want(self, wanted: Wanted, document: str | None) -> None:
        """By key."""
        with self._handle.writing as tables:
            tables.wanted.put(wanted.key, Kept(wanted, document))

    def document(self, key: ItemKey) -> tuple[int, str] | None:
        """Revision and document."""
        with self._handle.reading as tables:
            return _document(tables, key)

    def documents(self, keys: Iterable[ItemKey]) -> Mapping[ItemKey, tuple[int, str]]:
        """Of those that have one."""
        wanted_keys = list(keys)
        with self._handle.reading as tables:
            return {key: found for key in wanted_keys if (found := _document(tables, key)) is not None}

    def forget(self, key: ItemKey) -> None:
        """Drops it."""
        with self._handle.writing as tables:
            tables.wanted.drop(key)

    def refuse(self, key: ItemKey, digest: str, reason: str) -> None:
        """ORCID refused this digest."""
        with self._handle.writing as tables:
            kept = tables.wanted.get(key)
            if kept is not None:
                refused = replace(kept.wanted, refused_digest=digest, refused_reason=reason)
                tables.wanted.put(key, Kept(refused, kept.document))

    def unpark(self, person: str, section: Section, reason: str) -> None:
        """By the reason."""
        with self._handle.writing as tables:
            for kept in list(tables.wanted.group("person", person)):
                if kept.wanted.key.section is section and kept.wanted.refused_reason == reason:
                    freed = replace(kept.wanted, refused_digest="", refused_reason="")
                    tables.wanted.put(freed.key, Kept(freed, kept.document))

    def set_state(self, key: ItemKey, state: ItemState, reason: str) -> None:
        """How far it has come."""
        with self._handle.writing as tables:
            kept = tables.wanted.get(key)
            if kept is not None:
                tables.wanted.put(key, Kept(replace(kept.wanted, state=state, reason=reason), kept.document))

    def facts(self, person: str) -> PersonFacts:
        """All that planning for the person reads."""
        with self._handle.reading as tables:
            grants = grants_of(tables, person)
            grant = current_grant(grants)
            wanted = tuple(sorted((kept.wanted for kept in tables.wanted.group("person", person)), key=_by_key))
            published = _in_order(tables.published.group("person", person))
            intents = tuple(sorted(tables.open_intents.group("person", person), key=lambda intent: intent.id))
            tokens = tuple(token for token in living_tokens(tables, person) if token.to_revoke)
            moves = tables.moves.group("person", person)
            return PersonFacts(
                person=person,
                grant=grant,
                suspension=tables.suspensions.get(grant.orcid) if grant else None,
                wanted=wanted,
                published=published,
                intents=intents,
                sections=_sections(tables, grant.orcid) if grant else {},
                groups=_groups(tables, wanted),
                departures=tuple(sorted(tables.departures.group("person", person), key=_by_record)),
                former=former_records(
                    grants,
                    moves,
                    tokens,
                    [*published, *intents],
                    suspension=tables.suspensions.get,
                    sections=lambda orcid: _sections(tables, orcid),
                ),
                tokens=tokens,
                forgetting=tables.forgetting.get(person),
                ended=ended_grant(grants),
                removals={one.place: one for one in removals_of(tables, person)},
                brakes=in_order(brake for brake in tables.brakes if brake.person in {"", person}),
                suppressed={one.record: one.withdraw for one in by_record(tables.suppressions.group("person", person))},
            )

    def persons(self) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            wanting = {kept.wanted.key.person for kept in tables.wanted}
            published = {stands.published.person for stands in tables.published}
            return sorted(wanting | published | {grant.person for grant in tables.grants})

    def counts(self) -> Mapping[ItemState, int]:
        """Every state, zero included."""
        with self._handle.reading as tables:
            found = Counter(kept.wanted.state for kept in tables.wanted)
            for person in {grant.person for grant in tables.grants}:
                found += _left_behind(tables, person)
        return {state: found[state] for state in ItemState}

    def people_in(self, states: Collection[ItemState]) -> Mapping[ItemState, int]:
        """Wanted items, and those left behind."""
        with self._handle.reading as tables:
            found = {(kept.wanted.state, kept.wanted.key.person) for kept in tables.wanted}
            for person in {grant.person for grant in tables.grants}:
                found |= {(state, person) for state in _left_behind(tables, person)}
        return {state: sum(one is state for one, _ in found) for state in states}

    def reasons(self, limit: int) -> Sequence[tuple[ItemState, str, int]]:
        """The most frequent first."""
        with self._handle.reading as tables:
            found = Counter((kept.wanted.state, kept.wanted.reason) for kept in tables.wanted if kept.wanted.reason)
        ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        return [(state, reason, number) for (state, reason), number in ordered[:limit]]

    def holds(self) -> Sequence[tuple[str, str, int]]:
        """By id and reason."""
        with self._handle.reading as tables:
            found: Counter[tuple[str, str]] = Counter()
            for kept in tables.wanted:
                if kept.wanted.hold:
                    found[kept.wanted.hold, kept.wanted.hold_reason] += _stands_otherwise(tables, kept.wanted)
        return [(hold, reason, updates) for (hold, reason), updates in sorted(found.items())]

    def change_hold(
        self, hold: str, to: str, reason: str, *, after: str = "", limit: int | None = None
    ) -> Sequence[str]:
        """In order."""
        with self._handle.writing as tables:
            held = [
                kept
                for kept in tables.wanted
                if hold
                and kept.wanted.hold == hold
                and (kept.wanted.hold, kept.wanted.hold_reason) != (to, reason)
                and kept.wanted.key.person > after
            ]
            persons = sorted({kept.wanted.key.person for kept in held})[:limit]
            chosen = set(persons)
            for kept in held:
                if kept.wanted.key.person in chosen:
                    changed = replace(kept.wanted, hold=to, hold_reason=reason)
                    tables.wanted.put(changed.key, Kept(changed, kept.document))
        return persons

    def publish(self, published: Published, document: str | None = None) -> None:
        """By iD, section and put-code."""
        item = replace(published.item, person=published.person, section=published.section)
        with self._handle.writing as tables:
            key = (published.orcid, published.section, published.put_code)
            before = tables.published.get(key)
            if document is None and before is not None and published.digest in ("", before.published.digest):
                document = before.document
            tables.published.put(key, Stands(replace(published, item=item), document))

    def published_document(self, orcid: OrcidId, section: Section, put_code: int) -> str | None:
        """As accepted last."""
        with self._handle.reading as tables:
            stands = tables.published.get((orcid, section, put_code))
            return None if stands is None else stands.document

    def unpublish(self, orcid: OrcidId, section: Section, put_code: int) -> None:
        """Forgets it."""
        with self._handle.writing as tables:
            tables.published.drop((orcid, section, put_code))

    def published_as(self, orcid: OrcidId, section: Section, put_code: int) -> Published | None:
        """Under a put-code."""
        with self._handle.reading as tables:
            stands = tables.published.get((orcid, section, put_code))
            return None if stands is None else stands.published

    def published(self, *, left_out: bool = False) -> Iterator[Published]:
        """By iD."""
        with self._handle.reading as tables:
            return iter([one for one in _in_order(tables.published) if one.left_out or not left_out])

    def relisting(self, since: float, sections: Collection[Section], now: float) -> tuple[int, int]:
        """Those left, and those done."""
        with self._handle.reading as tables:
            serving = [
                one
                for one in tables.grants
                if one.state is GrantState.ACTIVE and one.access_token and one.expires_at > now
            ]
            places = {
                (grant.orcid, kept.wanted.key.section)
                for grant in serving
                if tables.suspensions.get(grant.orcid) is None
                for kept in tables.wanted.group("person", grant.person)
                if kept.wanted.digest is not None and kept.wanted.key.section in sections
            }
            done = sum(_was_listed(tables.sections.get(place), since) for place in places)
        return len(places) - done, done

    def forget_listings(self, before: float) -> None:
        """Whether listed or filled."""
        with self._handle.writing as tables:
            for place, known in list(tables.sections.items()):
                if not _was_listed(known, before):
                    tables.sections.put(place, replace(known, listed_at=None, filled_at=None))

    def tombstones(self, person: str) -> Sequence[Published]:
        """In order."""
        with self._handle.reading as tables:
            standing = tables.published.group("person", person)
            return _in_order(one for one in standing if one.published.standing is Standing.REMOVED)

    def know_section(
        self,
        orcid: OrcidId,
        section: Section,
        *,
        listed_at: float | None = None,
        filled_at: float | None = None,
        full_until: float | None = None,
        strangers: str | None = None,
    ) -> None:
        """The newest listing, the first filling."""
        with self._handle.writing as tables:
            known = tables.sections.get((orcid, section)) or SectionKnowledge()
            knowledge = SectionKnowledge(
                listed_at=known.listed_at if listed_at is None else listed_at,
                filled_at=filled_at if known.filled_at is None else known.filled_at,
                full_until=known.full_until if full_until is None else full_until,
                strangers=known.strangers if strangers is None else strangers,
            )
            tables.sections.put((orcid, section), knowledge)


_BECOMES: Mapping[MoveState, ItemState] = {
    MoveState.HELD: ItemState.HELD,
    MoveState.REJECTED: ItemState.HELD,
    MoveState.APPROVED: ItemState.PENDING,
    MoveState.STRANDED: ItemState.STRANDED,
}


def _left_behind(tables: Tables, person: str) -> Counter[ItemState]:
    """What stands on the person's former records, by what becomes of it: but for what is withdrawn, counted as such."""
    grants = tables.grants.group("person", person)
    has_moved = len(grants) > 1 or bool(tables.moves.group("person", person))
    current = current_grant(grants) if has_moved else None
    standing = [stands.published for stands in tables.published.group("person", person)]
    here = {one.item for one in standing if current is not None and one.orcid == current.orcid}
    left: Counter[ItemState] = Counter()
    for published in standing:
        if current is None or published.orcid == current.orcid or published.standing not in STANDING:
            continue
        kept = tables.wanted.get(published.item)
        if kept is not None and kept.wanted.withdrawn and published.item not in here:
            continue
        move = tables.moves.get((person, published.orcid))
        grant = tables.grants.get((person, published.orcid))
        left[_BECOMES[move.state] if move else ItemState.HELD if _can_remove(grant) else ItemState.STRANDED] += 1
    return left


def _can_remove(grant: Grant | None) -> bool:
    return grant is not None and grant.access_token is not None and grant.state is not GrantState.REVOKED


def _by_key(wanted: Wanted) -> ItemKey:
    return wanted.key


def _stands_otherwise(tables: Tables, wanted: Wanted) -> bool:
    standing = (one.published for one in tables.published.group("person", wanted.key.person))
    if wanted.digest is not None and wanted.state is ItemState.HELD:
        return True
    return any(
        one.item == wanted.key and one.standing is Standing.LIVE and wanted.digest not in {None, one.digest}
        for one in standing
    )


def _by_record(departure: Departure) -> SourceKey:
    return departure.record


def _in_order(stand: Iterable[Stands]) -> tuple[Published, ...]:
    published = (stands.published for stands in stand)
    return tuple(sorted(published, key=lambda one: (one.orcid, one.section, one.put_code)))


def _document(tables: Tables, key: ItemKey) -> tuple[int, str] | None:
    kept = tables.wanted.get(key)
    return None if kept is None or kept.document is None else (kept.wanted.revision, kept.document)


def _sections(tables: Tables, orcid: OrcidId) -> Mapping[Section, SectionKnowledge]:
    known = ((section, tables.sections.get((orcid, section))) for section in Section)
    return {section: knowledge for section, knowledge in known if knowledge is not None}


def _groups(tables: Tables, wanted: Iterable[Wanted]) -> Mapping[str, Group]:
    named = ((item.group, tables.groups.get(item.group)) for item in wanted)
    return {key: group for key, group in named if group is not None}


def _was_listed(known: SectionKnowledge | None, since: float) -> bool:
    return known is not None and known.listed_at is not None and known.listed_at >= since
