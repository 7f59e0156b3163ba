"""Starts: the offset at which a log that was assigned to us is read on. Pure.

| our store knows | the log            | start                | and                                   |
| --------------- | ------------------ | -------------------- | ------------------------------------- |
| nothing         | any                | its beginning        |                                       |
| an offset       | still has it       | that offset          |                                       |
| an offset       | begins after it    | its beginning        | a gap from that offset to the one before |
| an offset       | ends before it     | its beginning        | a gap from its end to what we had read |
| less than the group committed | any  | as above             | our store was lost or restored        |

A topic made anew has another id, so it is a log of which our store knows nothing.
"""

from dataclasses import dataclass

from mappers.events.messages import LogId
from worker.ports import Gap


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first offset a log still has, and the one its next message will get."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Committed:
    """The offset that a group committed, and the id of the topic it was committed for ("" when unknown)."""

    offset: int
    topic_id: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where to read on, what was missed, and whether our store is behind what it once knew."""

    offset: int
    gap: Gap | None
    behind: bool


def choose_start(log: LogId, known: int | None, bounds: Bounds, committed: Committed | None) -> Start:
    """Where to read on in `log`, when our store's next offset for it is `known`."""
    gap = find_gap(log, known, bounds)
    offset = bounds.begin if known is None or gap is not None else known
    return Start(offset, gap, behind=is_behind(log, known, committed))


def find_gap(log: LogId, known: int | None, bounds: Bounds) -> Gap | None:
    """The offsets that the log no longer has, though we had not read them or had read them from it."""
    if known is None or bounds.begin <= known <= bounds.end:
        return None
    if known < bounds.begin:
        return Gap(log, known, bounds.begin - 1, "the log no longer had these messages when we came to read them")
    return Gap(log, bounds.end, known - 1, "the log ends before the position we had reached; read again from its start")


def is_behind(log: LogId, known: int | None, committed: Committed | None) -> bool:
    """Whether the group once committed, for this very topic, more than our store knows."""
    if committed is None or (committed.topic_id and committed.topic_id != log.topic_id):
        return False
    return committed.offset > (known or 0)
