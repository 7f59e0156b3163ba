"""Counts: what takes a pass over whole tables, made by one process for all that share the store."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from state.facts import ItemState
from state.permission_facts import GrantState
from state.store import Store, StoreError
from worker.note_names import COUNTS
from worker.watching.metric_names import STUCK

COUNT_SHARE = 20.0
"""Counting rests so many times as long as it took."""
SHORT_COUNT = 0.5
"""Counts that took no longer, in seconds, are made anew whenever somebody asks: some 500,000 items on a laptop."""
SHORTEST_CLAIM = 60.0
"""So long, in seconds, nobody else begins at the least where somebody has begun and was not heard of since."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a store held at the time `at` of its clock: items, people with one that somebody has to end, grants."""

    at: float
    items: Mapping[ItemState, int]
    people: Mapping[ItemState, int]
    grants: Mapping[GrantState, int]


@dataclass(frozen=True, slots=True)
class _Noted:
    """Counts, how many seconds they took, and when somebody began to count anew."""

    counts: Counts
    took: float
    claimed_at: float | None = None

    def is_due(self, now: float) -> bool:
        """Whether to count anew; also when the clock was set back."""
        if self.claimed_at is not None:
            rests_until = self.claimed_at + max(SHORTEST_CLAIM, COUNT_SHARE * self.took)
        else:
            rests_until = self.counts.at + self.took + COUNT_SHARE * self.took
        return not self.counts.at <= now < rests_until


def counts_for_all(store: Store) -> Iterator[Counts]:
    """What was noted last; and what is counted now, if that has served its time and nobody else counts. Few or many.

    Only counts that take long are noted: where they are quick every process has its own, of this moment. Raises
    StoreError when they can't be made; that they can't be noted keeps nobody from counting.
    """
    noted = _noted(store)
    if noted is not None:
        yield noted.counts
        if not (noted.is_due(store.now()) and _claim(store)):
            return
    began = monotonic()
    counts = Counts(store.now(), store.items.counts(), store.items.people_in(STUCK), store.grants.counts())
    took = monotonic() - began
    yield counts
    if noted is not None or took > SHORT_COUNT:
        with suppress(StoreError):
            store.notes.put(COUNTS, _text(_Noted(counts, took)) if took > SHORT_COUNT else None)


def _claim(store: Store) -> bool:
    """Whether it is this process that counts anew: then all others are told that it has begun."""
    with suppress(StoreError), store.transaction():
        noted, now = _noted(store), store.now()
        if noted is not None and not noted.is_due(now):
            return False
        if noted is not None:
            store.notes.put(COUNTS, _text(_Noted(noted.counts, noted.took, now)))
    return True


def _noted(store: Store) -> _Noted | None:
    """What stands in the note; None for what another version may have written there."""
    text = store.notes.get(COUNTS)
    if text is None:
        return None
    try:
        told = json.loads(text)
        counts = Counts(
            float(told["at"]),
            {state: int(told["items"][state.value]) for state in ItemState},
            {state: int(told["people"][state.value]) for state in STUCK},
            {state: int(told["grants"][state.value]) for state in GrantState},
        )
        return _Noted(counts, float(told["took"]), told["claimed_at"])
    except (ValueError, LookupError, TypeError):
        return None


def _text(noted: _Noted) -> str:
    counts = noted.counts
    told = {
        "at": counts.at,
        "took": noted.took,
        "claimed_at": noted.claimed_at,
        "items": {state.value: number for state, number in counts.items.items()},
        "people": {state.value: number for state, number in counts.people.items()},
        "grants": {state.value: number for state, number in counts.grants.items()},
    }
    return json.dumps(told)
