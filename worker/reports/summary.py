"""The summary of a run: what `replay` and `sync` print, and the exit code that says whether all is well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from state.brake_facts import Brake
from state.facts import ItemState
from state.store import Store
from worker.calling.circuit import read_circuit
from worker.note_names import CIRCUIT
from worker.watching.tally import Tally

KINDS = ("POST", "POST_BULK", "PUT", "DELETE", "GET")
"""How calls are counted (CONTRACT.md section 2)."""

UNSETTLED = (
    ItemState.PENDING,
    ItemState.WAITING,
    ItemState.REFUSED,
    ItemState.HELD,
    ItemState.STRANDED,
    ItemState.IN_DOUBT,
)
"""States that somebody has to look at, or to wait for."""

NOT_YET_SENT = (ItemState.PENDING, ItemState.IN_DOUBT, ItemState.WAITING)
"""States that `--no-send` leaves behind by its nature."""

LEFT = 3
"""The exit code of work that went well and left something."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Events, dead letters and calls of this run; items, people and gaps of the whole store."""

    events: int
    dead_letters: int
    buried: int
    persons: int
    calls: Mapping[str, int]
    items: Mapping[ItemState, int]
    inbox_messages: int
    seconds: float
    gaps: int
    stopped: str | None
    paused: Sequence[Brake]
    reasons: Sequence[tuple[ItemState, str, int]]

    def as_json(self) -> dict[str, Any]:
        """The one object that `--json` prints."""
        return {
            "events": self.events,
            "dead_letters": self.dead_letters,
            "persons": self.persons,
            "calls": {kind: self.calls.get(kind, 0) for kind in KINDS},
            "items": {state.value: self.items[state] for state in ItemState},
            "inbox_messages": self.inbox_messages,
            "seconds": round(self.seconds, 3),
            "gaps": self.gaps,
        }

    def troubles(self, *, sent: bool) -> list[str]:
        """What keeps the exit code from being 0, in words; empty when all is well."""
        excused = () if sent else NOT_YET_SENT
        found = [
            f"{self.items[state]} {state.value.replace('_', ' ')}"
            for state in UNSETTLED
            if self.items[state] and state not in excused
        ]
        if self.buried:
            found.append(f"{self.buried} in dead letters")
        if self.gaps:
            found.append(f"{self.gaps} gap{'s' if self.gaps > 1 else ''} in the log")
        if self.stopped:
            found.append(f"sending stopped: {self.stopped}")
        return found

    def exit_code(self, *, sent: bool) -> int:
        """0 when all is well, LEFT else."""
        return LEFT if self.troubles(sent=sent) else 0


def summarise(store: Store, tally: Tally, seconds: float) -> Summary:
    """The summary of what this process did, over the store as it is now."""
    circuit = read_circuit(store.notes.get(CIRCUIT))
    return Summary(
        events=tally.all_events,
        dead_letters=tally.dead_letters,
        buried=store.letters.count(),
        persons=len(store.items.persons()),
        calls=dict(tally.calls),
        items=store.items.counts(),
        inbox_messages=sum(tally.inbox_messages.values()),
        seconds=seconds,
        gaps=len(store.logs.gaps()),
        stopped=circuit.why if circuit else None,
        paused=store.brakes.all(),
        reasons=store.items.reasons(3),
    )
