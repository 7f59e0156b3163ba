"""The engine a SQL store runs on, and how facts become columns."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.sql.upkeep import Upkeep
from state.store import DamagedError

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Row = Mapping[str, Any]


class Engine(Protocol):
    """Runs statements with `:named` parameters; every statement alone is a transaction unless one is open."""

    @property
    def name(self) -> str:
        """What errors call it: never with a password."""
        ...

    @property
    def clock(self) -> str:
        """The clock as SQL: at the moment at which the statement comes to it."""
        ...

    @property
    def epoch_base(self) -> str:
        """A number as SQL that epochs of leases are above, so that none is given twice."""
        ...

    @property
    def for_update(self) -> str:
        """Behind a SELECT: waits for its rows, and keeps others from them until the transaction ends."""
        ...

    @property
    def for_share(self) -> str:
        """Behind a SELECT: nobody changes its rows until the transaction ends."""
        ...

    @property
    def skip_locked(self) -> str:
        """Behind a SELECT: as `for_update`, but rows that others hold are as if they were not there."""
        ...

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Sequence[Row]:
        """The rows that the statement gives; raises StoreError.

        What writes waits for who else writes; without `queues` only for who holds the same rows.
        """
        ...

    def write(self, sql: str, parameters: Mapping[str, Any], *, queues: bool = True) -> None:
        """As `run`, of a statement whose rows nobody wants.

        Within a transaction it may be carried out later: before the next that is asked for anything, or the end of the
        innermost part. Then its fault is told there.
        """
        ...

    def run_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[Sequence[Row]]:
        """The rows of several statements that need nothing of each other; within a transaction asked for at once."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, and nobody else writes meanwhile: what was read holds; nested ones are savepoints."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """A part of the open transaction, which is not undone by itself; without one, a `transaction`."""
        ...

    def brief(self) -> AbstractContextManager[None]:
        """All or nothing, but others write meanwhile: only rows that are read for update hold."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Reads within see one state, whatever others commit meanwhile; nothing may be written."""
        ...

    def now(self) -> float:
        """The clock that leases and the budget go by."""
        ...

    @property
    def upkeep(self) -> Upkeep:
        """What it has its own words for when a whole state is moved."""
        ...

    def check(self, *, thoroughly: bool = False) -> None:
        """Raises StoreError for damage; `thoroughly` looks at what indexes say, too."""
        ...

    def close(self) -> None:
        """Closes it; what is open is rolled back."""
        ...


@dataclass(frozen=True, slots=True)
class Question(Generic[T_co]):
    """What is asked about one person: a statement with `:person`, and what makes facts of its rows."""

    sql: str
    read: Callable[[Sequence[Row]], T_co]

    def of(self, engine: Engine, person: str) -> T_co:
        """The facts."""
        return self.read(engine.run(self.sql, {"person": person}))


class Answers:
    """The answers to several questions about one person, asked at once."""

    def __init__(self, engine: Engine, person: str, questions: Sequence[Question[Any]]) -> None:
        rows = engine.run_all([(one.sql, {"person": person}) for one in questions])
        self._rows = dict(zip(questions, rows, strict=True))

    def to(self, question: Question[T]) -> T:
        """The facts."""
        return question.read(self._rows[question])


def keepable(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters whose texts hold no NUL, which not every database keeps: U+FFFD stands for it.

    Events and replies that hold one are refused or mended where they are read; this is for whatever else comes by.
    A half of a surrogate pair is no text at all: then each engine raises UnicodeEncodeError.
    """
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value for name, value in parameters.items()
    }


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
