"""Reading: how far the logs were read, as a batch meets it: gaps, logs begun again, and a state that went back."""

from collections.abc import Mapping

import structlog

from mappers.events.messages import LogId
from state.store import Store, StoreError
from worker.note_names import RECOVERY
from worker.ports import Batch
from worker.recording.recovering import begin_recovery

log = structlog.get_logger()


class Reading:
    """How far the logs were read. Its methods but `keep` are of the transaction that takes the batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left_at: dict[LogId, int] = {}

    def begin(self, batch: Batch, now: float) -> None:
        """Notes gaps, and begins a recovery when Kafka shows that the store is behind."""
        for gap in batch.gaps:
            log.error("gap_found", log=str(gap.log), first=gap.first, last=gap.last, why=gap.reason)
            self._store.logs.add_gap(gap.log, gap.first, gap.last, gap.reason)
        cut = {gap.log for gap in batch.gaps}
        for stream, start in batch.starts.items():
            self._left_at.pop(stream, None)  # taken over: others may have begun it again meanwhile
            # Without a gap the log is whole: then whoever had its partition before has applied more since we asked.
            if stream in cut and start < (self._store.logs.position(stream) or 0):
                self._store.logs.begin_again(stream)
        if batch.behind and self._store.notes.get(RECOVERY) is None:
            begin_recovery(self._store, now, "Kafka's committed offsets are ahead of the store's positions")

    def position(self, stream: LogId) -> int:
        """Its next offset.

        Raises StoreError when it is behind where our last batch left it: then the state lost its last commits, as when
        a database fails over to a standby that had not got them, and what we read meanwhile begins too late.
        """
        position, left_at = self._store.logs.position(stream) or 0, self._left_at.pop(stream, 0)
        if position < left_at:
            raise StoreError(
                f"the state has lost what was kept last: {stream} stood at {left_at}, stands at {position}"
            )
        return position

    def keep(self, positions: Mapping[LogId, int]) -> None:
        """Remembers where a batch left the logs, once it is committed."""
        self._left_at.update(positions)
