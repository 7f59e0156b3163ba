"""The order of writes where identifiers move between our items (ARCHITECTURE.md 6).

ORCID refuses what would give two items of one source the same `self` identifier, or the same content (API_FACTS.md 4).
So what takes an identity comes after what frees it. A cycle is cut by moving one of its items aside.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from mappers.identifiers import OWN_TYPE
from mappers.wanted import ItemKey
from state.facts import Intent, Published
from worker.planning import steps
from worker.planning.slots import GONE

Write = steps.Add | steps.Update | steps.Remove
T = TypeVar("T", steps.Add, steps.Update)
Opaque = Callable[[steps.Update], str]
"""Our own opaque id for an item that is moved aside."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The identities that the record carries under our put-codes, and those that a POST in doubt may have put there."""

    held: Mapping[int, frozenset[str]]
    doubtful: frozenset[str]

    @classmethod
    def of(cls, published: Iterable[Published], intents: Sequence[Intent]) -> "Claims":
        """By what was accepted last in a section; a PUT in doubt may have changed what an item carries."""
        written: dict[int | None, frozenset[str]] = {}
        for one in intents:  # those without a put-code are POSTs
            written[one.put_code] = written.get(one.put_code, frozenset()) | one.self_ids
        standing = (one for one in published if one.standing not in GONE)
        held = {one.put_code: one.self_ids | written.get(one.put_code, frozenset()) for one in standing}
        return cls(held, written.get(None, frozenset()))


@dataclass(frozen=True, slots=True)
class Order:
    """Writes in their order, and why the items of the others wait."""

    calls: tuple[steps.RecordStep, ...]
    waiting: Mapping[ItemKey, str]


def in_order(writes: Sequence[Write], claims: Claims, opaque: Opaque | None) -> Order:
    """Removals, then updates and additions, each after what frees the identities that it takes.

    What takes an identity that nothing frees now waits, and so does what needs that in turn. A cycle is cut by one
    MoveAside; where `opaque` is None, as items can't do without their identities, updates keep the order they have.
    """
    graph = _Graph(writes, claims)
    waiting = graph.waiting()
    going = [one for one in writes if isinstance(one, steps.Remove) or one.item.key not in waiting]
    removes = [one for one in going if isinstance(one, steps.Remove)]
    updates = [_after(one, graph) for one in going if isinstance(one, steps.Update)]
    adds = [_after(one, graph) for one in going if isinstance(one, steps.Add)]
    ordered = updates if opaque is None else _updates(updates, opaque)
    return Order((*removes, *ordered, *adds), waiting)


class _Graph:
    """Which write takes what from which put-code."""

    def __init__(self, writes: Iterable[Write], claims: Claims) -> None:
        self._claims = claims
        self._writes = tuple(writes)
        self._under = {one.published.put_code: one for one in writes if not isinstance(one, steps.Add)}
        self._holders: dict[str, list[int]] = {}
        for put_code, identities in sorted(claims.held.items()):
            for identity in identities:
                self._holders.setdefault(identity, []).append(put_code)

    def needs(self, taker: steps.Add | steps.Update) -> list[tuple[int, str]]:
        """The put-codes of others that carry what it takes, each with the identity."""
        own = taker.published.put_code if isinstance(taker, steps.Update) else None
        return [
            (put_code, identity)
            for identity in sorted(_takes(taker))
            for put_code in self._holders.get(identity, ())
            if put_code != own
        ]

    def waiting(self) -> dict[ItemKey, str]:
        """The items whose writes can't be sent now, and why: nothing frees what they take."""
        takers = [one for one in self._writes if not isinstance(one, steps.Remove)]
        needs = {one.item.key: self.needs(one) for one in takers}
        after: dict[int, list[steps.Add | steps.Update]] = {}
        for one in takers:
            for put_code, _ in needs[one.item.key]:
                after.setdefault(put_code, []).append(one)
        found: dict[ItemKey, str] = {}
        looked_at = deque(takers)
        while looked_at:
            one = looked_at.popleft()
            why = "" if one.item.key in found else self._hindrance(one, needs[one.item.key], found.keys())
            if why:
                found[one.item.key] = why
                if isinstance(one, steps.Update):  # it frees nothing, so others may have to wait too
                    looked_at.extend(after.get(one.published.put_code, ()))
        return found

    def _hindrance(
        self, taker: steps.Add | steps.Update, needs: Iterable[tuple[int, str]], waiting: AbstractSet[ItemKey]
    ) -> str:
        for put_code, identity in needs:
            if not self._frees(put_code, identity, waiting):
                return f"put-code {put_code} still carries {identity} on the record"
        own = self._claims.held.get(taker.published.put_code, ()) if isinstance(taker, steps.Update) else ()
        doubtful = (_takes(taker) & self._claims.doubtful).difference(own)
        return f"a POST in doubt may have put {min(doubtful)} on the record" if doubtful else ""

    def _frees(self, put_code: int, identity: str, waiting: AbstractSet[ItemKey]) -> bool:
        match self._under.get(put_code):
            case steps.Remove():
                return True
            case steps.Update() as update:
                return update.item.key not in waiting and identity not in _takes(update)
            case _:
                return False


def _takes(write: steps.Add | steps.Update) -> frozenset[str]:
    own = {f"{OWN_TYPE}:{write.own_id}"} if write.own_id else frozenset[str]()
    return write.item.self_ids | own


def _after(write: T, graph: _Graph) -> T:
    after = frozenset(put_code for put_code, _ in graph.needs(write))
    return replace(write, after=after) if after else write


def _updates(updates: Sequence[steps.Update], opaque: Opaque) -> Iterator[steps.RecordStep]:
    """Updates from the free ends of their chains on; of each cycle, the item of the least put-code is moved aside."""
    by_code = {one.published.put_code: one for one in updates}
    order, aside = _cut({code: one.after & by_code.keys() for code, one in by_code.items()})
    for code in order:
        for other in sorted(by_code[code].after & aside):
            aside.remove(other)
            moved = by_code[other]
            reason = "items hand their identifiers round: one of them makes way first"
            yield steps.MoveAside(moved.item, moved.published, opaque(moved), reason, moved.composed)
        aside.discard(code)  # from here on it has made way by its own update
        yield by_code[code]


def _cut(after: Mapping[int, AbstractSet[int]]) -> tuple[tuple[int, ...], set[int]]:
    """Put-codes in an order in which each comes after those that it is `after`, but for some that cut all cycles."""
    order: list[int] = []
    aside: set[int] = set()
    for part in _parts(after):  # each by itself: many small cycles cost no more than they are long
        ordered, cuts = _cut_part({code: after[code] for code in part})
        order.extend(ordered)
        aside |= cuts
    return tuple(order), aside


def _cut_part(after: Mapping[int, AbstractSet[int]]) -> tuple[tuple[int, ...], set[int]]:
    aside: set[int] = set()
    while True:
        graph = {code: sorted(others - aside) for code, others in after.items()}
        try:
            return tuple(TopologicalSorter(graph).static_order()), aside
        except CycleError as error:
            aside.add(min(error.args[1]))


def _parts(after: Mapping[int, AbstractSet[int]]) -> Iterator[list[int]]:
    """Those put-codes together that hang together, in whichever direction; else they keep their order."""
    place = {code: number for number, code in enumerate(after)}
    beside: dict[int, set[int]] = {code: set(others) for code, others in after.items()}
    for code, others in after.items():
        for other in others:
            beside[other].add(code)
    met: set[int] = set()
    for start in after:
        part = [] if start in met else [start]
        met.add(start)
        for code in part:  # it grows while it is gone through
            part.extend(beside[code] - met)
            met |= beside[code]
        if part:
            yield sorted(part, key=place.__getitem__)
