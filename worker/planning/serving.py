"""Serving: which put-code serves each slot, and which slots the researcher removed (ARCHITECTURE.md 6).

What stands serves first (slots.py). A tombstone covers its own item, whatever that says by now, unless it stands under
another put-code; and each slot that shares an identifier with it, unless something of ours stands for that slot. So a
removed item does not come back inside of another one that it is merged with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mappers.documents import Document
from mappers.wanted import ItemKey
from state.facts import Origin, Published, Standing, Wanted
from worker.planning import slots
from worker.planning.composing import composed
from worker.planning.policy import Policy


@dataclass(frozen=True, slots=True)
class Serving:
    """Each slot with what serves it; what stands and serves none; tombstones that cover nothing."""

    served: tuple[slots.Served, ...]
    left: tuple[Published, ...]
    idle: tuple[Published, ...]


def may_readd(published: Published, policy: Policy) -> bool:
    """Whether what the researcher removed is created again: by the policy, and once."""
    return policy.readd and published.standing is Standing.REMOVED and published.origin is not Origin.READDED


def serve(
    documents: Sequence[Wanted],
    published: Iterable[Published],
    kept: frozenset[ItemKey],
    policy: Policy,
    contents: Mapping[str, Document],
    *,
    going: AbstractSet[int] = frozenset(),
) -> Serving:
    """Groups the wanted documents of a section into slots, and tells what serves each of them.

    What serves one of `kept` is not given away. `contents` holds what composing needs. What stands under put-codes of
    `going` may be removed by a call under way: it serves what nothing else does.
    """
    ours = sorted(published, key=lambda one: one.put_code)
    standing = [one for one in ours if one.standing is not Standing.REMOVED]
    buried = _Buried([one for one in ours if one.standing is Standing.REMOVED and one.item not in kept], policy)
    stands = {one.item for one in standing}
    gone = buried.own(documents, standing)
    alive = [item for item in documents if item.key not in gone]
    groups = slots.group(alive, policy.precedence, buried.sharing(alive) - stands)
    matched, left = slots.match([composed(slot, policy, contents) for slot in groups], standing, kept, going=going)
    served: list[slots.Served] = []
    for one in matched:
        tombstone = buried.take(one.slot) if one.published is None else None
        if tombstone is not None and not may_readd(tombstone, policy):
            gone |= dict.fromkeys(one.slot.keys, tombstone)
        else:
            served.append(one if tombstone is None else slots.Served(one.slot, tombstone))
    served += _covered([item for item in documents if item.key in gone], gone, policy)
    used = {one.published.put_code for one in served if one.published is not None}
    idle = tuple(one for one in buried.tombstones if one.put_code not in used)
    return Serving(tuple(sorted(served, key=lambda one: one.slot.winner.key)), tuple(left), idle)


def _covered(items: Sequence[Wanted], gone: Mapping[ItemKey, Published], policy: Policy) -> Iterator[slots.Served]:
    """The slots of what the researcher removed; of several tombstones, one that is of an item of the slot."""
    for slot in slots.group(items, policy.precedence):
        keys = sorted(slot.keys)
        own = next((gone[key] for key in keys if gone[key].item in slot.keys), None)
        yield slots.Served(slot, own or gone[slot.winner.key])


class _Buried:
    """The tombstones of a section; those that are respected come first."""

    def __init__(self, tombstones: Iterable[Published], policy: Policy) -> None:
        self.tombstones = sorted(tombstones, key=lambda one: (may_readd(one, policy), one.put_code))
        self._policy = policy
        self._by_identity: dict[str, Published] = {}
        for one in reversed(self.tombstones):
            self._by_identity.update(dict.fromkeys(one.self_ids, one))
        self._free: list[Published] = []

    def own(self, documents: Iterable[Wanted], standing: Iterable[Published]) -> dict[ItemKey, Published]:
        """The wanted items that are respected tombstones' own, each with its tombstone.

        By what identifies them now it covers others too, but not by what something that stands carries.
        """
        wanted = {item.key: item for item in documents}
        stands = {one.item for one in standing}
        carried = frozenset[str]().union(*(one.self_ids for one in standing if one.standing not in slots.GONE))
        self._free = [one for one in self.tombstones if one.item not in wanted or may_readd(one, self._policy)]
        respected = [one for one in reversed(self.tombstones) if not may_readd(one, self._policy)]
        found = {one.item: one for one in respected if one.item in wanted and one.item not in stands}
        for key, one in found.items():
            for identity in wanted[key].self_ids - carried:
                self._by_identity.setdefault(identity, one)
        return found

    def sharing(self, items: Iterable[Wanted]) -> frozenset[ItemKey]:
        """Those that share an identifier with a respected tombstone: others win a slot before them."""
        respected = {key for key, one in self._by_identity.items() if not may_readd(one, self._policy)}
        return frozenset(item.key for item in items if item.self_ids & respected)

    def take(self, slot: slots.Slot) -> Published | None:
        """The tombstone of a slot for which nothing stands: by an identifier, its own item, or just what it said."""
        found = [one for identity in sorted(slot.self_ids) if (one := self._by_identity.get(identity)) is not None]
        found += [one for one in self._free if one.item in slot.keys]
        found.sort(key=self.tombstones.index)
        if found:
            return found[0]
        same = next((one for one in self._free if one.digest and one.digest == slot.winner.digest), None)
        if same is not None:
            self._free.remove(same)
        return same
