"""People who become one, or are forgotten, while the loop is at work."""

import pytest

from state.facts import ItemState
from tests.benchmarks.institution import person_id
from tests.turning.worlds import World, employment, employments, work
from worker.people.forgetting import begin_forgetting
from worker.people.merging import merge_people

INTO = "E-into"


@pytest.mark.parametrize("turns", range(5))
def test_a_merge_while_calls_are_under_way_doubles_nothing(world: World, turns: int) -> None:
    """Whenever it comes: each item stands once, and all that stands is known under the one that stays."""
    world.connect(1)
    office = world.office()
    office.weather.seconds = 0.2
    world.tell(*employments(1, 4), work(1))
    for _ in range(turns):
        office.turn()
        world.clock.advance(0.1)

    merge_people(world.store, person_id(1), INTO)
    world.settle(office)

    assert len(world.titles(1)) == len(set(world.titles(1))) == 5
    facts = world.store.items.facts(INTO)
    assert {one.state for one in facts.wanted} == {ItemState.IN_SYNC}
    assert {one.person for one in world.store.items.published()} == {INTO}
    assert not facts.intents
    assert office.weather.methods.count("PUT") == 0


@pytest.mark.parametrize("turns", range(4))
def test_the_loop_ends_what_a_command_began(world: World, turns: int) -> None:
    """Whenever it comes: items are removed, the token is revoked, and nothing is written of the person afterwards."""
    world.connect(1, 2)
    office = world.office()
    office.weather.seconds = 0.2
    world.tell(*employments(1, 3), employment(2))
    for _ in range(turns):
        office.turn()
        world.clock.advance(0.1)

    begin_forgetting(world.store, person_id(1), remove_items=True, now=world.clock.now())
    world.settle(office)
    for _ in range(5):
        world.clock.advance(2.0)
        world.settle(office)

    assert world.store.blocks.under_way() == []
    assert world.store.blocks.blocks_person(person_id(1))
    assert world.titles(1) == []
    assert len(world.titles(2)) == 1
    assert world.store.items.persons() == [person_id(2)]
    world.tell(*employments(1, 3))
    world.settle(office)
    assert world.store.items.persons() == [person_id(2)]
