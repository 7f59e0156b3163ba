"""A slice: the calls that one lane makes for one record before it is another's turn."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from state.facts import Due
from state.permission_facts import Grant, token_mark
from state.verdict_facts import ProvisionalVerdict
from worker.calling.calls import Request, Sender
from worker.planning import steps
from worker.ports import Ticket
from worker.recording.sent import Sent

SLICE_STEPS = 20
SLICE_SECONDS = 30.0


@dataclass
class Slice:
    """A planned record under lease: the steps left, and the one in flight.

    A `probe` finds out whether what stopped all sending is over, by trying a `suspect` verdict again if there is one;
    `suspended`: whether the record's own trouble is. Without a grant there are only tokens to revoke. `answered`: ORCID
    answered one of its calls.
    """

    due: Due
    grant: Grant | None
    sender: Sender
    pending: deque[steps.CallStep]
    started_at: float
    suspended: bool = False
    probe: bool = False
    suspect: ProvisionalVerdict | None = None
    answered: bool = False
    is_former: bool = False
    made: int = 0
    in_flight: "InFlight | Asking | None" = None

    @property
    def mark(self) -> str:
        """The mark of the token that its calls are made with."""
        token = None if self.grant is None else self.grant.access_token
        return "" if token is None else token_mark(token)

    @property
    def failures(self) -> int:
        """How often in a row the record's calls failed before the one in flight."""
        return 0 if self.answered else self.due.failures

    def is_over(self, now: float) -> bool:
        """True when it is another record's turn: no steps left, or enough made."""
        return not self.pending or self.made >= SLICE_STEPS or now - self.started_at >= SLICE_SECONDS

    def drop_dependants(self, failed: int | None) -> None:
        """Leaves out what comes after a step that was not accepted (None: it was): it is planned anew."""
        if failed is not None:
            self.pending = deque(without_dependants(self.pending, failed))


def without_dependants(pending: Iterable[steps.CallStep], failed: int) -> Iterator[steps.CallStep]:
    """The steps that don't come `after` the one under the put-code `failed`, nor after one left out for that."""
    lost = {failed}
    for step in pending:
        match step:
            case steps.AddWorks(adds=adds):
                kept = tuple(add for add in adds if lost.isdisjoint(add.after))
                if kept:
                    yield replace(step, adds=kept) if len(kept) > 1 else kept[0]
            case steps.Add(after=after) if not lost.isdisjoint(after):
                pass
            case steps.Update(after=after, published=published) if not lost.isdisjoint(after):
                lost.add(published.put_code)
            case _:
                yield step


@dataclass(frozen=True, slots=True)
class InFlight:
    """A call handed to the lanes."""

    ticket: Ticket
    sent: Sent
    request: Request
    at: float


@dataclass(frozen=True, slots=True)
class Asking:
    """A step about a token, handed to the lanes."""

    ticket: Ticket
    step: steps.OAuthStep


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The steps left of a plan whose slice was over, and the lease and revision they were planned under."""

    revision: int
    sender: Sender
    pending: deque[steps.CallStep]
