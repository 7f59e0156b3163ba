"""A researcher's record: who it belongs to, its state, and its items with what happened to them lately."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from worker.sandbox.inbox import Inbox
from worker.sandbox.messages import JsonObject
from worker.sandbox.versions import V2_1

CHANGES_KEPT: Final = 20_000
"""How many changes of a record can be taken back or read past: a stale list looks no further."""

Claim = tuple[str, "Source", str | None, str, str, str]
"""Section, source, relationship, identifier type, `normalised` or `raw`, value: what a duplicate is found by."""


class RecordState(Enum):
    """What ORCID's profile check sees (API_FACTS section 8)."""

    NORMAL = "normal"
    MISSING = "missing"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"
    DEPRECATED = "deprecated"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class Source:
    """Who an item comes from; two are the same source when all four parts are (API_FACTS section 2.3)."""

    client_id: str | None = None
    orcid: str | None = None
    assertion_origin_orcid: str | None = None
    assertion_origin_client_id: str | None = None

    def is_same(self, other: "Source", version: str) -> bool:
        """Whether both are one source; v2.1 does not look at whose behalf a client wrote on."""
        if version == V2_1:
            return (self.client_id or self.orcid) == (other.client_id or other.orcid)
        return self == other


@dataclass(frozen=True, slots=True)
class Item:
    """One item on a record; `document` is canonical content, never changed in place. Times are epoch milliseconds."""

    put_code: int
    section: str
    source: Source
    visibility: str
    created: int
    modified: int
    document: JsonObject


@dataclass(slots=True)
class Record:
    """One iD's record; `claims_of` says what an item claims, so that a duplicate is found without a search."""

    orcid: str
    name: str | None
    visibility: str
    claims_of: Callable[[Item], Iterable[Claim]]
    state: RecordState = RecordState.NORMAL
    primary: str | None = None
    email: str | None = None
    inbox: Inbox = field(default_factory=Inbox)
    _items: dict[int, Item] = field(default_factory=dict)
    _claims: dict[Claim, list[int]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)
    _changes: deque[tuple[int, int, Item | None]] = field(default_factory=lambda: deque(maxlen=CHANGES_KEPT))
    _mark: int = 0

    def find(self, put_code: int) -> Item | None:
        """The item with this put-code."""
        return self._items.get(put_code)

    def items(self, *sections: str, as_of: int | None = None) -> list[Item]:
        """The items of these sections (of all when none is named) in put-code order, as they stood at `as_of`."""
        standing = self._items if as_of is None else self._standing(as_of)
        return [item for _, item in sorted(standing.items()) if not sections or item.section in sections]

    def count(self, section: str) -> int:
        """How many items a section has, over all sources."""
        return self._counts[section]

    def claimed_by(self, claims: Iterable[Claim]) -> Iterator[int]:
        """The put-codes of items that hold one of these claims."""
        for claim in claims:
            yield from self._claims.get(claim, ())

    def fill(self, items: Iterable[Item]) -> None:
        """These items have always been there."""
        for item in items:
            self._replace(item.put_code, item)

    def put(self, item: Item, now: int) -> None:
        """Add the item, or let it take the place of the one with its put-code."""
        self._change(item.put_code, item, now)

    def remove(self, put_code: int, now: int) -> None:
        """Take the item off the record."""
        self._change(put_code, None, now)

    def mark(self) -> int:
        """Where the record stands now, for `roll_back`."""
        return self._mark

    def roll_back(self, mark: int) -> None:
        """Undo every change since `mark`, as a database does when a transaction fails."""
        while self._mark > mark:
            _, put_code, before = self._changes.pop()
            self._replace(put_code, before)
            self._mark -= 1

    def _standing(self, as_of: int) -> dict[int, Item]:
        standing = dict(self._items)
        for when, put_code, before in reversed(self._changes):
            if when <= as_of:
                break
            if before is None:
                standing.pop(put_code, None)
            else:
                standing[put_code] = before
        return standing

    def _change(self, put_code: int, item: Item | None, now: int) -> None:
        self._changes.append((now, put_code, self._items.get(put_code)))
        self._mark += 1
        self._replace(put_code, item)

    def _replace(self, put_code: int, item: Item | None) -> None:
        before = self._items.pop(put_code, None)
        if before is not None:
            self._counts[before.section] -= 1
            for claim in self.claims_of(before):
                self._claims[claim].remove(put_code)
                if not self._claims[claim]:
                    del self._claims[claim]
        if item is not None:
            self._counts[item.section] += 1
            self._items[put_code] = item
            for claim in self.claims_of(item):
                self._claims.setdefault(claim, []).append(put_code)
