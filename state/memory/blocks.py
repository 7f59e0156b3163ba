"""Blocks: who is being forgotten, and who was: of these only keyed digests are kept, in memory."""

from collections.abc import Iterable, Mapping, Sequence

from mappers.wanted import SourceKey
from state.block_marks import Block, Marks, new_block_key, person_mark, record_mark
from state.memory.state import Handle
from state.memory.tables import Tables
from state.permission_facts import Forgetting


class MemoryBlocks:
    """Who is being forgotten, and who was. The key of the digests lives as long as the state."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def begin(self, forgetting: Forgetting) -> None:
        """The newest word counts."""
        with self._handle.writing as tables:
            tables.forgetting.put(forgetting.person, forgetting)

    def forgetting(self, person: str) -> Forgetting | None:
        """By person."""
        with self._handle.reading as tables:
            return tables.forgetting.get(person)

    def under_way(self) -> Sequence[Forgetting]:
        """By person."""
        with self._handle.reading as tables:
            return sorted(tables.forgetting, key=lambda one: one.person)

    def keep_marks(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """The marks of aliases and records go with that of the person."""
        with self._handle.writing as tables:
            key = _made_key(tables)
            known = _of_person(tables, person)
            first = known or person_mark(key, person)
            aliases = [alias for alias, into in tables.aliases.items() if into == person]
            found = [] if known else [Block(first, "person", "")]
            found += [Block(person_mark(key, alias), "person", first) for alias in aliases]
            found += [Block(record_mark(key, record), "record", first, last) for record, last in records.items()]
            _keep(tables, found)

    def complete(self, person: str, records: Mapping[SourceKey, str]) -> None:
        """At once."""
        with self._handle.writing as tables:
            self.keep_marks(person, records)
            tables.forgetting.drop(person)

    def any(self) -> bool:
        """Now or once."""
        with self._handle.reading as tables:
            return len(tables.forgetting) + len(tables.blocks) > 0

    def blocks_person(self, person: str) -> bool:
        """Now or once."""
        with self._handle.reading as tables:
            return tables.forgetting.get(person) is not None or _of_person(tables, person) is not None

    def erased(self, record: SourceKey) -> str | None:
        """By its mark."""
        with self._handle.reading as tables:
            found = (tables.blocks.get(record_mark(key, record)) for key in _keys(tables))
            return next((block.last for block in found if block is not None), None)

    def undo(self, person: str) -> bool:
        """With all that was kept of the person; of an alias, with the one it was merged into."""
        with self._handle.writing as tables:
            gone = tables.forgetting.drop(person)
            first = _of_person(tables, person)
            for block in [block for block in tables.blocks if first in (block.mark, block.of_mark)]:
                tables.blocks.drop(block.mark)
            return gone or first is not None

    def marks(self) -> Marks:
        """By mark."""
        with self._handle.reading as tables:
            return Marks(_keys(tables), tuple(sorted(tables.blocks, key=lambda block: block.mark)))

    def add_marks(self, marks: Marks) -> None:
        """The keys of both are kept: nobody knows whose mark is under which."""
        with self._handle.writing as tables:
            for number, key in enumerate(dict.fromkeys((*marks.keys, *_keys(tables)))):
                tables.block_keys.put(number, key)
            _keep(tables, marks.blocks)

    def count(self) -> int:
        """Aliases aside, and nobody twice."""
        with self._handle.reading as tables:
            forgotten = sum((block.kind, block.of_mark) == ("person", "") for block in tables.blocks)
            return forgotten + sum(_of_person(tables, one.person) is None for one in tables.forgetting)


def _keys(tables: Tables) -> tuple[bytes, ...]:
    return tuple(key for _, key in sorted(tables.block_keys.items()))


def _made_key(tables: Tables) -> bytes:
    if not _keys(tables):
        tables.block_keys.put(0, new_block_key())
    return _keys(tables)[0]


def _keep(tables: Tables, blocks: Iterable[Block]) -> None:
    for block in blocks:
        tables.blocks.put(block.mark, block)


def _of_person(tables: Tables, person: str) -> str | None:
    """The mark that the person's goes with, their own if with none; None when there is none."""
    found = (tables.blocks.get(person_mark(key, person)) for key in _keys(tables))
    return next((block.of_mark or block.mark for block in found if block is not None), None)
