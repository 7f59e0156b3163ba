"""How long a turn of the loop waits."""

import pytest

from worker.turning.waits import LONGEST_SECONDS, SHORTEST_SECONDS, Waits

NOW = 1000.0


@pytest.mark.parametrize(
    ("next_at", "wait"),
    [
        pytest.param(None, LONGEST_SECONDS, id="nobody"),
        pytest.param(NOW + 100.0, LONGEST_SECONDS, id="somebody much later"),
        pytest.param(NOW + 0.3, 0.3, id="somebody soon"),
        pytest.param(NOW + 0.001, SHORTEST_SECONDS, id="somebody at once"),
        pytest.param(NOW, SHORTEST_SECONDS, id="somebody now"),
        pytest.param(NOW - 1000.0, SHORTEST_SECONDS, id="somebody long since"),
    ],
)
def test_a_turn_waits_till_somebody_is_due(next_at: float | None, wait: float) -> None:
    """However idle the turns before were."""
    waits = Waits()
    for _ in range(2):
        assert waits.next(None, NOW) == LONGEST_SECONDS
        waits.hear(idle=True)

    assert waits.next(next_at, NOW) == pytest.approx(wait)


def test_who_is_due_and_has_to_wait_is_looked_for_less_and_less_often() -> None:
    """As while all is paused: with as many turns in an hour as when there is nothing to do."""
    waits, seconds = Waits(), []
    for _ in range(8):
        seconds.append(waits.next(NOW - 5.0, NOW))
        waits.hear(idle=True)

    assert seconds[:4] == pytest.approx([0.02, 0.04, 0.08, 0.16])
    assert seconds[6:] == [LONGEST_SECONDS, LONGEST_SECONDS]


def test_whatever_is_done_ends_that() -> None:
    """A turn that did anything, and one in which nobody was due."""
    waits = Waits()
    for next_at, idle in ((NOW, False), (None, True), (NOW + 0.5, True)):
        for _ in range(9):
            waits.next(NOW, NOW)
            waits.hear(idle=True)
        assert waits.next(NOW, NOW) == LONGEST_SECONDS
        waits.next(next_at, NOW)
        waits.hear(idle=idle)

        assert waits.next(NOW, NOW) == SHORTEST_SECONDS
