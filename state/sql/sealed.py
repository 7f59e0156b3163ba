"""All that is sealed, in SQL: sealed anew when the keys change, given up when they were lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from state.sql.agenda import SqlAgenda
from state.sql.blocks import BLOCK_KEY
from state.sql.engine import Engine, Row, reading
from state.sql.notes import SqlNotes
from state.sql.pages import FEW, PAGE, pages
from state.store import StoreError
from state.vault import Vault, VaultError

VAULT_CHECK = "vault-check"
"""The note with the sealed value that tells whether the keys fit."""

SEALED_MEANWHILE = (
    "ORCID_SYNC_VAULT_KEYS: another process goes on sealing with an older key: restart every process with the newest"
    " key in front, then run `permission rekey` again; keep the older keys until it has succeeded"
)
TOKENS_LOST = "its tokens were lost with the vault keys: ask for a new permission"


@dataclass(frozen=True, slots=True)
class _Column:
    """A sealed column of a table. What is empty is not sealed."""

    table: str
    name: str
    key: tuple[str, ...]
    condition: str = ""
    rows: int = PAGE

    @property
    def row(self) -> str:
        """The condition that names one row."""
        return " AND ".join(f"{name} = :{name}" for name in self.key)


_ACCESS_TOKENS = _Column("grants", "access_token", ("person", "orcid"))
_REFRESH_TOKENS = _Column("grants", "refresh_token", ("person", "orcid"))
_TOKENS = _Column("tokens", "token", ("mark", "person"))
_CONSENTS = _Column("consents", "grant_sealed", ("id", "person"))
_LETTERS = _Column("dead_letters", "envelope", ("id",), rows=FEW // 2)
"""A page of these, which are large, is held twice: as it was, and sealed anew."""
_NOTES = _Column("notes", "text", ("name",), f" AND name IN ('{VAULT_CHECK}', '{BLOCK_KEY}')")

_VALUES = (_ACCESS_TOKENS, _REFRESH_TOKENS, _TOKENS, _CONSENTS, _LETTERS)
PASSES = 5
"""Passes over all values, at most, until one meets nothing that an older key sealed. Two do, as a rule."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """How much did not open and was given up.

    `dead_letters` counts those that were open, `keys` says that none of the keys was of this state.
    """

    keys: bool
    grants: int
    tokens: int
    consents: int
    dead_letters: int
    blocks: int


class SqlSealed:
    """All that is sealed."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._notes = SqlNotes(engine)

    @reading
    def rekey(self) -> int:
        """Seals everything with the newest key, while others work; returns how many values there are.

        Each page is a short transaction. What others write meanwhile stays as they sealed it; what they move past a
        pass (a merge of two people does) is met by the next one. The check value comes last: while anything may be
        sealed with an older key, nobody starts without that key. Whoever was interrupted begins again, and goes on
        where it ended. Raises VaultError, before any is sealed anew, when one doesn't open, and when others go on
        sealing with an older key.
        """
        for column in (*_VALUES, _NOTES):
            for row in self._sealed(column):
                self._vault.open(row["sealed"])
        for _ in range(PASSES):
            passed = [self._rekey(column) for column in _VALUES]
            if not any(older for _, older in passed):
                return sum(count for count, _ in passed) + self._rekey(_NOTES)[0]
        raise VaultError(SEALED_MEANWHILE)

    def _rekey(self, column: _Column) -> tuple[int, int]:
        """How many values there were, and how many of them an older key had sealed."""
        sql = f"UPDATE {column.table} SET {column.name} = :rotated WHERE {column.row} AND {column.name} = :sealed"
        rows, count, older = self._sealed(column), 0, 0
        while page := list(islice(rows, column.rows)):
            count += len(page)
            anew = [
                {**row, "rotated": self._vault.rotate(row["sealed"])}
                for row in page
                if not self._vault.is_newest(row["sealed"])
            ]
            older += len(anew)
            if anew:
                with self._engine.together():
                    for row in anew:
                        self._engine.write(sql, row)
            del page, anew  # else they are there until the next ones are
        return count, older

    def _sealed(self, column: _Column) -> Iterator[Row]:
        """The key of each row, with what is sealed in it as `sealed`."""
        select = f"SELECT {', '.join(column.key)}, {column.name} AS sealed FROM {column.table}"
        where = f"{column.name} <> ''{column.condition}"
        return pages(self._engine, select, column.key, where=where, rows=column.rows)

    def _lost(self, column: _Column) -> Sequence[Row]:
        """The key of each row in which something doesn't open."""
        lost = (row for row in self._sealed(column) if not self._vault.opens(row["sealed"]))
        return [{name: row[name] for name in column.key} for row in lost]

    @reading
    def give_up(self, *, lose_blocks: bool) -> GivenUp:
        """Drops what doesn't open, and writes the check value anew.

        Grants stay without their tokens, so that put-codes serve the next permission; what was in use is broken.
        Whoever had any is looked at again. Raises StoreError when that forgets who was forgotten, unless
        `lose_blocks`.
        """
        with self._engine.together():
            blocks = self._give_up_blocks(lose_blocks=lose_blocks)
            grants, tokens, consents = self._give_up_grants(), self._lost(_TOKENS), self._lost(_CONSENTS)
            for row in tokens:  # their marks, too: the same token told of again is to be taken
                self._engine.run(f"DELETE FROM tokens WHERE {_TOKENS.row}", row)
            for row in consents:
                self._engine.run(
                    "UPDATE consents SET grant_sealed = NULL, outcome = CASE WHEN stage IN ('offered', 'held')"
                    " THEN 'unavailable' ELSE outcome END, stage = CASE WHEN stage IN ('offered', 'held')"
                    f" THEN 'failed' ELSE stage END WHERE {_CONSENTS.row}",
                    row,
                )
            for person in sorted({row["person"] for row in (*grants, *tokens, *consents)}):
                SqlAgenda(self._engine).changed(person, 0.0, 0.0)
            letters = self._give_up_letters()
            keys = bool(self._lost(_NOTES))
            if keys:
                self._notes.put(VAULT_CHECK, self._vault.check_value())
        return GivenUp(keys, len(grants), len(tokens), len(consents), letters, blocks)

    def _give_up_blocks(self, *, lose_blocks: bool) -> int:
        sealed = self._notes.get(BLOCK_KEY)
        if sealed is None or self._vault.opens(sealed):
            return 0
        people = int(self._engine.run("SELECT count(*) AS n FROM blocks WHERE kind = 'person'")[0]["n"])
        if people and not lose_blocks:
            raise StoreError(
                f"the key that recognises who was forgotten ({people}) doesn't open: dropped, they would be taken in"
                " again when an event names them; with --lose-blocks it is dropped all the same"
            )
        self._engine.run("DELETE FROM blocks")
        self._notes.put(BLOCK_KEY, None)
        return people

    def _give_up_grants(self) -> Sequence[Row]:
        """Of a grant whose refresh token alone is lost, the access token stays."""
        without_access, without_refresh = self._lost(_ACCESS_TOKENS), self._lost(_REFRESH_TOKENS)
        for row in without_refresh:
            self._engine.run(f"UPDATE grants SET refresh_token = NULL WHERE {_REFRESH_TOKENS.row}", row)
        for row in without_access:
            self._engine.run(
                "UPDATE grants SET access_token = '', refresh_token = NULL,"
                " reason = CASE WHEN state IN ('active', 'broken') THEN :reason ELSE reason END,"
                " state = CASE WHEN state = 'active' THEN 'broken' ELSE state END"
                f" WHERE {_ACCESS_TOKENS.row}",
                {**row, "reason": TOKENS_LOST},
            )
        return [*without_access, *(row for row in without_refresh if row not in without_access)]

    def _give_up_letters(self) -> int:
        lost = 0
        for row in self._lost(_LETTERS):
            states = self._engine.run(
                "UPDATE dead_letters SET envelope = '', state = CASE WHEN state = 'open' THEN 'lost' ELSE state END"
                f" WHERE {_LETTERS.row} RETURNING state",
                row,
            )
            lost += states[0]["state"] == "lost"
        return lost
