"""The queue: whose record is next. Oldest first, and nobody starves because others fail."""

from collections.abc import Collection, Iterator, Sequence
from heapq import merge

from state.facts import Due
from state.store import Store

PICK = 50
"""Records planned in one turn at the most, so that events keep coming in."""
SHARE_OF_FAILING = 4
"""One lane in so many is for records whose last call failed while others wait, and is kept free for others else."""


class Queue:
    """Who is due, from the agenda that all processes share."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.only: str | None = None
        """When it is set, nobody but this person is looked at."""

    def next(self, now: float, busy: Collection[str], failing: int, lanes: int) -> Iterator[Due]:
        """Whose turn it is, the longest due first; `failing` of the `lanes` hold records that failed already.

        A call that hangs holds a lane for as long as a call may last, so those that failed last time get a quarter of
        the lanes, at least one, while others are due, and leave a quarter free when none are.
        """
        well = self._due(now, busy, failing=False)
        quarter = max(1, lanes // SHARE_OF_FAILING)
        room = max(0, (quarter if well else max(1, lanes - quarter)) - failing)
        yield from merge(well, self._due(now, busy, failing=True)[:room], key=lambda due: due.due_at)

    def likeliest(self, now: float, busy: Collection[str], turn: int) -> Sequence[Due]:
        """Whose call most likely tells of ORCID and not of them: with the fewest failures, in turn the last and first.

        Those at the head may be there for they are broken, every one.
        """
        newest = turn % 2 == 0
        well = self._due(now, busy, failing=False, newest=newest)
        return sorted(well or self._due(now, busy, failing=True, newest=newest), key=lambda due: due.failures)

    def _due(self, now: float, busy: Collection[str], *, failing: bool, newest: bool = False) -> Sequence[Due]:
        if self.only is None:
            return self._store.agenda.due(now, PICK, busy, failing=failing, newest=newest)
        due = self._store.agenda.of(self.only)
        fits = due is not None and due.due_at <= now and due.person not in busy and failing is (due.failures > 0)
        return (due,) if due is not None and fits else ()
