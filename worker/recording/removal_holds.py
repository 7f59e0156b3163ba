"""Holds of removals: what an operator is asked about, and their word on it.

An id names exactly what was listed under it: removals of one source up to a number, or put-codes that were adopted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby

from mappers.wanted import ItemKey
from state.facts import Origin, Published
from state.removal_facts import Removal, RemovalState
from state.store import Store

REMOVALS = "removals-"
ADOPTED = "adopted-"


@dataclass(frozen=True, slots=True)
class HeldRemovals:
    """What of one source is held: by which id, why, and what, each with its put-code."""

    id: str
    source: str
    cause: str
    reason: str
    items: tuple[tuple[ItemKey, int], ...]


def held_removals(store: Store) -> Sequence[HeldRemovals]:
    """What the guard holds, and what was adopted and nothing wants, by source."""
    by_source = sorted(store.removals.held(), key=lambda one: (_source(one), one.number))
    guarded = [_guarded(store, source, tuple(held)) for source, held in groupby(by_source, _source)]
    adopted = sorted(_adopted(store), key=_source)
    return [*guarded, *(_unwanted(source, tuple(items)) for source, items in groupby(adopted, _source))]


def approve_removals(store: Store, hold: str) -> bool:
    """Lets go exactly what was listed under an id, and puts its people on the agenda; false when nothing is."""
    return _decide(store, hold, RemovalState.APPROVED)


def reject_removals(store: Store, hold: str) -> bool:
    """Leaves what was listed on the records until its source speaks of it again; false when nothing was."""
    return _decide(store, hold, RemovalState.REJECTED)


def _decide(store: Store, hold: str, to: RemovalState) -> bool:
    with store.transaction():
        persons = _guarded_decided(store, hold, to) or _adopted_decided(store, hold, to)
        for person in persons:
            store.agenda.changed(person, 0.0, 0.0)
    return bool(persons)


def _guarded_decided(store: Store, hold: str, to: RemovalState) -> Sequence[str]:
    mark, _, number = hold.removeprefix(REMOVALS).partition("-")
    if not (hold.startswith(REMOVALS) and number.isascii() and number.isdigit()):
        return ()
    sources = store.removals.sources((RemovalState.HELD,))
    source = next((one for one in sources if _mark(one) == mark), None)
    return () if source is None else store.removals.decide(source, RemovalState.HELD, to, int(number[:18]))


def _adopted_decided(store: Store, hold: str, to: RemovalState) -> Sequence[str]:
    """Approved, they are as if we had created them, and go without being asked about again."""
    for _, items in groupby(sorted(_adopted(store), key=_source), _source):
        listed = tuple(items)
        if _adopted_id(listed) == hold:
            for one in listed:
                if to is RemovalState.APPROVED:
                    store.items.publish(replace(one, origin=Origin.CREATED))
                noted = store.removals.add(one.orcid, one.put_code, one.item, "", store.now())
                store.removals.put(replace(noted, state=to))
            return sorted({one.person for one in listed})
    return ()


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
    items = tuple((one.item, one.put_code) for one in held)
    return HeldRemovals(f"{REMOVALS}{_mark(source)}-{held[-1].number}", source, "removals", "".join(parts), items)


def _unwanted(source: str, listed: tuple[Published, ...]) -> HeldRemovals:
    reason = "adopted from the records, where another system may share our client, and wanted by nothing"
    items = tuple((one.item, one.put_code) for one in listed)
    return HeldRemovals(_adopted_id(listed), source, "adopted", reason, items)


def _adopted(store: Store) -> list[Published]:
    """What stands on the iD that its person has permission for; on others it is a matter of the person's move."""
    granted: dict[str, str | None] = {}
    for one in store.removals.unwanted():
        if one.person not in granted:
            grant = store.grants.current(one.person)
            granted[one.person] = None if grant is None else grant.orcid
    return [one for one in store.removals.unwanted() if granted.get(one.person) == one.orcid]


def _adopted_id(listed: tuple[Published, ...]) -> str:
    places = sorted(f"{one.orcid} {one.section} {one.put_code}" for one in listed)
    return f"{ADOPTED}{_mark(' '.join(places))}"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _source(one: Removal | Published) -> str:
    return one.item.record.source
