"""The journal, through which a table of frozen values by key changes: rolling back costs what was changed."""

from collections.abc import Callable, Hashable, Iterator
from enum import Enum
from typing import Any, Generic, TypeVar, cast

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Absent(Enum):
    """What stands under a key that is not there."""

    ABSENT = "absent"


Change = tuple["Table[Any, Any]", Hashable, object]
"""A table, a key, and what stood there before."""


class Journal:
    """What stood in the tables before each change of the open transaction, oldest first."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def unwind(self, mark: int = 0) -> list[Change]:
        """Takes back every change after the mark; returns what `rewind` makes of it again."""
        undone: list[Change] = []
        while len(self.changes) > mark:
            table, key, before = self.changes.pop()
            undone.append((table, key, table.write(key, before)))
        return undone

    def rewind(self, undone: list[Change]) -> None:
        """Makes the changes again that `unwind` took back."""
        for table, key, after in reversed(undone):
            self.changes.append((table, key, table.write(key, after)))


class Table(Generic[K, V]):
    """Values by key, and by each group that they belong to."""

    def __init__(self, journal: Journal, **groups: Callable[[V], Hashable]) -> None:
        """`groups` name functions from a value to its group, for `group`."""
        self._journal = journal
        self._values: dict[K, V] = {}
        self._groups: dict[str, tuple[Callable[[V], Hashable], dict[Hashable, dict[K, V]]]] = {
            name: (group_of, {}) for name, group_of in groups.items()
        }

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[V]:
        return iter(self._values.values())

    def get(self, key: K) -> V | None:
        """The value under the key."""
        return self._values.get(key)

    def items(self) -> Iterator[tuple[K, V]]:
        """Keys with their values."""
        return iter(self._values.items())

    def group(self, name: str, group: Hashable) -> list[V]:
        """The values of one group, in no order."""
        return list(self._groups[name][1].get(group, {}).values())

    def put(self, key: K, value: V) -> None:
        """Writes a value, through the journal."""
        self._journal.changes.append((self, key, self.write(key, value)))

    def drop(self, key: K) -> bool:
        """Drops a value, through the journal; false when there is none."""
        before = self.write(key, Absent.ABSENT)
        if before is Absent.ABSENT:
            return False
        self._journal.changes.append((self, key, before))
        return True

    def write(self, key: K, value: object) -> V | Absent:
        """Puts or drops without the journal; returns what stood there."""
        before: V | Absent = self._values.get(key, Absent.ABSENT)
        if value is Absent.ABSENT:
            self._values.pop(key, None)
        else:
            self._values[key] = cast("V", value)
        for group_of, members in self._groups.values():
            if not isinstance(before, Absent):
                _leave(members, group_of(before), key)
            if value is not Absent.ABSENT:
                members.setdefault(group_of(cast("V", value)), {})[key] = cast("V", value)
        return before


def _leave(members: dict[Hashable, dict[K, V]], group: Hashable, key: K) -> None:
    del members[group][key]
    if not members[group]:
        del members[group]
