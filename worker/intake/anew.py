"""Mapping all anew, in steps: every source record once, then a look at everybody, then the count of what that changes.

Each step is a short transaction, so that whoever takes them can do other work in between, tell that it is alive, and
end. What an end cuts off is begun again by the next start, and soon comes to where it was: a record that is mapped is
only passed by, and how far the look at everybody came is noted, as well as what was decided of the holds, and for whom
it is done.

A pass goes through the records once, in the order of their keys. An event that comes meanwhile is mapped by the same
mapping when this process takes it. What a process with another mapping file maps its way behind our back stays so
until that one has gone (worker/company.py): two that each took the other's records for outdated would never end.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from mappers.mapping_file import MappingFile
from mappers.wanted import SourceKey
from state.store import Store
from worker.intake.beside import are_strangers, mark_of
from worker.intake.remapping import hold_of, hold_rewrites, map_again, settle_holds
from worker.note_names import SEEN, UNSEEN
from worker.planning.policy import Policy

RECORDS = 250
"""Source records looked at in one step."""
PEOPLE = 50
"""People looked at in one step: their plans are compared, so it takes about as long."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What is mapped by. `due` puts people on the agenda, in the open transaction."""

    store: Store
    mapping: MappingFile
    policy: Policy
    max_rewrites: int
    due: Callable[[Iterable[str]], None]

    def map_all(self, revision: str, limit: int = RECORDS, *, rewriting: bool) -> Iterator[int]:
        """Maps what was mapped under another revision; after each step, how many records it mapped. Raises StoreError.

        Updates without an event come under a hold, and are counted when all is done.
        """
        hold = hold_of(revision, self.policy, rewriting=rewriting)
        last: SourceKey | None = None
        over = self.store.records.mapped_alike(revision)
        while not over:
            with self.store.transaction():
                found, last = self.store.records.outdated(revision, limit, last)
                persons = map_again(self.store, self.mapping, found, revision, hold, rewriting=rewriting)
                if persons:
                    note_unseen(self.store, "mapping")
                self.due(persons)
            over = last is None
            yield len(found)
        for _ in self._look_at_everybody(hold):
            yield 0
        while not self._settle(hold):
            yield 0

    def _settle(self, hold: str) -> bool:
        """Beside strangers only our own hold: they may not have all under theirs yet."""
        with self.store.transaction():
            only = hold if are_strangers(self.store, mark_of(self.mapping, self.policy)) else None
            persons, is_over = settle_holds(self.store, self.max_rewrites, only)
            self.due(persons)
        return is_over

    def _look_at_everybody(self, hold: str) -> Iterator[None]:
        """Puts the updates without an event under the hold, when there may be any.

        What changed once more meanwhile, by whatever process, is looked at from the beginning. That others have looked
        tells nothing, unless they go by the same.
        """
        reason, mark = self.store.notes.get(UNSEEN), mark_of(self.mapping, self.policy)
        after, was_alone = (None, True) if reason is None else self._seen(reason, mark)
        persons = self.store.items.persons() if after is not None else ()
        while after is not None:
            with self.store.transaction():
                now = self.store.notes.get(UNSEEN)
                if now != reason:
                    reason, after, was_alone, persons = now, "", True, self.store.items.persons()
                portion, alone = _behind(persons, after), not are_strangers(self.store, mark)
                self.due([one for one in portion if hold_rewrites(self.store, one, self.policy, hold, alone=alone)])
                after, was_alone = portion[-1] if portion else None, was_alone and alone
                self.store.notes.put(SEEN, json.dumps([reason, mark, after, was_alone]))
            if portion:
                yield

    def _seen(self, reason: str, mark: str) -> tuple[str | None, bool]:
        """The last that was looked at for the same reason, by the same mapping and policy, and whether alone so far.

        None when all were. Once we are alone, what was looked at beside strangers is looked at again: holds were left.
        """
        noted = json.loads(self.store.notes.get(SEEN) or "[]")
        if noted[:2] != [reason, mark] or not (noted[3] or are_strangers(self.store, mark)):
            return "", True
        last: str | None = noted[2]
        return last, bool(noted[3])


def note_unseen(store: Store, why: str) -> None:
    """Has everybody looked at, from the first person on, by the next that maps anew."""
    store.notes.put(UNSEEN, f"{why} {uuid4().hex}")


def _behind(persons: Sequence[str], after: str) -> Sequence[str]:
    start = bisect_right(persons, after)
    return persons[start : start + PEOPLE]
