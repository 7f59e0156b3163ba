"""Random histories of permission: wherever the person moved, everything stands on the present record, and there alone.

A failing seed is run again alone by its name, as in test_histories.py.
"""

import pytest

from tests.turning.permission_histories import PermissionHistory

SEEDS = 250


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_becomes_of_permission_the_present_record_ends_as_it_is_wanted(seed: int) -> None:
    """Former records are empty or stranded; nothing counts as removed that the researcher did not remove."""
    history = PermissionHistory(seed)
    history.live()

    assert list(history.faults()) == [], "\n".join([f"seed {seed}", *history.story])


@pytest.mark.parametrize("seed", range(0, SEEDS, 3))
def test_whatever_became_of_permission_a_person_can_be_forgotten(seed: int) -> None:
    """Nothing of ours stays on the present record, no token lives, and nothing is kept."""
    history = PermissionHistory(seed)
    history.live()

    assert list(history.forget()) == [], "\n".join([f"seed {seed}", *history.story])
