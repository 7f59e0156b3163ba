"""Blocks: who is being forgotten, and who was: of these only keyed digests are kept, in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from mappers.wanted import SourceKey
from state.block_marks import KEY_BYTES, Block, Marks, new_block_key, person_mark, record_mark
from state.permission_facts import Forgetting
from state.sql.engine import Engine, Question, Row, reading
from state.sql.notes import SqlNotes
from state.vault import Vault

BLOCK_KEY = "block-key"
"""The note with the sealed key of all marks; with the keys of other states behind it, whose marks were taken over."""


@reading
def _forgetting(row: Row) -> Forgetting:
    return Forgetting(row["person"], bool(row["remove_items"]), row["since"])


_COLUMNS = "mark, kind, of_mark, last"
FORGETTING = Question(
    "SELECT * FROM forgetting WHERE person = :person", lambda rows: _forgetting(rows[0]) if rows else None
)


class SqlBlocks:
    """Who is being forgotten, and who was. The key of the digests is sealed at rest and never changes."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._notes = SqlNotes(engine)

    def _keys(self) -> tuple[bytes, ...]:
        sealed = self._notes.get(BLOCK_KEY)
        opened = b"" if sealed is None else self._vault.open(sealed)
        return tuple(opened[start : start + KEY_BYTES] for start in range(0, len(opened), KEY_BYTES))

    def _made_key(self) -> bytes:
        keys = self._keys()
        if keys:
            return keys[0]
        key = new_block_key()
        self._notes.put(BLOCK_KEY, self._vault.seal(key))
        return key

    def begin(self, forgetting: Forgetting) -> None:
        """The newest word counts."""
        self._engine.run(
            "INSERT INTO forgetting (person, remove_items, since) VALUES (:person, :remove_items, :since)"
            " ON CONFLICT (person) DO UPDATE SET remove_items = excluded.remove_items, since = excluded.since",
            {
                "person": forgetting.person,
                "remove_items": int(forgetting.remove_items),
                "since": forgetting.since,
            },
        )

    def forgetting(self, person: str) -> Forgetting | None:
        """By person."""
        return FORGETTING.of(self._engine, person)

    def under_way(self) -> Sequence[Forgetting]:
        """By person."""
        return [_forgetting(row) for row in self._engine.run("SELECT * FROM forgetting ORDER BY person")]

    def keep_marks(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """The marks of aliases and records go with that of the person."""
        with self._engine.together():
            key = self._made_key()
            known = self._of_person(person)
            first = known or person_mark(key, person)
            aliases = self._engine.run("SELECT person FROM aliases WHERE into_person = :person", {"person": person})
            found = [] if known else [Block(first, "person", "")]
            found += [Block(person_mark(key, row["person"]), "person", first) for row in aliases]
            found += [Block(record_mark(key, record), "record", first, last) for record, last in records.items()]
            self._keep(found)

    def complete(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """At once."""
        with self._engine.together():
            self.keep_marks(person, records)
            self._engine.run("DELETE FROM forgetting WHERE person = :person", {"person": person})

    def _keep(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            self._engine.run(
                "INSERT INTO blocks (mark, kind, of_mark, last) VALUES (:mark, :kind, :of_mark, :last)"
                " ON CONFLICT (mark) DO UPDATE SET of_mark = excluded.of_mark, last = excluded.last",
                asdict(block),
            )

    def any(self) -> bool:
        """One look at two tables."""
        rows = self._engine.run(
            "SELECT EXISTS (SELECT 1 FROM forgetting) AS now, EXISTS (SELECT 1 FROM blocks) AS once"
        )
        return bool(rows[0]["now"] or rows[0]["once"])

    def blocks_person(self, person: str) -> bool:
        """Now or once."""
        return self.forgetting(person) is not None or self._of_person(person) is not None

    def erased(self, record: SourceKey) -> str | None:
        """By its mark."""
        found = (self._block(record_mark(key, record)) for key in self._keys())
        return next((block.last for block in found if block is not None), None)

    def _of_person(self, person: str) -> str | None:
        """The mark that the person's goes with, their own if with none; None when there is none."""
        found = (self._block(person_mark(key, person)) for key in self._keys())
        return next((block.of_mark or block.mark for block in found if block is not None), None)

    def _block(self, mark: str) -> Block | None:
        rows = self._engine.run(f"SELECT {_COLUMNS} FROM blocks WHERE mark = :mark", {"mark": mark})
        return Block(**rows[0]) if rows else None

    def undo(self, person: str) -> bool:
        """With all that was kept of the person; of an alias, with the one it was merged into."""
        with self._engine.together():
            gone = self._engine.run(
                "DELETE FROM forgetting WHERE person = :person RETURNING 1 AS n", {"person": person}
            )
            mark = self._of_person(person)
            if mark is not None:
                self._engine.run("DELETE FROM blocks WHERE mark = :mark OR of_mark = :mark", {"mark": mark})
        return bool(gone) or mark is not None

    def marks(self) -> Marks:
        """By mark."""
        return Marks(
            self._keys(),
            tuple(Block(**row) for row in self._engine.run(f"SELECT {_COLUMNS} FROM blocks ORDER BY mark")),
        )

    def add_marks(self, marks: Marks) -> None:
        """The keys of both are kept: nobody knows whose mark is under which."""
        with self._engine.together():
            keys = tuple(dict.fromkeys((*marks.keys, *self._keys())))
            if keys:
                self._notes.put(BLOCK_KEY, self._vault.seal(b"".join(keys)))
            self._keep(marks.blocks)

    def count(self) -> int:
        """Aliases aside, and nobody twice."""
        forgotten = self._engine.run("SELECT count(*) AS n FROM blocks WHERE kind = 'person' AND of_mark = ''")
        once_more = [one for one in self.under_way() if self._of_person(one.person) is None]
        return int(forgotten[0]["n"]) + len(once_more)
