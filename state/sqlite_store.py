"""The SQLite store: one file, through sqlite-utils, in write-ahead mode."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

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
from state.sql.grants import SqlGrants
from state.sql.groups import SqlGroups
from state.sql.intents import SqlIntents
from state.sql.items import SqlItems
from state.sql.letters import SqlLetters
from state.sql.logs import SqlLogs
from state.sql.migrations import STEPS
from state.sql.moves import SqlMoves
from state.sql.notes import SqlNotes
from state.sql.people import SqlPeople
from state.sql.records import SqlRecords
from state.sql.removals import SqlRemovals
from state.sql.sealed import VAULT_CHECK, GivenUp, SqlSealed
from state.sql.tokens import SqlTokens
from state.sql.turns import SqlTurns
from state.sql.verdicts import SqlVerdicts
from state.sqlite_engine import SqliteEngine
from state.store import StoreError
from state.vault import Vault


class SqliteStore:
    """The store (state/store.py) in one SQLite file."""

    def __init__(self, path: Path | str, vault: Vault, now: Callable[[], float], *, keys_lost: bool = False) -> None:
        """Opens or makes the file; raises StoreError when it cannot be used.

        With `keys_lost` it opens although the keys don't fit, for `give_up`.
        """
        self._engine = SqliteEngine(path, now, STEPS)
        self._vault = vault
        self._sealed = SqlSealed(self._engine, vault)
        self.logs: Logs = SqlLogs(self._engine)
        self.records: Records = SqlRecords(self._engine)
        self.letters: Letters = SqlLetters(self._engine, vault)
        self.grants: Grants = SqlGrants(self._engine, vault)
        self.intents: Intents = SqlIntents(self._engine)
        self.removals: Removals = SqlRemovals(self._engine)
        self.groups: Groups = SqlGroups(self._engine)
        self.departures: Departures = SqlDepartures(self._engine)
        self.items: Items = SqlItems(self._engine, vault)
        self.agenda: Agenda = SqlAgenda(self._engine)
        self.turns: Turns = SqlTurns(self._engine)
        self.verdicts: Verdicts = SqlVerdicts(self._engine)
        self.notes: Notes = SqlNotes(self._engine)
        self.tokens: Tokens = SqlTokens(self._engine, vault)
        self.moves: Moves = SqlMoves(self._engine)
        self.consents: Consents = SqlConsents(self._engine, vault)
        self.asks: Asks = SqlAsks(self._engine)
        self.people: People = SqlPeople(self._engine)
        self.blocks: Blocks = SqlBlocks(self._engine, vault)
        self.brakes: Brakes = SqlBrakes(self._engine)
        self.suppressions: Suppressions = SqlSuppressions(self._engine)
        if not vault.fits(self._vault_check()) and not keys_lost:
            self.close()
            raise StoreError(
                f"ORCID_SYNC_VAULT_KEYS: none of the keys opens the state {path}; give the key it was written with"
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
        """The machine's clock."""
        return self._engine.now()

    @property
    def engine(self) -> SqliteEngine:
        """What it runs on."""
        return self._engine

    def at(self, path: Path) -> Self:
        """A store on another file, under the same keys and clock."""
        return type(self)(path, self._vault, self._engine.now)

    def check(self, *, thoroughly: bool = False) -> None:
        """Raises StoreError when the file is damaged; `thoroughly` looks at what indexes say, too."""
        self._engine.check(thoroughly=thoroughly)

    def scrub(self) -> None:
        """Writes the log into the file and empties it."""
        self._engine.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def rekey(self) -> int:
        """Seals everything that is sealed with the newest key; returns how many values.

        All or nothing: raises VaultError when one doesn't open. Nothing stays that an earlier key opens.
        """
        count = self._sealed.rekey()
        self.scrub()
        return count

    def give_up(self, *, lose_blocks: bool = False) -> GivenUp:
        """Drops what the keys don't open (state/sql/sealed.py); raises StoreError, having dropped nothing."""
        return self._sealed.give_up(lose_blocks=lose_blocks)

    def twin(self) -> Self:
        """Another connection to the same file."""
        return type(self)(self._engine.path, self._vault, self._engine.now)

    def close(self) -> None:
        """Closes the connection."""
        self._engine.close()
