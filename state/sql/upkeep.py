"""What each database has its own words for when a whole state is moved: how rows are numbered, and how it is shut."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, Protocol


class Upkeep(Protocol):
    """Of one engine, in whose open transaction it works. Raises StoreError."""

    def linger(self) -> None:
        """Lets the transaction stay open while nothing is asked of it."""
        ...

    @property
    def takes_nul(self) -> bool:
        """Whether a text may hold the character U+0000."""
        ...

    def pages(self, sql: str, rows: int) -> Generator[Sequence[tuple[Any, ...]]]:
        """What a statement gives, so many rows at a time: no more is in memory. To be closed."""
        ...

    def empty(self, table: str) -> None:
        """Takes all rows away, however long that takes."""
        ...

    def put_in(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """New rows, with the values of these columns."""
        ...

    def numbers(self, tables: Iterable[str]) -> Mapping[str, int]:
        """The last number that was given in each of these tables, 0 before the first."""
        ...

    def count_from(self, table: str, number: int) -> None:
        """The next row's number is greater than that, and than any before."""
        ...

    def shut(self, tables: Iterable[str], why: str) -> None:
        """Whoever changes one of these, in any process, raises HandedOverError with `why` from the commit on.

        Until the transaction ends nobody else changes them.
        """
        ...
