"""Group-id records, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mappers.groups import GroupIdRecord
from state.facts import Group, GroupState
from state.memory.state import Handle


class MemoryGroups:
    """Group-id records that peer reviews need, by key."""

    def __init__(self, handle: Handle, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now

    def want(self, record: GroupIdRecord) -> None:
        """A refused one is wanted again."""
        with self._handle.writing as tables:
            before = tables.groups.get(record.key)
            if before is None:
                tables.groups.put(record.key, Group(record))
                return
            group = replace(before, record=_said(before.record, record))
            if group.state is GroupState.REFUSED:
                group = replace(group, state=GroupState.WANTED, reason="", ripe_at=0.0)
            tables.groups.put(record.key, group)

    def group(self, key: str) -> Group | None:
        """By key."""
        with self._handle.reading as tables:
            return tables.groups.get(key)

    def ask(self, key: str, until: float) -> bool:
        """Only one of several that ask at once may."""
        with self._handle.writing as tables:
            group = tables.groups.get(key)
            if group is None or group.state is GroupState.KNOWN or group.ripe_at > self._now():
                return False
            tables.groups.put(key, Group(group.record, GroupState.ASKED, ripe_at=until))
            return True

    def settle(self, key: str, state: GroupState, reason: str = "", ripe_at: float = 0.0) -> None:
        """No call is under way any more."""
        with self._handle.writing as tables:
            group = tables.groups.get(key)
            if group is not None:
                tables.groups.put(key, Group(group.record, state, reason, ripe_at))

    def needed_by(self, key: str) -> Sequence[str]:
        """In order."""
        with self._handle.reading as tables:
            kept = tables.wanted.group("needs", key) if key else []
            return sorted({one.wanted.key.person for one in kept if one.wanted.digest is not None})


def _said(before: GroupIdRecord, record: GroupIdRecord) -> GroupIdRecord:
    return GroupIdRecord(
        id=record.id,
        name=before.name if record.name is None else record.name,
        type=before.type if record.type is None else record.type,
        description=before.description if record.description is None else record.description,
    )
