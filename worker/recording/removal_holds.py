"""Holds of removals: what an operator is asked about (their word on it: worker/recording/removal_words.py).

An id names exactly what was listed under it: removals of one source up to a number, or put-codes that were adopted.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from typing import NamedTuple

from mappers.wanted import ItemKey
from state.facts import Origin, Published
from state.removal_facts import HeldCount, Removal, RemovalState
from state.store import Store

REMOVALS = "removals-"
ADOPTED = "adopted-"
DIGITS = 19
"""A number of so many digits or more is none that a store gives."""
MARK_BYTES = 8
"""Of the mark of a place: that another among some hundred thousand has the same is out of the question."""


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
    adopted = adopted_listings(store)
    return [*guarded, *(_unwanted(source, adopted[source]) for source in sorted(adopted))]


def count_holds(store: Store) -> int:
    """How many `held_removals` are, without reading one of them."""
    return len(store.removals.sources([RemovalState.HELD])) + len(store.removals.unwanted_sources())


def held_items(store: Store, hold: str, source: str) -> Iterator[HeldItem]:
    """What `held_removals` listed of a source under an id just now, however many; by number, or by iD."""
    if hold.startswith(REMOVALS):
        last = int(hold.rpartition("-")[2])
        for one in up_to(last, store.removals.unsent(source, RemovalState.HELD)):
            yield HeldItem(one.item, one.put_code, bool(one.digest))
        return
    for stands in store.removals.unwanted():
        if _source(stands) == source:
            yield HeldItem(stands.item, stands.put_code)


def rejected_removals(store: Store) -> int:
    """How many removals were rejected, and stay."""
    state = RemovalState.REJECTED
    return sum(store.removals.counts(source, 0.0).get(state, 0) for source in store.removals.sources([state]))


class Listing:
    """What is listed of one source, or was rejected of it at one time, in the order of iDs.

    Its id is the mark of all places in their order, a space between two. It is made record by record, for it may be of
    more than fit into memory; of each place only a short mark is kept.
    """

    def __init__(self) -> None:
        self.marks = array("Q")
        self._all = sha256()
        self._record = ""
        self._places: list[str] = []

    def add(self, one: Removal | Published) -> None:
        """One more, behind those of the same record or of those before it."""
        if one.orcid != self._record:
            self._end_record()
            self._record = one.orcid
        self._places.append(_place(one))

    def id(self) -> str:
        """By which it is decided on, when all was added."""
        self._end_record()
        return f"{ADOPTED}{self._all.hexdigest()[:8]}"

    def _end_record(self) -> None:
        for place in sorted(self._places):
            self._all.update(f" {place}".encode() if self.marks else place.encode())
            self.marks.append(_short(place))
        self._places.clear()


def numbered(store: Store, hold: str) -> tuple[str, int] | None:
    """The source and the number that an id names; None when that number was never given."""
    mark, _, number = hold.removeprefix(REMOVALS).partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < DIGITS):
        return None
    sources = store.removals.sources([RemovalState.HELD, RemovalState.REJECTED])
    source = next((one for one in sources if _mark(one) == mark), None)
    return None if source is None or int(number) > store.removals.greatest(source) else (source, int(number))


def up_to(last: int, found: Iterator[Removal]) -> Iterator[Removal]:
    """Those up to a number, of what comes in the order of numbers."""
    return takewhile(lambda one: one.number <= last, found)


def adopted_listings(store: Store) -> Mapping[str, Listing]:
    """By source, what of it was adopted and nothing wants."""
    listings: dict[str, Listing] = {}
    for one in store.removals.unwanted():
        listings.setdefault(_source(one), Listing()).add(one)
    return listings


def adopted_item(store: Store, one: Removal) -> Published | None:
    """What a removal is of, if it was adopted."""
    stands = None if one.digest else store.items.published_as(one.orcid, one.item.section, one.put_code)
    return stands if stands is not None and stands.origin is Origin.ADOPTED else None


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


def _unwanted(source: str, listing: Listing) -> HeldRemovals:
    reason = "adopted from the records, where another system may share our client, and wanted by nothing"
    return HeldRemovals(listing.id(), source, "adopted", reason, len(listing.marks))


def place_mark(one: Removal | Published) -> int:
    """The short mark of an iD, a section and a put-code."""
    return _short(_place(one))


def _short(place: str) -> int:
    return int.from_bytes(sha256(place.encode()).digest()[:MARK_BYTES])


def _place(one: Removal | Published) -> str:
    return f"{one.orcid} {one.item.section} {one.put_code}"


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _source(one: Removal | Published) -> str:
    return one.item.record.source
