"""Slots: wanted items that ORCID would count as one, and which published item serves each (ARCHITECTURE.md 2 and 6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from mappers.documents import Document
from mappers.wanted import ItemKey
from state.facts import Origin, Published, Standing, Wanted

GONE = frozenset({Standing.REMOVED, Standing.FOREIGN})
"""What we don't touch any more: it keeps its slot, so that nothing is put in its place."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on a record: the item that wins it, and those merged into it.

    `composed` is the document that they say together, where it is not the winner's own (composing.py); the winner has
    its digest and identities then. `said_by` tells which of its fields are another item's.
    """

    winner: Wanted
    merged: tuple[Wanted, ...] = ()
    composed: Document | None = None
    said_by: Mapping[str, ItemKey] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[ItemKey]:
        """The keys of all its items."""
        return frozenset(item.key for item in (self.winner, *self.merged))

    @property
    def self_ids(self) -> frozenset[str]:
        """The identities of all its items."""
        return self.winner.self_ids.union(*(item.self_ids for item in self.merged))


def group(
    items: Iterable[Wanted], precedence: Mapping[str, int], behind: AbstractSet[ItemKey] = frozenset()
) -> list[Slot]:
    """Groups items of one person and section that share a `self` identifier, directly or through others.

    The winner is of the source with the greatest precedence; among equals, items come in the order of their names.
    Items of `behind` win only where all of a slot are among them.
    """
    groups: dict[ItemKey, list[Wanted]] = {}
    home: dict[str, ItemKey] = {}
    for item in sorted(items, key=lambda one: one.key):
        met = {root for identity in item.self_ids if (root := home.get(identity)) is not None}
        root = min(met, default=item.key)
        members = [member for other in sorted(met) for member in groups.pop(other)]
        groups[root] = [*members, item]
        for identity in frozenset(item.self_ids).union(*(member.self_ids for member in members)):
            home[identity] = root
    slots = []
    for members in groups.values():
        first, *others = sorted(
            members, key=lambda one: (one.key in behind, -precedence.get(one.key.record.source, 0), one.key)
        )
        slots.append(Slot(first, tuple(others)))
    return sorted(slots, key=lambda slot: slot.winner.key)


@dataclass(frozen=True, slots=True)
class Served:
    """A slot with the published item that serves it, if any."""

    slot: Slot
    published: Published | None


def match(
    slots: Sequence[Slot],
    published: Iterable[Published],
    kept: frozenset[ItemKey],
    *,
    going: AbstractSet[int] = frozenset(),
) -> tuple[list[Served], list[Published]]:
    """Gives each slot at most one published item; returns those left over beside.

    An item's own put-code first; then one that shares an identifier (a runner-up takes over); then one whose document
    is the same (a source re-keyed its records): both save a Remove and an Add. What serves one of `kept` is not given
    away. What still stands goes before what the researcher removed, what we created as it is wanted before the rest
    (another system's is not preferred, however it stands), and put-codes that are `going` come last of all.
    """
    serves: dict[int, Published] = {}
    by_key = {key: number for number, slot in enumerate(slots) for key in slot.keys}
    by_id = {identity: number for number, slot in enumerate(slots) for identity in sorted(slot.self_ids)}
    by_digest: dict[str, list[int]] = {}
    for number, slot in enumerate(slots):
        by_digest.setdefault(slot.winner.digest or "", []).append(number)

    candidates_by: tuple[Callable[[Published], list[int]], ...] = (
        lambda one: [by_key[one.item]] if one.item in by_key else [],
        lambda one: sorted({by_id[identity] for identity in one.self_ids if identity in by_id}),
        lambda one: by_digest.get(one.digest, []) if one.digest else [],
    )
    ordered = sorted(
        published,
        key=lambda one: (
            one.standing in GONE,
            one.standing is Standing.MISSING,
            one.origin is Origin.ADOPTED or not one.digest or one.digest not in by_digest,
            one.put_code,
        ),
    )
    left: list[Published] = []
    for batch in (
        [one for one in ordered if one.put_code not in going],
        [one for one in ordered if one.put_code in going],
    ):
        unserved = batch
        for candidates in candidates_by:
            waiting, unserved = unserved, []
            for one in waiting:
                free = [] if one.item in kept else [number for number in candidates(one) if number not in serves]
                if free:
                    serves[free[0]] = one
                else:
                    unserved.append(one)
        left += unserved
    return [Served(slot, serves.get(number)) for number, slot in enumerate(slots)], left
