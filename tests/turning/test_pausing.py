"""Brakes, in a running loop: heeded within a turn, by every process, also amid a record's calls."""

import pytest

from state.brake_facts import Brake
from state.facts import ItemState
from tests.benchmarks.institution import person_id
from tests.turning.worlds import World, employment, employments, work

PERSON = person_id(1)


def pause(world: World, brake: Brake) -> None:
    """As `orcid-sync pause` does."""
    with world.store.transaction():
        world.store.brakes.put(brake)
        for person in world.store.brakes.concerned(brake):
            world.store.agenda.changed(person, 0.0, 0.0)


def resume(world: World, brake: Brake) -> None:
    """As `orcid-sync resume` does."""
    with world.store.transaction():
        world.store.brakes.release(brake)
        for person in world.store.brakes.concerned(brake):
            world.store.agenda.changed(person, 0.0, 0.0)


@pytest.mark.parametrize(
    "brake",
    [
        pytest.param(Brake(), id="everything"),
        pytest.param(Brake(person=PERSON), id="the-person"),
        pytest.param(Brake(source="/hr"), id="the-source"),
        pytest.param(Brake(section="employment"), id="the-section"),
    ],
)
def test_a_pause_stops_a_record_amid_its_calls(world: World, brake: Brake) -> None:
    """What is under way is carried out; nothing more is sent until it is resumed."""
    world.connect(1)
    world.tell(*employments(1, 10))
    office = world.office()
    for _ in range(4):
        office.turn()
    pause(world, brake)
    for _ in range(3):
        office.turn()
    before = len(office.weather.calls)
    world.clock.advance(3600.0)
    for _ in range(20):
        office.turn()

    assert 0 < before < 10
    assert len(office.weather.calls) == before
    resume(world, brake)
    world.settle(office)
    assert len(world.titles(1)) == 10
    assert len(office.weather.calls) == 10


def test_what_a_brake_does_not_name_goes_on(world: World) -> None:
    """Another section, another source, another person."""
    world.connect(1, 2)
    pause(world, Brake(source="/hr"))
    pause(world, Brake(person=person_id(2)))
    world.tell(employment(1), work(1), work(2))
    world.settle(world.office())

    assert (len(world.titles(1)), len(world.titles(2))) == (1, 0)
    assert world.states() == {ItemState.IN_SYNC: 1, ItemState.WAITING: 2}


def test_a_pause_is_heeded_by_a_process_that_plans_the_same_moment(world: World) -> None:
    """What it planned from was read in one look, so a brake of before its plan is in it."""
    world.connect(1)
    world.tell(employment(1))
    one, two = world.office(), world.office("two")
    one.loop.take_in(world.clock.now())
    pause(world, Brake(section="employment"))

    two.turn()
    one.turn()

    assert one.weather.calls == two.weather.calls == []
    assert world.states() == {ItemState.WAITING: 1}


def test_events_come_in_while_everything_is_paused(world: World) -> None:
    """No partition waits for an operator."""
    world.connect(1)
    office = world.office()
    pause(world, Brake())
    world.tell(*employments(1, 3))
    for _ in range(5):
        office.turn()

    assert world.store.logs.position(world.log.log) == 3
    assert office.weather.calls == []
