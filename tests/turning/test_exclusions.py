"""What the mapping file excludes, while a POST of it got no clear answer: found out by lists, never sent again."""

import pytest

from tests.turning.weather import TIMEOUT, Trouble, by
from tests.turning.worlds import World, employment
from worker.planning.policy import Exclusion, Policy


@pytest.mark.parametrize(
    ("withdraw", "carried_out", "titles", "state"),
    [
        pytest.param(False, "now", ["Role 0"], "in_sync", id="frozen: it stands, and stays"),
        pytest.param(False, "never", [], "waiting", id="frozen: it does not stand, and is not added"),
        pytest.param(True, "now", [], "in_sync", id="taken off: it stands, and is removed"),
        pytest.param(True, "never", [], "in_sync", id="taken off: it does not stand"),
    ],
)
def test_an_exclusion_while_a_post_is_in_doubt(
    world: World, *, withdraw: bool, carried_out: str, titles: list[str], state: str
) -> None:
    """Two lists at the most, and no second POST."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1, carried_out=carried_out))
    world.tell(employment(1))
    world.settle(office, within=1.0)
    policy = Policy(settle_seconds=10.0, exclusions=(Exclusion(withdraw=withdraw),))
    other = world.office("two", policy=policy)
    world.settle(other)

    assert (world.titles(1), list(world.states())) == (titles, [state])
    assert world.store.intents.open_count() == 0
    assert (office.weather.count("POST"), other.weather.count("POST")) == (1, 0)
    assert other.weather.count("GET") <= 2
