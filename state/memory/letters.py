"""Dead letters, in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import digits

from state.facts import DeadLetter
from state.memory.state import Handle


class MemoryLetters:
    """Dead letters."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def bury(self, letter: DeadLetter) -> bool:
        """A retried one opens again; a discarded one stays discarded."""
        with self._handle.writing as tables:
            before = tables.letters.get(letter.id)
            if before is None:
                tables.letters.put(letter.id, replace(letter, state="open"))
                return True
            state = "discarded" if before.state == "discarded" else "open"
            told = replace(
                before,
                rule=letter.rule,
                field=letter.field,
                message=letter.message,
                type=letter.type,
                again_at=letter.again_at,
                state=state,
            )
            tables.letters.put(letter.id, told)
            return state == "open"

    def open(self) -> Iterator[DeadLetter]:
        """Oldest first."""
        with self._handle.reading as tables:
            return iter(sorted((letter for letter in tables.letters if letter.state == "open"), key=_age))

    def unopened(self) -> Iterator[DeadLetter]:
        """Oldest first."""
        return (replace(letter, envelope=b"") for letter in self.open())

    def newest(self, number: int) -> Sequence[DeadLetter]:
        """Oldest first."""
        found = list(self.unopened())
        return found[max(0, len(found) - number) :]

    def due(self, now: float | None = None) -> Sequence[str]:
        """Oldest first."""
        return [
            letter.id
            for letter in self.open()
            if now is None or (letter.again_at is not None and letter.again_at <= now)
        ]

    def knows(self, letter: str) -> bool:
        """By id."""
        with self._handle.reading as tables:
            return tables.letters.get(letter) is not None

    def letter(self, id_prefix: str) -> DeadLetter | None:
        """By id, or by what only it begins with."""
        with self._handle.reading as tables:
            whole = tables.letters.get(id_prefix)
            if whole is not None:
                return whole
            found = [letter for letter in tables.letters if letter.id.startswith(id_prefix)]
            return found[0] if len(found) == 1 else None

    def naming(self, source: str, subject: str) -> Sequence[DeadLetter]:
        """Open ones."""
        return [letter for letter in self.open() if (letter.source, letter.subject) == (source, subject)]

    def settle(self, letter: str, state: str) -> None:
        """Marks one."""
        with self._handle.writing as tables:
            before = tables.letters.get(letter)
            if before is not None:
                tables.letters.put(letter, replace(before, state=state))

    def all(self) -> Iterator[DeadLetter]:
        """By id."""
        with self._handle.reading as tables:
            return iter(sorted(tables.letters, key=lambda letter: letter.id))

    def rewrite(self, letter: DeadLetter) -> None:
        """By id."""
        with self._handle.writing as tables:
            before = tables.letters.get(letter.id)
            if before is not None:
                told = replace(before, envelope=letter.envelope, message=letter.message)
                tables.letters.put(letter.id, told)

    def erase(self, letter: str) -> None:
        """By id."""
        with self._handle.writing as tables:
            tables.letters.drop(letter)

    def count(self) -> int:
        """Open ones."""
        with self._handle.reading as tables:
            return sum(letter.state == "open" for letter in tables.letters)


def _age(letter: DeadLetter) -> tuple[float, str, int, str, str]:
    return letter.at, letter.place.rstrip(digits), len(letter.place), letter.place, letter.id
