"""Completing: logs that are all a source has say by silence which of its records are gone (`replay --complete`).

Silence is the weakest word there is, so nothing is withdrawn where anything of the logs went amiss; and what is
withdrawn is removed under the guard like anything else (worker/planning/guarding.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from mappers.events.faults import LEFT
from mappers.events.messages import Message, Place
from mappers.events.people_in_data import MERGED
from mappers.families.registry import FAMILIES
from mappers.wanted import SourceKey
from state.store import Store
from worker.intake.intake import Intake
from worker.ports import Batch

RECORDS = 500
"""Records withdrawn in one transaction, so that other processes get their turn to write."""

log = structlog.get_logger()


class IncompleteError(Exception):
    """Logs that can't be taken for all that a source has: one line that says why."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """A source, or one entity of it."""

    source: str
    entity: str | None

    def holds(self, key: SourceKey) -> bool:
        """Whether a record is in it. That nobody says any more that a person left does not say that they returned."""
        if self.entity is None:
            return key.source == self.source and key.entity not in (LEFT, MERGED)
        return (key.source, key.entity) == (self.source, self.entity)

    def __str__(self) -> str:
        return self.source if self.entity is None else f"{self.source} {self.entity}"


class Completing:
    """What the events of a run spoke of, of the sources that are complete in it, each named SOURCE or SOURCE/ENTITY."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._heard: set[SourceKey] = set()

    def hear(self, key: SourceKey) -> None:
        """An event spoke of this record."""
        if any(name == key.source or name.startswith(f"{key.source}/") for name in self._names):
            self._heard.add(key)

    def withdraw(
        self,
        store: Store,
        intake: Intake,
        events: Mapping[tuple[str, str], int],
        now: float,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> int:
        """Withdraws the records that no event spoke of, in transactions of a few; returns how many.

        `events` counts those of the run by type and result. Raises IncompleteError, having withdrawn nothing. What an
        interruption leaves is withdrawn when the same logs are read again.
        """
        scopes = [self._scope(store, name) for name in self._names]
        bad = sum(number for (_, result), number in events.items() if result == "dead_letter")
        if bad and scopes:
            raise _refused(scopes[0], f"{bad} of the lines are dead letters")
        silent = [scope for scope in scopes if not any(scope.holds(key) for key in self._heard)]
        if silent:
            raise _refused(silent[0], "no event of it came")
        gone = sorted(
            {
                key
                for scope in scopes
                for key in store.records.standing(scope.source)
                if scope.holds(key) and key not in self._heard
            }
        )
        tombstones = [_tombstone(key, number, now) for number, key in enumerate(gone, start=1)]
        withdrawn = 0
        while withdrawn < len(tombstones) and not interrupted():
            batch = tombstones[withdrawn : withdrawn + RECORDS]
            intake.take(Batch(batch), now)
            withdrawn += len(batch)
        log.info("sources_completed", sources=[str(scope) for scope in scopes], withdrawn=withdrawn)
        return withdrawn

    def _scope(self, store: Store, name: str) -> _Scope:
        """The last part names an entity, unless the whole is a source that we know."""
        source, slash, entity = name.rpartition("/")
        known = any(key.source == name for key in self._heard) or bool(store.records.standing(name))
        return _Scope(source, entity) if slash and entity in FAMILIES and not known else _Scope(name, None)


def _refused(scope: _Scope, why: str) -> IncompleteError:
    kept = "nothing of it was withdrawn; the events are kept, and `orcid-sync sync` sends what they say"
    return IncompleteError(f"--complete: these logs are not all of {scope}: {why}; {kept}")


def _tombstone(key: SourceKey, number: int, now: float) -> Message:
    """The removal of a record, which takes the version that the record has."""
    kind = key.entity if key.entity in (LEFT, MERGED) else f"{key.entity}.removed"
    said = {"ce_id": f"complete-{now:.3f}", "ce_type": kind, "ce_source": key.source, "ce_subject": key.subject}
    headers = tuple((name, text.encode()) for name, text in said.items())
    return Message(Place(f"--complete {key.source}", number), None, headers, live=True)
