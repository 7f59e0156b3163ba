"""An operator's word on held removals (worker/recording/removal_holds.py).

It is carried out in portions, each a transaction, so that others write in between: an emptied source may have some
hundred thousand removals. What an end cuts off stays held. The same command again goes on with it, the other one
decides on it otherwise, and nobody goes on unasked: it may have been cut off because it was a mistake.

- A number stays what it is: those above it are never decided on by it. Up to which numbers was decided is noted, so
  that by none anything is let go that was rejected by an earlier one.
- The adopted items that are left have an id of their own. So it is noted before the first portion which places the
  decided id named: by it exactly these are decided on, whatever came and went.
"""

import json
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypeVar

from state.facts import ItemState, Origin, Published
from state.formers import STANDING
from state.removal_facts import Removal, RemovalState
from state.store import Store
from worker.note_names import REMOVALS_DECIDED, REMOVALS_NAMED
from worker.planning.guarding import STAYS
from worker.recording.removal_holds import (
    ADOPTED,
    REMOVALS,
    Listing,
    adopted_item,
    adopted_listings,
    numbered,
    place_mark,
    up_to,
)

AT_ONCE = 500
"""Removals that are decided on in one transaction: each has some statements."""

One = TypeVar("One", bound=Removal | Published)


def approve_removals(store: Store, hold: str) -> int:
    """Lets go exactly what was listed under an id, and puts its people on the agenda; returns how many removals.

    What was rejected by that id is let go by it, too; 0 when nothing was ever listed so, or is not any more. In
    portions: what an end cuts off stays held, and the same again goes on. Not within a transaction.
    """
    return _decide(store, hold, RemovalState.APPROVED)


def reject_removals(store: Store, hold: str) -> int:
    """Leaves what was listed on the records until its source speaks of it again; returns how many removals.

    In portions, as `approve_removals`.
    """
    return _decide(store, hold, RemovalState.REJECTED)


def _decide(store: Store, hold: str, to: RemovalState) -> int:
    if hold.startswith(REMOVALS):
        return _decide_numbered(store, hold, to)
    return _decide_adopted(store, hold, to) if hold.startswith(ADOPTED) else 0


def _decide_numbered(store: Store, hold: str, to: RemovalState) -> int:
    named = numbered(store, hold)
    if named is None:
        return 0
    source, last = named

    def put(one: Removal) -> bool:
        if to is RemovalState.REJECTED:  # what was adopted is held whatever an operator says, and says why
            store.items.set_state(one.item, ItemState.HELD, STAYS)
        store.removals.put(replace(one, state=to))
        return True

    with store.transaction():
        decided: list[int] = json.loads(store.notes.get(REMOVALS_DECIDED + source) or "[]")
        is_held = next(up_to(last, store.removals.unsent(source, RemovalState.HELD)), None) is not None
        if is_held and last not in decided:
            store.notes.put(REMOVALS_DECIDED + source, json.dumps([*decided, last]))
    if is_held:
        return _by_number(
            store, lambda after: up_to(last, store.removals.unsent(source, RemovalState.HELD, after)), put
        )
    if to is RemovalState.REJECTED:
        return 0
    before = max((one for one in decided if one < last), default=0)
    return _by_number(
        store,
        lambda after: up_to(last, store.removals.unsent(source, RemovalState.REJECTED, max(after, before))),
        lambda one: adopted_item(store, one) is None and put(one),
    )


def _by_number(store: Store, read: Callable[[int], Iterator[Removal]], decide: Callable[[Removal], bool]) -> int:
    """Decides on all that is read, each time behind the last number; on how many `decide` says that it did."""
    number, after, is_over = 0, 0, False
    while not is_over:
        with store.transaction():
            portion = [*islice(read(after), AT_ONCE)]
            number += _decide_portion(store, portion, decide)
        is_over = len(portion) < AT_ONCE
        after = portion[-1].number if portion else 0
        del portion  # else it is there until the next one is
    return number


def _decide_portion(store: Store, portion: Sequence[One], decide: Callable[[One], bool]) -> int:
    persons = [one.person for one in portion if decide(one)]
    for person in sorted(set(persons)):
        store.agenda.changed(person, 0.0, 0.0)
    return len(persons)


class _Named(NamedTuple):
    """What an id of adopted items names: the marks of their places, in order; and when it was first decided on."""

    source: str
    hold: str
    at: float
    marks: "array[int]"

    def has(self, one: Removal | Published) -> bool:
        """Whether it is one of them."""
        mark = place_mark(one)
        found = bisect_left(self.marks, mark)
        return found < len(self.marks) and self.marks[found] == mark


def _decide_adopted(store: Store, hold: str, to: RemovalState) -> int:
    is_approved = to is RemovalState.APPROVED
    named = _noted(store, hold) or _listed(store, hold) or (_rejected(store, hold) if is_approved else None)
    if named is None:
        return 0

    def take(one: Published) -> bool:
        stands = store.items.published_as(one.orcid, one.section, one.put_code)
        if stands is None or not _is_undecided(store, stands):
            return False
        store.removals.put(replace(store.removals.add(one.orcid, one.put_code, stands.item, "", named.at), state=to))
        if is_approved:  # as if we had created it, it goes without being asked about again
            store.items.publish(replace(stands, origin=Origin.CREATED))
        return True

    def let_go(one: Removal) -> bool:
        stands = adopted_item(store, one) if named.has(one) else None
        if stands is None:
            return False
        store.items.publish(replace(stands, origin=Origin.CREATED))
        store.removals.put(replace(one, state=to))
        return True

    _note(store, named)
    number = 0
    found = filter(named.has, store.removals.unwanted())  # outside of transactions: there may be much between them
    while portion := [*islice(found, AT_ONCE)]:
        with store.transaction():
            number += _decide_portion(store, portion, take)
        del portion
    if is_approved:
        number += _by_number(
            store, lambda after: store.removals.unsent(named.source, RemovalState.REJECTED, after), let_go
        )
    if is_approved or number == len(named.marks):  # else those that were rejected have no other id together
        _drop_note(store, named)
    return number


def _is_undecided(store: Store, stands: Published) -> bool:
    """Whether it is adopted still, and nobody else decided on it since it was listed."""
    place = (stands.orcid, stands.section, stands.put_code, "")
    return stands.origin is Origin.ADOPTED and stands.standing in STANDING and store.removals.removal(place) is None


def _note(store: Store, named: _Named) -> None:
    """In place of what another id of the source named, if that was cut off: what is left of it has an id of its own."""
    told = {"hold": named.hold, "at": named.at, "marks": b64encode(named.marks.tobytes()).decode()}
    store.notes.put(REMOVALS_NAMED + named.source, json.dumps(told))


def _noted(store: Store, hold: str) -> _Named | None:
    """What is noted of an id that was decided on, and was cut off."""
    for name, text in store.notes.beginning(REMOVALS_NAMED).items():
        told = json.loads(text)
        if told["hold"] == hold:
            marks = array("Q", b64decode(told["marks"]))
            return _Named(name.removeprefix(REMOVALS_NAMED), hold, told["at"], marks)
    return None


def _drop_note(store: Store, named: _Named) -> None:
    with store.transaction():
        text = store.notes.get(REMOVALS_NAMED + named.source)
        if text is not None and json.loads(text)["hold"] == named.hold:
            store.notes.put(REMOVALS_NAMED + named.source, None)


def _listed(store: Store, hold: str) -> _Named | None:
    """The adopted items that are listed under an id."""
    for source, listing in adopted_listings(store).items():
        if listing.id() == hold:
            return _naming(source, hold, store.now(), listing)
    return None


def _rejected(store: Store, hold: str) -> _Named | None:
    """What was rejected by an id, and stays still. Adopted items that were rejected together were so at one time."""
    for source in store.removals.sources([RemovalState.REJECTED]):
        listings: dict[float, Listing] = {}
        for one in store.removals.unsent(source, RemovalState.REJECTED):
            if adopted_item(store, one) is not None:
                listings.setdefault(one.at, Listing()).add(one)
        for at, listing in listings.items():
            if listing.id() == hold:
                return _naming(source, hold, at, listing)
    return None


def _naming(source: str, hold: str, at: float, listing: Listing) -> _Named:
    return _Named(source, hold, at, array("Q", sorted(listing.marks)))
