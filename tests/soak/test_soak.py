"""A long soak proves what it is asked for, or fails."""

import pytest

from tests.soak.__main__ import KILLS, LONG, shortfall


@pytest.mark.parametrize(
    ("seconds", "kills", "says"),
    [
        pytest.param(LONG, KILLS, "", id="enough"),
        pytest.param(LONG - 1, 0, "", id="short"),
        pytest.param(LONG, KILLS - 1, "only 99 kills in 30 minutes, and there have to be 100", id="too few"),
    ],
)
def test_half_an_hour_has_a_hundred_kills(seconds: float, kills: int, says: str) -> None:
    """A shorter one, to try something, need not have them."""
    assert shortfall(seconds, kills) == says
