"""The engine a SQL store runs on, and how facts become columns."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.store import DamagedError

P = ParamSpec("P")
T = TypeVar("T")

Row = Mapping[str, Any]


class Engine(Protocol):
    """Runs statements with `:named` parameters; every statement alone is a transaction unless one is open."""

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """The rows that the statement gives; raises StoreError."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; nested ones are savepoints."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Reads within see one state, whatever others commit meanwhile; nothing may be written."""
        ...

    def now(self) -> float:
        """The clock that leases and the budget go by."""
        ...


def reading(convert: Callable[P, T]) -> Callable[P, T]:
    """What makes a fact of a row. A row that it can't understand was damaged since: then it raises DamagedError."""

    @wraps(convert)
    def read(*args: P.args, **named: P.kwargs) -> T:
        try:
            return convert(*args, **named)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise DamagedError(error) from error

    return read


def record_columns(key: SourceKey) -> dict[str, str]:
    """The columns that name a source record."""
    return {"source": key.source, "entity": key.entity, "subject": key.subject}


def item_columns(key: ItemKey) -> dict[str, str]:
    """The columns that name an item."""
    return {"person": key.person, "section": key.section.value, **record_columns(key.record), "part": key.part}


def item_key(row: Row) -> ItemKey:
    """The item that a row names."""
    record = SourceKey(row["source"], row["entity"], row["subject"])
    return ItemKey(row["person"], Section(row["section"]), record, row["part"])


def pack(ids: frozenset[str]) -> str:
    """A set of texts in one column."""
    return json.dumps(sorted(ids), ensure_ascii=False) if ids else ""


def unpack(text: str) -> frozenset[str]:
    """What `pack` wrote."""
    return frozenset(json.loads(text)) if text else frozenset()
