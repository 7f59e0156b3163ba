"""The agenda, in memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from heapq import nlargest, nsmallest

from state.facts import Due
from state.memory.state import Handle
from state.memory.tables import Entry


class MemoryAgenda:
    """Who is due to be looked at, and when."""

    def __init__(self, handle: Handle, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now

    def changed(self, person: str, quiet: float, quiet_max: float) -> None:
        """Due when quiet, at most `quiet_max` after the first change."""
        now = self._now()
        with self._handle.writing as tables:
            entry = tables.agenda.get(person) or Entry(person, revision=0, failures=0)
            since = now if entry.quiet_since is None else entry.quiet_since
            until = min(now + quiet, since + quiet_max)
            changed = replace(entry, revision=entry.revision + 1, quiet_since=since, quiet_until=until)
            tables.agenda.put(person, changed)

    def everybody_changed(self) -> None:
        """At once."""
        with self._handle.writing as tables:
            wanting = {kept.wanted.key.person for kept in tables.wanted}
            published = {stands.published.person for stands in tables.published}
            for person in wanting | published | {grant.person for grant in tables.grants}:
                self.changed(person, 0.0, 0.0)

    def retry(self, person: str, at: float | None, revision: int, failures: int) -> None:
        """A change that came meanwhile stays."""
        with self._handle.writing as tables:
            entry = tables.agenda.get(person)
            if entry is None:
                return
            if entry.revision == revision:
                entry = replace(entry, quiet_since=None, quiet_until=None)
            tables.agenda.put(person, replace(entry, retry_at=at, failures=failures))

    def due(
        self,
        now: float,
        limit: int,
        skip: Iterable[str] = (),
        *,
        failing: bool | None = None,
        newest: bool = False,
    ) -> Sequence[Due]:
        """The longest due first."""
        skipped = set(skip)
        with self._handle.reading as tables:
            found = [
                Due(entry.person, at, entry.revision, entry.failures)
                for entry in tables.agenda
                if (failing is None or failing is (entry.failures > 0))
                and entry.person not in skipped
                and (at := entry.due_at) is not None
                and at <= now
            ]
            return (nlargest if newest else nsmallest)(limit, found, key=lambda due: (due.due_at, due.person))

    def of(self, person: str) -> Due | None:
        """By person."""
        with self._handle.reading as tables:
            entry = tables.agenda.get(person)
            at = None if entry is None else entry.due_at
            return None if entry is None or at is None else Due(person, at, entry.revision, entry.failures)

    def revision(self, person: str) -> int:
        """Grows with every change."""
        with self._handle.reading as tables:
            entry = tables.agenda.get(person)
            return 0 if entry is None else entry.revision

    def next_at(self) -> float | None:
        """The earliest."""
        with self._handle.reading as tables:
            return min((at for entry in tables.agenda if (at := entry.due_at) is not None), default=None)

    def all_due(self) -> int:
        """On the agenda."""
        with self._handle.reading as tables:
            return sum(entry.due_at is not None for entry in tables.agenda)

    def overdue(self, now: float) -> int:
        """By now."""
        with self._handle.reading as tables:
            return sum(entry.due_at is not None and entry.due_at <= now for entry in tables.agenda)
