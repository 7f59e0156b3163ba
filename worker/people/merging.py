"""Merging: two ids turn out to be one person."""

from dataclasses import dataclass

import structlog

from state.permission_facts import GrantState
from state.store import Store

log = structlog.get_logger()


class MergeRefused(Exception):  # noqa: N818 - it names what happened to the merge
    """Two people who can't be merged: one line that says why."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge moved from one person to the other. `former` are the records that they had permissions on before."""

    person: str
    into: str
    items: int
    published: int
    grants: int
    former: tuple[str, ...]


def merge_people(store: Store, person: str, into: str) -> Merged | None:
    """Makes one person of two, in one transaction; None when they are one already. Makes no call.

    Everything kept under `person` is kept under `into` from then on, put-codes and tombstones included; what names
    `person` later means `into`. Of two active permissions the newer one stays; what stands on the other's record is
    moved as after a new permission (ARCHITECTURE.md 6). Raises MergeRefused while one of them is being forgotten.
    """
    with store.transaction():
        person, into = store.people.canonical(person), store.people.canonical(into)
        if person == into:
            return None
        for one in (person, into):
            if store.blocks.blocks_person(one):
                raise MergeRefused(f"{one} is forgotten, or being forgotten: nobody is merged with them")
        facts, grants = store.items.facts(person), store.grants.of_person(person)
        store.people.merge(person, into)
        _keep_one_grant(store, into)
        store.agenda.changed(into, 0.0, 0.0)
        former = tuple(one.orcid for one in store.grants.of_person(into) if one.state is GrantState.REPLACED)
        log.info("people_merged", person=person, into=into, items=len(facts.wanted), published=len(facts.published))
        return Merged(person, into, len(facts.wanted), len(facts.published), len(grants), former)


def _keep_one_grant(store: Store, person: str) -> None:
    """The newest active one: the other is replaced by it, and nobody moves away from its record."""
    active = store.grants.active(person)
    if active is not None:
        store.grants.put(active)
        store.moves.drop(person, active.orcid)
