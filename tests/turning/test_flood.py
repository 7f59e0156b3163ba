"""The flood stop, in a running loop: a topic of foreign messages stops reading, while sending goes on."""

from typing import Any

import pytest

from tests.turning.worlds import HOUR, Office, World, employment
from worker.intake.flood import APPROVED_SECONDS, MOST, WINDOW, approve_flood, note_flood, standing_flood
from worker.turning.loop import BATCH


def foreign(number: int) -> dict[str, Any]:
    """A message that is none of ours."""
    return employment(number) | {"id": f"w{number}", "type": "weather.changed", "subject": f"W{number}"}


def position(world: World) -> int | None:
    """How far the topic was read."""
    return world.store.logs.position(world.log.log)


def turns(world: World, office: Office, count: int = 50) -> None:
    """Turns a second apart."""
    for _ in range(count):
        office.turn()
        world.clock.advance(1.0)


def test_a_topic_of_foreign_messages_stops_reading_with_few_dead_letters(world: World) -> None:
    """Positions stay before the batch that showed it, whatever comes later; sending goes on."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1))
    office.loop.take_in(world.clock.now())
    world.tell(*map(foreign, range(3 * BATCH)), employment(1, sequence=2, title="Professor"))

    turns(world, office)

    assert (position(world), world.store.letters.count()) == (1, 0)
    assert "the rule unknown-type" in (standing_flood(world.store) or "")
    assert world.titles(1) == ["Role 0"]


def test_a_trickle_of_foreign_messages_leaves_a_window_of_dead_letters(world: World) -> None:
    """No more than half a window, however they come."""
    office = world.office()
    for number in range(3 * WINDOW):
        world.tell(foreign(number))
        office.turn()
        world.clock.advance(1.0)

    assert world.store.letters.count() == position(world) == MOST
    assert standing_flood(world.store) is not None


def test_approved_it_is_taken_to_its_end(world: World) -> None:
    """With what comes after it; and the next flood stops again."""
    world.connect(1)
    office = world.office()
    world.tell(*map(foreign, range(300)))
    turns(world, office)
    stopped = position(world)

    approve_flood(world.store)
    world.tell(*(employment(2, number) for number in range(WINDOW)), employment(1))
    turns(world, office)
    taken = position(world), world.store.letters.count(), world.titles(1)
    world.tell(*map(foreign, range(1000, 1300)))
    turns(world, office)

    assert stopped in (None, 0)
    assert taken == (300 + WINDOW + 1, 300, ["Role 0"])
    assert (position(world), world.store.letters.count()) == (300 + WINDOW + 1, 300)
    assert standing_flood(world.store) is not None


def test_an_approval_lasts_while_the_flood_does_but_no_longer_than_a_day(world: World) -> None:
    """Forgotten, it lets nothing through the day after."""
    office = world.office()
    approve_flood(world.store)
    world.clock.advance(APPROVED_SECONDS + HOUR)
    world.tell(*map(foreign, range(300)))
    turns(world, office)

    assert world.store.letters.count() == 0


def test_what_stops_one_process_stops_all(world: World) -> None:
    """Nobody empties the topic that another one stopped at."""
    world.tell(*map(foreign, range(300)))
    turns(world, world.office())
    again = world.office()
    world.tell(employment(1))
    turns(world, again)

    assert position(world) in (None, 0)


def test_it_ends_by_itself_when_the_mapping_file_or_the_program_changed(world: World) -> None:
    """For then what could not be taken may be."""
    note_flood(world.store, "bad", "another mapping")
    world.tell(employment(1))
    turns(world, world.office())

    assert standing_flood(world.store) is None
    assert position(world) == 1


@pytest.mark.parametrize("bad", [pytest.param(MOST, id="half"), pytest.param(MOST + 1, id="more")])
def test_more_than_half_of_the_last_events_are_a_flood(world: World, bad: int) -> None:
    """Half of them are not."""
    good = [employment(1, number) for number in range(WINDOW - bad)]
    world.tell(*good, *map(foreign, range(bad)))
    turns(world, world.office())

    assert (standing_flood(world.store) is not None) is (bad > MOST)
    assert world.store.letters.count() == (bad if bad <= MOST else 0)


def test_a_log_read_again_is_no_flood(world: World) -> None:
    """Its dead letters are known: that somebody accepted them once is enough."""
    office = world.office()
    for number in range(2):
        approve_flood(world.store)
        world.tell(*map(foreign, range(300 * number, 300 * (number + 1))))
        turns(world, office)
        world.tell(*(employment(2, one, sequence=number + 1) for one in range(WINDOW)))
        turns(world, office)
    assert world.store.letters.count() == 600

    world.store.logs.begin_again(world.log.log)
    turns(world, world.office())

    assert standing_flood(world.store) is None
    assert (position(world), world.store.letters.count()) == (1000, 600)
