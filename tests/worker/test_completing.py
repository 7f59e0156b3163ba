"""Withdrawing what complete logs are silent about, without keeping others from the store."""

import json
from collections.abc import Callable
from itertools import count

import pytest

from mappers.events.messages import Message, Place
from mappers.mapping_file import EMPTY
from mappers.wanted import SourceKey
from state.memory.store import MemoryStore
from state.store import Store
from tests.fakes.set_clock import SetClock
from tests.turning.worlds import NOW, employment
from worker.intake.completing import RECORDS, Completing
from worker.intake.intake import Intake, Tempo
from worker.intake.taken import Taken
from worker.ports import Batch

SEVERAL = 2 * RECORDS + 2


class Watched(Intake):
    """Tells how many messages each transaction had."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, EMPTY, Tempo(0.0, 0.0))
        self.sizes: list[int] = []

    def take(self, batch: Batch, now: float) -> Taken:
        """As ever."""
        self.sizes.append(len(batch.messages))
        return super().take(batch, now)


def withdrawn(interrupted: Callable[[], bool]) -> tuple[list[int], int, int]:
    """The sizes of the transactions, how many were withdrawn of all but one, and how many stand."""
    clock = SetClock(NOW)
    store = MemoryStore(clock.now)
    lines = [json.dumps(employment(number)).encode() for number in range(SEVERAL)]
    Intake(store, EMPTY, Tempo(0.0, 0.0)).take(
        Batch([Message(Place("a.jsonl", number), line) for number, line in enumerate(lines, start=1)]), NOW
    )
    completing, intake = Completing(["/hr"]), Watched(store)
    completing.hear(SourceKey("/hr", "hr.affiliation", "APPT-0-0"))
    number = completing.withdraw(store, intake, {}, NOW, interrupted)
    return intake.sizes, number, len(store.records.standing("/hr"))


def test_records_are_withdrawn_in_transactions_of_a_few() -> None:
    """All but the one that an event spoke of."""
    assert withdrawn(lambda: False) == ([RECORDS, RECORDS, 1], SEVERAL - 1, 1)


@pytest.mark.parametrize("done", [pytest.param(0, id="at once"), pytest.param(1, id="after one of them")])
def test_an_interruption_leaves_the_rest_for_another_run(done: int) -> None:
    """What was withdrawn until then is; nothing else was asked for."""
    asked = count()

    sizes, number, standing = withdrawn(lambda: next(asked) >= done)

    assert (sizes, number, standing) == ([RECORDS] * done, done * RECORDS, SEVERAL - done * RECORDS)
