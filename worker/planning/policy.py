"""The policy: what planning goes by besides facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappers.identifiers import opaque_id
from mappers.wanted import ItemKey


@dataclass(frozen=True, slots=True)
class Policy:
    """Settle time in seconds, namespace and precedence by source, recovery.

    In recovery every section that was not listed since `list_since` is listed before anything is added to it.
    """

    settle_seconds: float = 10.0
    namespaces: Mapping[str, str] = field(default_factory=dict)
    precedence: Mapping[str, int] = field(default_factory=dict)
    list_since: float | None = None
    only: frozenset[str] | None = None
    """The people we send for (a pilot; nobody when sending is off); None for everybody."""
    held_by: str = ""
    """Why nothing is sent for others."""

    def own_id(self, key: ItemKey, turn: int = 0) -> str:
        """Our opaque external-id for an item: it tells nothing about the source record, and outlives renames.

        A later `turn` gives another one, for when a source used a subject again whose first id another item took over.
        """
        record = key.record
        subject = f"{record.subject}\x00{turn}" if turn else record.subject
        return opaque_id(self.namespaces.get(record.source, record.source), record.entity, subject)
