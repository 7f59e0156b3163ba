"""The store in memory: for simulation and tests, with the same behaviour as the others to the letter."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self

from state.memory.agenda import MemoryAgenda
from state.memory.asks import MemoryAsks
from state.memory.blocks import MemoryBlocks
from state.memory.brakes import MemoryBrakes, MemorySuppressions
from state.memory.consents import MemoryConsents
from state.memory.departures import MemoryDepartures
from state.memory.grants import MemoryGrants
from state.memory.groups import MemoryGroups
from state.memory.intents import MemoryIntents
from state.memory.items import MemoryItems
from state.memory.jobs import MemoryJobs
from state.memory.letters import MemoryLetters
from state.memory.logs import MemoryLogs
from state.memory.moves import MemoryMoves
from state.memory.notes import MemoryNotes
from state.memory.people import MemoryPeople
from state.memory.records import MemoryRecords
from state.memory.removals import MemoryRemovals
from state.memory.state import Handle, MemoryState
from state.memory.tokens import MemoryTokens
from state.memory.turns import MemoryTurns
from state.memory.verdicts import MemoryVerdicts
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


class MemoryStore:
    """The store (state/store.py) in memory. `state` may outlive it: a process that died is a new store on the same."""

    def __init__(self, now: Callable[[], float], state: MemoryState | None = None) -> None:
        """Opens a handle on the state, or on a new one."""
        self.state = state or MemoryState()
        self._now = now
        self._handle = Handle(self.state)
        self.logs: Logs = MemoryLogs(self._handle, now)
        self.records: Records = MemoryRecords(self._handle)
        self.letters: Letters = MemoryLetters(self._handle)
        self.grants: Grants = MemoryGrants(self._handle)
        self.items: Items = MemoryItems(self._handle)
        self.groups: Groups = MemoryGroups(self._handle, now)
        self.departures: Departures = MemoryDepartures(self._handle)
        self.intents: Intents = MemoryIntents(self._handle)
        self.removals: Removals = MemoryRemovals(self._handle)
        self.agenda: Agenda = MemoryAgenda(self._handle, now)
        self.turns: Turns = MemoryTurns(self._handle, now)
        self.verdicts: Verdicts = MemoryVerdicts(self._handle)
        self.notes: Notes = MemoryNotes(self._handle)
        self.tokens: Tokens = MemoryTokens(self._handle)
        self.moves: Moves = MemoryMoves(self._handle)
        self.consents: Consents = MemoryConsents(self._handle)
        self.asks: Asks = MemoryAsks(self._handle)
        self.people: People = MemoryPeople(self._handle)
        self.blocks: Blocks = MemoryBlocks(self._handle)
        self.brakes: Brakes = MemoryBrakes(self._handle)
        self.suppressions: Suppressions = MemorySuppressions(self._handle)
        self.jobs: Jobs = MemoryJobs(self._handle, now)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing."""
        return self._handle.transaction()

    def now(self) -> float:
        """The clock that was given."""
        return self._now()

    def scrub(self) -> None:
        """Nothing is on disk."""

    def twin(self) -> Self:
        """Another handle on the same state."""
        return type(self)(self._now, self.state)

    def close(self) -> None:
        """Closes the handle; the state stays."""
        self._handle.close()
