"""Whether the loop's turns fail: told from the first one that the store refuses until work is done again."""

from dataclasses import dataclass

import pytest

from worker.watching.tally import FORGIVEN_SECONDS, Turns


@dataclass
class Steady:
    """A clock that stands until it is moved."""

    time: float = 1000.0

    def __call__(self) -> float:
        """Its time."""
        return self.time


@pytest.fixture
def clock() -> Steady:
    """A clock of its own."""
    return Steady()


def told(clock: Steady, *steps: str) -> list[float]:
    """What is told after each of these turns, ten seconds apart."""
    turns = Turns(clock)
    found: list[float] = []
    for step in steps:
        clock.time += 10
        if step == "fails":
            turns.failed()
        else:
            turns.went_well(idle=step == "idle")
        found.append(round(turns.failing_seconds()))
    return found


@pytest.mark.parametrize(
    ("steps", "seconds"),
    [
        pytest.param(["works", "idle", "works"], [0, 0, 0], id="well"),
        pytest.param(["fails", "fails", "fails"], [0, 10, 20], id="a row"),
        pytest.param(["fails", "fails", "works", "fails"], [0, 10, 0, 0], id="work ends it"),
        pytest.param(["fails", "idle", "fails", "idle"], [0, 10, 20, 30], id="reading alone does not"),
    ],
)
def test_a_row_of_failing_turns_is_told(clock: Steady, steps: list[str], seconds: list[int]) -> None:
    """A full disk refuses only those that write: one with nothing to do proves nothing."""
    assert told(clock, *steps) == seconds


def test_a_row_that_has_just_begun_is_told_as_such(clock: Steady) -> None:
    """0 would say that all is well."""
    turns = Turns(clock)
    turns.failed()

    assert 0 < turns.failing_seconds() < 1


def test_a_single_failure_is_forgotten(clock: Steady) -> None:
    """Though there was nothing to do since, for a daemon writes now and then in any case; the next is a new row."""
    turns = Turns(clock)
    turns.failed()
    clock.time += FORGIVEN_SECONDS
    forgotten = turns.failing_seconds()
    turns.failed()
    clock.time += 1

    assert (forgotten, turns.failing_seconds()) == (0, 1)
