"""A SQL store: every room over one engine, whichever database it runs on."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

from state.permission_facts import GrantState, KeptToken, token_mark
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
from state.sql.agenda import SqlAgenda
from state.sql.asks import SqlAsks
from state.sql.blocks import SqlBlocks
from state.sql.brakes import SqlBrakes, SqlSuppressions
from state.sql.consents import SqlConsents
from state.sql.departures import SqlDepartures
from state.sql.engine import Engine
from state.sql.grants import SqlGrants
from state.sql.groups import SqlGroups
from state.sql.intents import SqlIntents
from state.sql.items import SqlItems
from state.sql.jobs import SqlJobs
from state.sql.letters import SqlLetters
from state.sql.logs import SqlLogs
from state.sql.moves import SqlMoves
from state.sql.notes import SqlNotes
from state.sql.people import SqlPeople
from state.sql.records import SqlRecords
from state.sql.removals import SqlRemovals
from state.sql.sealed import VAULT_CHECK, GivenUp, SqlSealed
from state.sql.tokens import SqlTokens
from state.sql.turns import SqlTurns
from state.sql.verdicts import SqlVerdicts
from state.store import StoreError
from state.vault import Vault

E = TypeVar("E", bound=Engine)


class SqlStore(ABC, Generic[E]):
    """The store (state/store.py) over an engine."""

    def __init__(self, engine: E, vault: Vault, *, keys_lost: bool = False) -> None:
        """Takes the engine over; raises StoreError, having closed it, when it cannot be used.

        With `keys_lost` it opens although the keys don't fit, for `give_up`.
        """
        self._engine = engine
        self._vault = vault
        self._sealed = SqlSealed(engine, vault)
        self.logs: Logs = SqlLogs(engine)
        self.records: Records = SqlRecords(engine)
        self.letters: Letters = SqlLetters(engine, vault)
        self.grants: Grants = SqlGrants(engine, vault)
        self.intents: Intents = SqlIntents(engine)
        self.removals: Removals = SqlRemovals(engine)
        self.groups: Groups = SqlGroups(engine)
        self.departures: Departures = SqlDepartures(engine)
        self.items: Items = SqlItems(engine, vault)
        self.agenda: Agenda = SqlAgenda(engine)
        self.turns: Turns = SqlTurns(engine)
        self.verdicts: Verdicts = SqlVerdicts(engine)
        self.notes: Notes = SqlNotes(engine)
        self.tokens: Tokens = SqlTokens(engine, vault)
        self.moves: Moves = SqlMoves(engine)
        self.consents: Consents = SqlConsents(engine, vault)
        self.asks: Asks = SqlAsks(engine)
        self.people: People = SqlPeople(engine)
        self.blocks: Blocks = SqlBlocks(engine, vault)
        self.brakes: Brakes = SqlBrakes(engine)
        self.suppressions: Suppressions = SqlSuppressions(engine)
        self.jobs: Jobs = SqlJobs(engine)
        try:
            self._begin(keys_lost=keys_lost)
        except BaseException:
            self.close()
            raise

    def _begin(self, *, keys_lost: bool) -> None:
        if not self._vault.fits(self._vault_check()) and not keys_lost:
            raise StoreError(
                f"ORCID_SYNC_VAULT_KEYS: none of the keys opens the state {self._engine.name};"
                " give the key it was written with"
            )
        if not keys_lost and self.notes.get("tokens-to-mark") is not None:
            self._mark_tokens()

    def _mark_tokens(self) -> None:
        """Keeps the tokens of grants that are older than the table of tokens: by their marks, which SQL can't make."""
        with self.transaction():
            for grant in self.grants.all():
                token = grant.access_token
                if token is not None:
                    revoked = grant.state is GrantState.REVOKED
                    kept = KeptToken(token_mark(token), grant.person, grant.orcid, grant.granted_at, token, revoked)
                    self.tokens.keep(kept)
            self.notes.put("tokens-to-mark", None)

    def _vault_check(self) -> str:
        found = self.notes.get(VAULT_CHECK)
        if found is not None:
            return found
        with self.transaction():  # another process may just be writing its own
            found = self.notes.get(VAULT_CHECK) or self._vault.check_value()
            self.notes.put(VAULT_CHECK, found)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._engine.transaction():
            yield

    def now(self) -> float:
        """The engine's clock."""
        return self._engine.now()

    @property
    def engine(self) -> E:
        """What it runs on."""
        return self._engine

    @property
    def vault(self) -> Vault:
        """What it seals with."""
        return self._vault

    def check(self, *, thoroughly: bool = False) -> None:
        """Raises StoreError when the state is damaged; `thoroughly` looks at what indexes say, too."""
        self._engine.check(thoroughly=thoroughly)

    @abstractmethod
    def scrub(self) -> None:
        """What was erased leaves the files on disk, too."""

    @abstractmethod
    def twin(self) -> Self:
        """Another store on the same state, for another thread."""

    def rekey(self) -> int:
        """Seals everything that is sealed with the newest key, while others work; returns how many values there are.

        Raises VaultError, having changed nothing, when one doesn't open, and when another process goes on sealing with
        an earlier key. Nothing stays that such a key opens.
        """
        count = self._sealed.rekey()
        self.scrub()
        return count

    def give_up(self, *, lose_blocks: bool = False) -> GivenUp:
        """Drops what the keys don't open (state/sql/sealed.py); raises StoreError, having dropped nothing."""
        return self._sealed.give_up(lose_blocks=lose_blocks)

    def close(self) -> None:
        """Closes what it runs on; what is open is rolled back."""
        self._engine.close()
