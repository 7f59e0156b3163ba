"""Holds of removals: what an operator is asked about, and their word on it.

An id names exactly what was listed under it: removals of one source up to a number, or put-codes that were adopted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from mappers.wanted import ItemKey
from state.facts import ItemState, Origin, Published
from state.removal_facts import Removal, RemovalState
from state.store import Store
from worker.planning.guarding import STAYS

REMOVALS = "removals-"
ADOPTED = "adopted-"
DIGITS = 19
"""A number of so many digits or more is none that a store gives."""


class HeldItem(NamedTuple):
    """What would be taken off: all that stands under a put-code, or some fields of it."""

    key: ItemKey
    put_code: int
    empties: bool = False


@dataclass(frozen=True, slots=True)
class HeldRemovals:
    """What of one source is held: by which id, why, and what, each with its put-code."""

    id: str
    source: str
    cause: str
    reason: str
    items: tuple[HeldItem, ...]


def held_removals(store: Store) -> Sequence[HeldRemovals]:
    """What the guard holds, and what was adopted and nothing wants, by source."""
    by_source = sorted(store.removals.held(), key=lambda one: (_source(one), one.number))
    guarded = [_guarded(store, source, tuple(held)) for source, held in groupby(by_source, _source)]
    adopted = sorted(_adopted(store), key=_source)
    return [*guarded, *(_unwanted(source, tuple(items)) for source, items in groupby(adopted, _source))]


def approve_removals(store: Store, hold: str) -> int:
    """Lets go exactly what was listed under an id, and puts its people on the agenda; returns how many removals.

    What was rejected by that id is let go by it, too; 0 when nothing was ever listed so, or is not any more.
    """
    with store.transaction():
        found = _held(store, hold) or _rejected(store, hold)
        for one in found:
            if hold.startswith(ADOPTED):  # as if we had created it, it goes without being asked about again
                _take_for_ours(store, one)
        return _decide(store, found, RemovalState.APPROVED)


def reject_removals(store: Store, hold: str) -> int:
    """Leaves what was listed on the records until its source speaks of it again; returns how many removals."""
    with store.transaction():
        found = _held(store, hold)
        if not hold.startswith(ADOPTED):  # those are held whatever an operator says, and say why
            for one in found:
                store.items.set_state(one.item, ItemState.HELD, STAYS)
        return _decide(store, found, RemovalState.REJECTED)


def _decide(store: Store, found: Sequence[Removal], to: RemovalState) -> int:
    for one in found:
        store.removals.put(replace(one, state=to))
    for person in sorted({one.person for one in found}):
        store.agenda.changed(person, 0.0, 0.0)
    return len(found)


def _held(store: Store, hold: str) -> Sequence[Removal]:
    """What is listed under an id; what was adopted is noted with it."""
    if hold.startswith(REMOVALS):
        return _up_to(store, hold, store.removals.held())
    now = store.now()
    for _, items in groupby(sorted(_adopted(store), key=_source), _source):
        listed = tuple(items)
        if _adopted_id(listed) == hold:
            return [store.removals.add(one.orcid, one.put_code, one.item, "", now) for one in listed]
    return ()


def _rejected(store: Store, hold: str) -> Sequence[Removal]:
    """What was rejected by an id, and stays still. Adopted items that were rejected together were so at one time."""
    rejected = [(one, _is_adopted(store, one)) for one in store.removals.rejected()]
    if hold.startswith(REMOVALS):
        return _up_to(store, hold, [one for one, adopted in rejected if not adopted])
    together = sorted((one for one, adopted in rejected if adopted), key=_decision)
    for _, rows in groupby(together, _decision):
        listed = tuple(rows)
        if _adopted_id(listed) == hold:
            return listed
    return ()


def _decision(one: Removal) -> tuple[str, float]:
    return _source(one), one.at


def _up_to(store: Store, hold: str, removals: Sequence[Removal]) -> Sequence[Removal]:
    """Those of the source and up to the number that an id names; none when that number was never given."""
    mark, _, number = hold.removeprefix(REMOVALS).partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < DIGITS):
        return ()
    found = [one for one in removals if one.number <= int(number) and _mark(_source(one)) == mark]
    return found if found and int(number) <= store.removals.greatest(_source(found[0])) else ()


def _is_adopted(store: Store, one: Removal) -> bool:
    stands = store.items.published_as(one.orcid, one.item.section, one.put_code)
    return stands is not None and stands.origin is Origin.ADOPTED and not one.digest


def _take_for_ours(store: Store, one: Removal) -> None:
    stands = store.items.published_as(one.orcid, one.item.section, one.put_code)
    if stands is not None:
        store.items.publish(replace(stands, origin=Origin.CREATED))


def _guarded(store: Store, source: str, held: tuple[Removal, ...]) -> HeldRemovals:
    window = store.removals.window(source)
    emptied = sum(bool(one.digest) for one in held)
    before = 0 if window is None else window.gone
    parts = (
        f"{len(held)} removals would leave records",
        f" ({emptied} of them updates that only empty fields)" if emptied else "",
        f", after {before} in the same 24 h" if before else "",
        "" if window is None else f", of {window.published} items that {source} had published then",
        ": more than ORCID_SYNC_MAX_REMOVALS or ORCID_SYNC_MAX_REMOVAL_SHARE let go unasked",
    )
    items = tuple(HeldItem(one.item, one.put_code, bool(one.digest)) for one in held)
    return HeldRemovals(f"{REMOVALS}{_mark(source)}-{held[-1].number}", source, "removals", "".join(parts), items)


def _unwanted(source: str, listed: tuple[Published, ...]) -> HeldRemovals:
    reason = "adopted from the records, where another system may share our client, and wanted by nothing"
    items = tuple(HeldItem(one.item, one.put_code) for one in listed)
    return HeldRemovals(_adopted_id(listed), source, "adopted", reason, items)


def _adopted(store: Store) -> list[Published]:
    """What stands on the iD that its person has permission for; on others it is a matter of the person's move."""
    granted: dict[str, str | None] = {}
    unwanted = store.removals.unwanted()
    for one in unwanted:
        if one.person not in granted:
            grant = store.grants.current(one.person)
            granted[one.person] = None if grant is None else grant.orcid
    return [one for one in unwanted if granted.get(one.person) == one.orcid]


def _adopted_id(listed: Sequence[Removal | Published]) -> str:
    places = sorted(f"{one.orcid} {one.item.section} {one.put_code}" for one in listed)
    return f"{ADOPTED}{_mark(' '.join(places))}"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _source(one: Removal | Published) -> str:
    return one.item.record.source
