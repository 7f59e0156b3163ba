"""A source that brings nothing: for `sync`, which reads no events."""

from collections.abc import Mapping

from mappers.events.messages import LogId
from worker.ports import Batch


class NothingSource:
    """Exhausted from the start."""

    exhausted = True
    trouble: str | None = None

    def poll(self, limit: int, timeout: float) -> Batch:
        """Nothing."""
        del limit, timeout
        return Batch()

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """There are no positions."""

    def lag(self) -> Mapping[LogId, int]:
        """Nothing waits."""
        return {}

    def rewind(self) -> None:
        """There is nothing to poll again."""

    def close(self) -> None:
        """There is nothing to close."""
