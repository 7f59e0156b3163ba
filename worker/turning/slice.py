"""A slice: the calls that one lane makes for one record before it is another's turn."""

from collections import deque
from dataclasses import dataclass

from state.facts import Due, Grant
from worker.calling.calls import Request, Sender
from worker.planning import steps
from worker.ports import Ticket
from worker.recording.outcomes import Sent

SLICE_STEPS = 20
SLICE_SECONDS = 30.0


@dataclass
class Slice:
    """A planned record under lease: the steps left, and the one in flight.

    A `probe` finds out whether what stopped all sending is over; `suspended`: whether the record's own trouble is.
    """

    due: Due
    grant: Grant
    sender: Sender
    pending: deque[steps.CallStep]
    started_at: float
    suspended: bool = False
    probe: bool = False
    made: int = 0
    in_flight: "InFlight | None" = None

    def is_over(self, now: float) -> bool:
        """True when it is another record's turn: no steps left, or enough made."""
        return not self.pending or self.made >= SLICE_STEPS or now - self.started_at >= SLICE_SECONDS


@dataclass(frozen=True, slots=True)
class InFlight:
    """A call handed to the lanes."""

    ticket: Ticket
    sent: Sent
    request: Request
    at: float
