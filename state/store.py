"""The store's interface, by room. One contract suite (tests/state) runs over every store.

Each method is one short transaction of its own, or part of the enclosing `transaction()`. A store is used by one
thread; `twin()` opens another on the same state. Every store raises StoreError and nothing of its engine; or
UnkeptError for one value that it cannot keep, and UnicodeEncodeError for a text that is none.
"""

from contextlib import AbstractContextManager
from typing import Protocol, Self

from state.rooms.agenda import Agenda
from state.rooms.asks import Asks
from state.rooms.blocks import Blocks
from state.rooms.brakes import Brakes
from state.rooms.consents import Consents
from state.rooms.departures import Departures
from state.rooms.grants import Grants
from state.rooms.groups import Groups
from state.rooms.intents import Intents
from state.rooms.items import Items
from state.rooms.jobs import Jobs
from state.rooms.letters import Letters
from state.rooms.logs import Logs
from state.rooms.moves import Moves
from state.rooms.notes import Notes
from state.rooms.people import People
from state.rooms.records import Records
from state.rooms.removals import Removals
from state.rooms.suppressions import Suppressions
from state.rooms.tokens import Tokens
from state.rooms.turns import Turns
from state.rooms.verdicts import Verdicts


class StoreError(Exception):
    """The store cannot be used: one line that says why and what to do."""


class UnkeptError(ValueError):
    """A value that this store cannot keep, too large for a key of it say: that one's fault, and not the store's."""


class AwayError(StoreError):
    """The store's server cannot be reached, for a reason that passes: it is down, starting, or the network is."""


class CommitsLostError(StoreError):
    """What was committed last is there no more: a failover, to a server that lagged behind, or a backup took its place.

    Told once to each open store of a process that lost commits, before the next thing that it writes; what was read on
    from it since, and what was sent, is to be looked at again. The newest of what is gone was committed at `lost_at`,
    by the store's clock.
    """

    def __init__(self, why: str, lost_at: float) -> None:
        super().__init__(why)
        self.lost_at = lost_at


class HandedOverError(StoreError):
    """The state was handed over to another store, and is shut for good (state/moving/handover.py)."""


class DamagedError(StoreError):
    """What is kept cannot be understood: it is not as it was written."""

    def __init__(self, error: Exception) -> None:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        super().__init__(f"the state is damaged: something in it cannot be read ({what}): restore a backup")


class Store(Protocol):
    """All rooms, under one transaction."""

    logs: Logs
    records: Records
    letters: Letters
    grants: Grants
    items: Items
    groups: Groups
    departures: Departures
    intents: Intents
    removals: Removals
    agenda: Agenda
    turns: Turns
    verdicts: Verdicts
    notes: Notes
    tokens: Tokens
    moves: Moves
    consents: Consents
    asks: Asks
    people: People
    blocks: Blocks
    brakes: Brakes
    suppressions: Suppressions
    jobs: Jobs

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, visible to others at its end; a transaction within one is a savepoint of it."""
        ...

    def now(self) -> float:
        """The store's clock: seconds since 1970."""
        ...

    def scrub(self) -> None:
        """What was erased leaves the files on disk, too. Not within a transaction; waits for those who read."""
        ...

    def twin(self) -> Self:
        """Another store on the same state, for another thread."""
        ...

    def close(self) -> None:
        """Closes it; open transactions are rolled back."""
        ...
