"""The flood stop: when most of what is read can't be taken, reading stops before a topic is emptied into dead letters.

A topic of somebody else's messages, or a producer that broke, is no work for dead letters: an operator decides.
"""

import json
from collections import Counter, deque
from dataclasses import dataclass

from state.facts import DeadLetter
from state.store import Store
from worker.note_names import FLOOD, FLOOD_APPROVED

WINDOW = 200
"""How many of the events read last are looked at."""
MOST = WINDOW // 2
"""More dead letters among them than this are a flood. Those that are known already do not count."""
APPROVED_SECONDS = 86_400.0
"""How long an approval holds at the most; it ends before when events can be taken again."""
FLOOD_HOLD = "flood"
"""What an operator approves it by."""


class FloodError(Exception):
    """Most of what is read can't be taken: one line that names the commonest rule and the first place."""


@dataclass(frozen=True, slots=True)
class _Bad:
    rule: str
    field: str
    place: str


class FloodGate:
    """Counts what becomes of events. Used by one thread; each batch is kept as a whole or not at all."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent = deque[_Bad | None](maxlen=WINDOW)
        self._kept = (self._recent.copy(), 0)
        self._bad = 0
        self._approved = False
        self._was_flooded = False

    def begin(self, now: float) -> None:
        """Before each batch, in its transaction."""
        recent, self._bad = self._kept
        self._recent = recent.copy()
        said = self._store.notes.get(FLOOD_APPROVED)
        self._approved = said is not None and now < float(said) + APPROVED_SECONDS

    def see(self, letter: DeadLetter | None) -> None:
        """One event was taken, or is a dead letter that was not known yet. Raises FloodError."""
        if len(self._recent) == WINDOW and self._recent[0] is not None:
            self._bad -= 1
        if letter is None:
            self._recent.append(None)
            return
        self._recent.append(_Bad(letter.rule, letter.field, letter.place))
        self._bad += 1
        if self._bad > MOST:
            if not self._approved:
                raise FloodError(self._line())
            self._was_flooded = True

    def end(self) -> None:
        """After each batch, in its transaction: an approval ends when most events can be taken again."""
        if self._was_flooded and self._bad <= MOST and len(self._recent) == WINDOW:
            self.end_reading()

    def end_reading(self) -> None:
        """Nothing more is read: an approval that was made use of is over."""
        if self._was_flooded:
            self._was_flooded = False
            self._store.notes.put(FLOOD_APPROVED, None)

    def keep(self) -> None:
        """The batch was applied."""
        self._kept = (self._recent.copy(), self._bad)

    def _line(self) -> str:
        bad = [one for one in self._recent if one is not None]
        (((rule, field), _),) = Counter((one.rule, one.field) for one in bad).most_common(1)
        return (
            f"reading stopped: {len(bad)} of the last {len(self._recent)} events can't be taken, from {bad[0].place}"
            f" on, most often by the rule {rule}{f' ({field})' if field else ''}. If they shall be dead letters:"
            f" `orcid-sync approve {FLOOD_HOLD}`"
        )


def note_flood(store: Store, why: str, decided_by: str) -> None:
    """Has every process stop reading its topics."""
    store.notes.put(FLOOD, json.dumps({"why": why, "decided_by": decided_by}))


def standing_flood(store: Store, decided_by: str | None = None) -> str | None:
    """Why no topic is read; None while they are. It ends when what decides about events is no longer the same."""
    said = store.notes.get(FLOOD)
    if said is None:
        return None
    flood: dict[str, str] = json.loads(said)
    if decided_by is not None and flood["decided_by"] != decided_by:
        store.notes.put(FLOOD, None)
        return None
    return flood["why"]


def approve_flood(store: Store) -> str:
    """Lets everything be read on, until most events can be taken again; returns what to say.

    Before a replay it lets through what would stop it.
    """
    with store.transaction():
        store.notes.put(FLOOD, None)
        store.notes.put(FLOOD_APPROVED, repr(store.now()))
    return "approved: what can't be taken goes into dead letters, until most events can be taken again"
