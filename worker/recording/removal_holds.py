"""Holds of removals: what an operator is asked about, and their word on it.

An id names exactly what was listed under it: removals of one source up to a number, or put-codes that were adopted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from mappers.wanted import ItemKey
from state.facts import ItemState, Origin, Published
from state.removal_facts import HeldCount, Removal, RemovalState
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
    """What of one source is held: by which id, why, and how many removals that is."""

    id: str
    source: str
    cause: str
    reason: str
    removals: int


def held_removals(store: Store) -> Sequence[HeldRemovals]:
    """What the guard holds, and what was adopted and nothing wants, by source."""
    guarded = [_guarded(store, one) for one in store.removals.held()]
    adopted = _adopted(store.removals.unwanted())
    return [*guarded, *(_unwanted(source, *adopted[source]) for source in sorted(adopted))]


def count_holds(store: Store) -> int:
    """How many `held_removals` are, without reading one of them."""
    return len(store.removals.sources([RemovalState.HELD])) + len(store.removals.unwanted_sources())


def held_items(store: Store, hold: str) -> Iterator[HeldItem]:
    """What is listed under an id, in the order of numbers, or of iDs, however many."""
    if hold.startswith(REMOVALS):
        for one in _up_to(store, hold, RemovalState.HELD):
            yield HeldItem(one.item, one.put_code, bool(one.digest))
        return
    for stands in _listed(store, hold):
        yield HeldItem(stands.item, stands.put_code)


def rejected_removals(store: Store) -> int:
    """How many removals were rejected, and stay."""
    state = RemovalState.REJECTED
    return sum(store.removals.counts(source, 0.0).get(state, 0) for source in store.removals.sources([state]))


def approve_removals(store: Store, hold: str) -> int:
    """Lets go exactly what was listed under an id, and puts its people on the agenda; returns how many removals.

    What was rejected by that id is let go by it, too; 0 when nothing was ever listed so, or is not any more.
    """
    with store.transaction():
        held = _decide(store, hold, _held(store, hold), RemovalState.APPROVED)
        return held or _decide(store, hold, _rejected(store, hold), RemovalState.APPROVED)


def reject_removals(store: Store, hold: str) -> int:
    """Leaves what was listed on the records until its source speaks of it again; returns how many removals."""
    with store.transaction():
        return _decide(store, hold, _held(store, hold), RemovalState.REJECTED)


def _decide(store: Store, hold: str, found: Iterable[Removal], to: RemovalState) -> int:
    adopted, approved = hold.startswith(ADOPTED), to is RemovalState.APPROVED
    persons: set[str] = set()
    number = 0
    for one in found:
        if adopted and approved:  # as if we had created it, it goes without being asked about again
            _take_for_ours(store, one)
        elif not adopted and not approved:  # what was adopted is held whatever an operator says, and says why
            store.items.set_state(one.item, ItemState.HELD, STAYS)
        store.removals.put(replace(one, state=to))
        persons.add(one.person)
        number += 1
    for person in sorted(persons):
        store.agenda.changed(person, 0.0, 0.0)
    return number


def _held(store: Store, hold: str) -> Iterator[Removal]:
    """What is listed under an id; what was adopted is noted with it."""
    if hold.startswith(REMOVALS):
        return _up_to(store, hold, RemovalState.HELD)
    now = store.now()
    return (store.removals.add(one.orcid, one.put_code, one.item, "", now) for one in _listed(store, hold))


def _listed(store: Store, hold: str) -> Iterator[Published]:
    """The adopted items that are listed under an id."""
    for source, (found, _) in _adopted(store.removals.unwanted()).items():
        if found == hold:
            return (one for one in store.removals.unwanted() if _source(one) == source)
    return iter(())


def _rejected(store: Store, hold: str) -> Iterable[Removal]:
    """What was rejected by an id, and stays still. Adopted items that were rejected together were so at one time."""
    if hold.startswith(REMOVALS):
        return (one for one in _up_to(store, hold, RemovalState.REJECTED) if not _is_adopted(store, one))
    for source in store.removals.sources([RemovalState.REJECTED]):
        rejected = (one for one in store.removals.unsent(source, RemovalState.REJECTED) if _is_adopted(store, one))
        for _, rows in groupby(sorted(rejected, key=_decision), _at):
            listed = tuple(rows)
            if _adopted(listed)[source][0] == hold:
                return listed
    return ()


def _decision(one: Removal) -> tuple[float, str]:
    return one.at, one.orcid


def _at(one: Removal) -> float:
    return one.at


def _up_to(store: Store, hold: str, state: RemovalState) -> Iterator[Removal]:
    """Those of the source and up to the number that an id names; none when that number was never given."""
    mark, _, number = hold.removeprefix(REMOVALS).partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < DIGITS):
        return iter(())
    last = int(number)
    source = next((one for one in store.removals.sources([state]) if _mark(one) == mark), None)
    if source is None or last > store.removals.greatest(source):
        return iter(())
    return takewhile(lambda one: one.number <= last, store.removals.unsent(source, state))


def _is_adopted(store: Store, one: Removal) -> bool:
    stands = store.items.published_as(one.orcid, one.item.section, one.put_code)
    return stands is not None and stands.origin is Origin.ADOPTED and not one.digest


def _take_for_ours(store: Store, one: Removal) -> None:
    stands = store.items.published_as(one.orcid, one.item.section, one.put_code)
    if stands is not None:
        store.items.publish(replace(stands, origin=Origin.CREATED))


def _guarded(store: Store, held: HeldCount) -> HeldRemovals:
    window = store.removals.window(held.source)
    before = 0 if window is None else window.gone
    parts = (
        f"{held.removals} removals would leave records",
        f" ({held.emptied} of them updates that only empty fields)" if held.emptied else "",
        f", after {before} in the same 24 h" if before else "",
        "" if window is None else f", of {window.published} items that {held.source} had published then",
        ": more than ORCID_SYNC_MAX_REMOVALS or ORCID_SYNC_MAX_REMOVAL_SHARE let go unasked",
    )
    hold = f"{REMOVALS}{_mark(held.source)}-{held.last}"
    return HeldRemovals(hold, held.source, "removals", "".join(parts), held.removals)


def _unwanted(source: str, hold: str, number: int) -> HeldRemovals:
    reason = "adopted from the records, where another system may share our client, and wanted by nothing"
    return HeldRemovals(hold, source, "adopted", reason, number)


def _adopted(listed: Iterable[Removal | Published]) -> Mapping[str, tuple[str, int]]:
    """By source, the id of what is listed of it, in the order of iDs, and how many these are.

    An id is the mark of all places in their order, a space between two. It is made record by record, for it may be of
    more places than fit into memory.
    """
    marks: dict[str, Any] = {}
    numbers: Counter[str] = Counter()
    for _, of_record in groupby(listed, lambda one: one.orcid):
        places = [(f"{one.orcid} {one.item.section} {one.put_code}", _source(one)) for one in of_record]
        for place, source in sorted(places):
            mark = marks.setdefault(source, sha256())
            mark.update(f" {place}".encode() if numbers[source] else place.encode())
            numbers[source] += 1
    return {source: (f"{ADOPTED}{mark.hexdigest()[:8]}", numbers[source]) for source, mark in marks.items()}


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _source(one: Removal | Published) -> str:
    return one.item.record.source
