"""Random histories of one record: whatever happens on the way, it ends as it is wanted, each item exactly once.

Each seed is one history, the same at every run, and a test of its own. A failing one prints its seed and its story;
it is run again alone by its name, here for seed 217:

    pytest "tests/turning/test_histories.py::test_whatever_happens_the_record_ends_as_it_is_wanted[217]"
"""

import pytest

from tests.turning.histories import History

SEEDS = 400


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_the_record_ends_as_it_is_wanted(seed: int) -> None:
    """Each wanted item stands once or shows why not; nothing is doubled, left in doubt or touched that isn't ours."""
    history = History(seed)
    history.live()

    assert list(history.faults()) == [], "\n".join([f"seed {seed}", *history.story])
