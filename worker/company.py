"""Company: the daemons on one state, and whether they go by the same.

While a new mapping file or other settings are rolled out, daemons of both kinds are at work for some minutes. What the
new ones map and plan anew at their start, the old ones may map and plan by theirs again, and nobody would look at it
any more. So each daemon notes what it goes by; once nobody is left who went by something else, one of those that stay
has everything mapped and planned again. Where both made the same of it, that makes no call.

That this is owed stands in a note, with the name of who is at it, until somebody who goes by the same has begun and
ended. When that one is gone before, or never heard that its transaction was committed, the next that looks takes it on.
"""

import json
from collections.abc import Collection
from uuid import uuid4

from state.store import Store
from worker.intake.beside import LEFT, daemons
from worker.note_names import OWED, REPLICA
from worker.policies import look_again

SAY_SECONDS = 15.0
"""How often a daemon says that it is there."""
GONE_SECONDS = 90.0
"""After so long without a word it is gone."""
AWAY_SECONDS = 60.0
"""Who was so long without a word itself, as while the store was down, can't tell yet who else has gone."""


class Company:
    """One daemon among those on its state. Used by the loop's thread; times are of the store's clock."""

    def __init__(self, store: Store, name: str, mark: str) -> None:
        """`name` is this process's alone; `mark` is the same for all that map and plan alike."""
        self._store = store
        self._name = name
        self._note = f"{REPLICA}{name}"
        self._mark = mark
        self._say_at = float("-inf")
        self._looked = False
        self._at: str | None = None

    def is_due(self, now: float) -> bool:
        """Whether it is time to `look`."""
        return now >= self._say_at

    def look(self, now: float) -> bool:
        """Says that we are there. True when it is ours to map all anew, from the first record on, until `mapped`.

        So it is to one of all when the last that went by something else has gone: then everybody is to be planned
        again. And it is when what is owed was taken on by nobody who is there, and at a first look, since a daemon maps
        all at its start. Raises StoreError: then it is due at once, so that whoever is to count does not send before.
        """
        with self._store.transaction():
            self._store.notes.put(self._note, json.dumps([self._mark, now]))
            others = self._others()
            was_away = self._looked and now > self._say_at - SAY_SECONDS + AWAY_SECONDS
            since = LEFT if was_away else now - GONE_SECONDS
            gone = {note for note, (_, at) in others.items() if at == LEFT or at < since}
            strangers = {note for note, (mark, _) in others.items() if mark != self._mark}
            over = strangers <= gone
            for note in gone if over else gone - strangers:
                self._store.notes.put(note, None)
            if over and strangers:
                look_again(self._store)
                owed: str | None = uuid4().hex
            else:
                owed = self._left_undone(others.keys() - gone)
            if owed is not None:
                self._store.notes.put(OWED, json.dumps([self._mark, owed, self._name]))
        self._looked, self._say_at, self._at = True, now + SAY_SECONDS, owed or self._at
        return owed is not None

    def _left_undone(self, there: Collection[str]) -> str | None:
        """What is owed by those who go by the same, and nobody of those that are there is at it."""
        mark, owed, name = self._owed()
        others = mark != self._mark or (self._looked and f"{REPLICA}{name}" in there)
        return None if others or owed == self._at else owed

    def mapped(self) -> None:
        """All is mapped: what we took on is owed no more. Raises StoreError: then it is to be said again."""
        if self._at is None:
            return
        with self._store.transaction():
            if self._owed()[1] == self._at:
                self._store.notes.put(OWED, None)
        self._at = None

    def _owed(self) -> tuple[str | None, str | None, str | None]:
        """By daemons that go by what, which time it is, and who is at it; all None when nothing is."""
        mark, owed, name = json.loads(self._store.notes.get(OWED) or "[null, null, null]")
        return mark, owed, name

    def leave(self) -> None:
        """Says that we go, to those who go by something else; without them nothing is said. Raises StoreError."""
        with self._store.transaction():
            strangers = any(mark != self._mark for mark, _ in self._others().values())
            self._store.notes.put(self._note, json.dumps([self._mark, LEFT]) if strangers else None)

    def _others(self) -> dict[str, tuple[str, float]]:
        """What the other daemons go by, or went by, and when they last said so."""
        return {note: said for note, said in daemons(self._store).items() if note != self._note}
