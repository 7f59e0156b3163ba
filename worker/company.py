"""Company: the daemons on one state, and whether they go by the same.

While a new mapping file or other settings are rolled out, daemons of both kinds are at work for some minutes. What the
new ones map and plan anew at their start, the old ones may map and plan by theirs again, and nobody would look at it
any more. So each daemon notes what it goes by; once nobody is left who went by something else, one of those that stay
has everything mapped and planned again. Where both made the same of it, that makes no call.
"""

import json

from state.store import Store
from worker.note_names import REPLICA

SAY_SECONDS = 15.0
"""How often a daemon says that it is there."""
GONE_SECONDS = 90.0
"""After so long without a word it is gone."""


class Company:
    """One daemon among those on its state. Used by the loop's thread; times are of the store's clock."""

    def __init__(self, store: Store, name: str, mark: str) -> None:
        """`name` is this process's alone; `mark` is the same for all that map and plan alike."""
        self._store = store
        self._note = f"{REPLICA}{name}"
        self._mark = mark
        self._say_at = float("-inf")

    def is_due(self, now: float) -> bool:
        """Whether it is time to `look`."""
        return now >= self._say_at

    def look(self, now: float) -> bool:
        """Says that we are there. True, to one of all, when the last that went by something else has gone.

        In the caller's transaction, so that what it makes of that is not lost. Raises StoreError.
        """
        self._say_at = now + SAY_SECONDS
        self._store.notes.put(self._note, json.dumps([self._mark, now]))
        others = self._others()
        gone = {note for note, (_, at) in others.items() if at < now - GONE_SECONDS}
        strangers = {note for note, (mark, _) in others.items() if mark != self._mark}
        over = strangers <= gone
        for note in gone if over else gone - strangers:
            self._store.notes.put(note, None)
        return over and bool(strangers)

    def leave(self) -> None:
        """Says that we go, to those who go by something else; without them nothing is said. Raises StoreError."""
        with self._store.transaction():
            strangers = any(mark != self._mark for mark, _ in self._others().values())
            self._store.notes.put(self._note, json.dumps([self._mark, 0.0]) if strangers else None)

    def _others(self) -> dict[str, tuple[str, float]]:
        """What the other daemons go by, or went by, and when they last said so."""
        said = self._store.notes.beginning(REPLICA)
        found = {note: json.loads(text) for note, text in said.items() if note != self._note}
        return {note: (mark, at) for note, (mark, at) in found.items()}
