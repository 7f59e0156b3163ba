"""Provisional verdicts, in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from state.memory.state import Handle
from state.verdict_facts import ProvisionalVerdict, VerdictKind


class MemoryVerdicts:
    """What ORCID said lately about people's records."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def note(self, verdict: ProvisionalVerdict) -> None:
        """By iD, kind and what."""
        with self._handle.writing as tables:
            tables.verdicts.put((verdict.orcid, verdict.kind, verdict.what), verdict)

    def of_kind(self, kind: VerdictKind) -> Sequence[ProvisionalVerdict]:
        """The oldest first."""
        with self._handle.reading as tables:
            return _in_order(one for one in tables.verdicts if one.kind is kind)

    def of_person(self, person: str) -> Sequence[ProvisionalVerdict]:
        """The oldest first."""
        with self._handle.reading as tables:
            return _in_order(tables.verdicts.group("person", person))

    def people_since(self, kind: VerdictKind, at: float) -> int:
        """Without confirmed ones."""
        with self._handle.reading as tables:
            alike = (one for one in tables.verdicts if one.kind is kind and one.confirmed_at is None)
            return len({one.person for one in alike if one.at >= at})

    def confirmed_at(self, kind: VerdictKind) -> float | None:
        """The latest time."""
        with self._handle.reading as tables:
            times = (one.confirmed_at for one in tables.verdicts if one.kind is kind)
            return max((at for at in times if at is not None), default=None)

    def confirm(self, kind: VerdictKind, at: float) -> None:
        """All that are not confirmed yet."""
        with self._handle.writing as tables:
            for key, one in list(tables.verdicts.items()):
                if one.kind is kind and one.confirmed_at is None:
                    tables.verdicts.put(key, replace(one, confirmed_at=at))

    def drop(self, verdict: ProvisionalVerdict) -> None:
        """By iD, kind and what."""
        with self._handle.writing as tables:
            tables.verdicts.drop((verdict.orcid, verdict.kind, verdict.what))

    def forget(self, before: float) -> None:
        """By when they came, or were confirmed."""
        with self._handle.writing as tables:
            for key, one in list(tables.verdicts.items()):
                if max(one.at, one.confirmed_at or 0.0) < before:
                    tables.verdicts.drop(key)


def _in_order(found: Iterable[ProvisionalVerdict]) -> list[ProvisionalVerdict]:
    return sorted(found, key=lambda one: (one.at, one.orcid, one.kind.value, one.what))
