"""People: a list of them to look through, and all that is known of one. Without tokens."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappers.identifiers import OrcidId, parse_orcid_id
from state.facts import PersonFacts
from state.formers import STANDING
from state.permission_facts import (
    PERMISSIONS,
    Ask,
    Grant,
    GrantState,
    KnownPerson,
    Move,
    PersonPermission,
    Sought,
    permission_word,
)
from state.store import Store
from worker.reports.status import person_status

PAGE = 100
"""People on one page."""
LOOK_SECONDS = 0.8
"""How long people are looked for: two who ask at once are both answered in time (worker/web/store_window.py)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of a list; `permission` is one of PERMISSIONS (state/permission_facts.py)."""

    person: PersonPermission
    permission: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the people that were looked for: of those behind the person `after`, from the first when empty.

    It was looked as far as the person `reached`, behind whom the next page begins; None when that is everybody.
    `has_more`: somebody stands on the next page, as is known already.
    """

    people: Sequence[Listed]
    after: str
    reached: str | None
    has_more: bool


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


def list_people(store: Store, search: str, permission: str, after: str) -> PeoplePage:
    """The next people behind that one, as many as a page holds and are found in LOOK_SECONDS. Raises StoreError.

    `search` is a part of a person's id, or a whole iD in any form; `permission` one of PERMISSIONS. Empty: everybody.
    Who has just that id stands on the first page, however far behind.
    """
    if permission not in {"", *PERMISSIONS}:
        return PeoplePage([], after, None, has_more=False)
    now, until, text = store.now(), time.monotonic() + LOOK_SECONDS, search.strip()
    named = {text, text.upper(), text.lower()} - {""}
    exact = [Sought(person=one, permission=permission) for one in sorted(named) if not after]
    people = [one for sought in exact for one in store.grants.search(sought, now, "", 1).people]

    orcid = _as_orcid(text)
    sought = Sought(part="" if orcid else text, orcid=orcid, permission=permission)
    found: list[PersonPermission] = []
    reached: str | None = after
    while reached is not None and len(found) <= PAGE and (reached == after or time.monotonic() < until):
        look = store.grants.search(sought, now, reached, PAGE + 1 - len(found))
        found += look.people
        reached = look.reached
    has_more = len(found) > PAGE
    if has_more:
        reached = found[PAGE - 1].person
    people += [one for one in found[:PAGE] if one.person not in named]
    return PeoplePage([Listed(one, permission_word(one, now)) for one in people], after, reached, has_more)


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
