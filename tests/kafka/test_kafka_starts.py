"""Where reading starts: the table of worker/kafka_starts.py, row by row."""

import pytest

from mappers.events.messages import LogId
from worker.kafka.starts import Bounds, Committed, choose_start

LOG = LogId("cluster", "topic-id", "hr.events", 0)


@pytest.mark.parametrize(
    ("known", "start", "gap"),
    [
        pytest.param(None, 10, None, id="unknown-log-from-its-beginning"),
        pytest.param(10, 10, None, id="at-its-beginning"),
        pytest.param(15, 15, None, id="in-its-middle"),
        pytest.param(20, 20, None, id="at-its-end"),
        pytest.param(4, 10, (4, 9), id="before-its-beginning-is-a-gap"),
        pytest.param(23, 10, (20, 22), id="beyond-its-end-is-a-gap-and-a-new-start"),
    ],
)
def test_where_reading_starts(known: int | None, start: int, gap: tuple[int, int] | None) -> None:
    """A log that has offsets 10 to 19 is read on from what our store knows of it."""
    chosen = choose_start(LOG, known, Bounds(10, 20), None)

    assert chosen.offset == start
    assert (chosen.gap and (chosen.gap.first, chosen.gap.last)) == gap


@pytest.mark.parametrize(
    ("known", "committed", "behind"),
    [
        pytest.param(15, None, False, id="nothing-committed"),
        pytest.param(15, Committed(15, "topic-id"), False, id="committed-as-much"),
        pytest.param(15, Committed(12, "topic-id"), False, id="a-commit-was-lost"),
        pytest.param(15, Committed(16, "topic-id"), True, id="store-restored"),
        pytest.param(None, Committed(1, ""), True, id="store-lost"),
        pytest.param(None, Committed(0, "topic-id"), False, id="nothing-was-read"),
        pytest.param(None, Committed(16, "earlier-topic"), False, id="topic-made-anew"),
    ],
)
def test_whether_the_store_is_behind(known: int | None, committed: Committed | None, *, behind: bool) -> None:
    """A group that committed more of this very topic than the store knows had another store."""
    assert choose_start(LOG, known, Bounds(0, 20), committed).behind is behind
