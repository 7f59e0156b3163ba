"""People: a list of them to look through, and all that is known of one. Without tokens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappers.identifiers import OrcidId, parse_orcid_id
from state.facts import PersonFacts
from state.formers import STANDING
from state.permission_facts import Ask, Grant, GrantState, KnownPerson, Move, PersonPermission
from state.store import Store
from worker.reports.overview import permission_word
from worker.reports.status import person_status

PAGE = 100
"""People on one page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of a list; `permission` is one of overview.py's PERMISSIONS."""

    person: PersonPermission
    permission: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the people that were looked for; `number` counts from 1, `found` counts all of them."""

    people: Sequence[Listed]
    number: int
    pages: int
    found: int


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of the person's besides the one that they allow us to write, and how much of ours stands there."""

    orcid: OrcidId
    items: int
    move: Move | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that is known of one person. `status` is that of `status --person`; None when nothing was said of them yet.

    `merged_from` is the id that was asked for, when it was merged into this person.
    """

    id: str
    merged_from: str
    permission: str
    known: KnownPerson
    status: dict[str, Any] | None
    grants: Sequence[Grant]
    others: Sequence[OtherRecord]
    asks: Sequence[Ask]
    is_forgotten: bool


def list_people(store: Store, search: str, permission: str, number: int) -> PeoplePage:
    """The page of that number, or the nearest there is. Raises StoreError.

    `search` is a part of a person's id, or a whole iD in any form; `permission` one of overview.py's. Empty: everybody.
    """
    now = store.now()
    orcid = _as_orcid(search)
    text = search.strip().casefold()
    found = (
        Listed(one, word)
        for one in store.grants.permissions()
        if (text in one.person.casefold() or (orcid is not None and one.orcid == orcid))
        and (word := permission_word(one, now))
        and permission in {"", word}
    )
    shown: list[Listed] = []  # of the page that was asked for, or else of the last
    at, count = max(1, number), 0
    for one in found:
        if count % PAGE == 0 and count < at * PAGE:
            shown = []
        if count < at * PAGE:
            shown.append(one)
        count += 1
    pages = max(1, -(-count // PAGE))
    return PeoplePage(shown, min(at, pages), pages, count)


def _as_orcid(search: str) -> OrcidId | None:
    try:
        return parse_orcid_id(search)
    except ValueError:
        return None


def person_page(store: Store, asked: str) -> PersonPage | None:
    """One person, by any id they ever had; None when nothing is known of them. Raises StoreError."""
    person = store.people.canonical(asked)
    status = person_status(store, person)
    known, grants, asks = store.people.person(person), store.grants.of_person(person), store.asks.of_person(person)
    if status is None and not asks and known == KnownPerson(person):
        return None
    facts = store.items.facts(person)
    newest = next((one for one in grants if one.state is GrantState.ACTIVE), next(iter(grants), None))
    return PersonPage(
        id=person,
        merged_from="" if asked == person else asked,
        permission=permission_word(_permission(newest, known), store.now()),
        known=known,
        status=status,
        grants=grants,
        others=_others(store, facts),
        asks=asks,
        is_forgotten=facts.forgetting is not None,
    )


def _permission(grant: Grant | None, known: KnownPerson) -> PersonPermission:
    if grant is None:
        return PersonPermission(known.id, None, "", None, "", 0.0, 0.0, known.denied_at)
    return PersonPermission(
        known.id,
        grant.orcid,
        grant.name,
        grant.state,
        grant.reason,
        grant.granted_at,
        grant.expires_at,
        known.denied_at,
    )


def _others(store: Store, facts: PersonFacts) -> list[OtherRecord]:
    current = facts.grant.orcid if facts.grant else None
    moves = {move.orcid: move for move in store.moves.of_person(facts.person)}
    standing = Counter(one.orcid for one in facts.published if one.standing in STANDING and one.orcid != current)
    return [OtherRecord(orcid, standing[orcid], moves.get(orcid)) for orcid in sorted({*standing, *moves})]
