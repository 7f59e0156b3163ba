"""The guard through crashes, doubts and several processes: never more removals than the limit, and none forgotten."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from mappers.sections import Section
from state.facts import ItemState, Origin
from state.removal_facts import RemovalState
from tests.benchmarks.institution import person_id
from tests.turning.weather import TIMEOUT, Trouble, by
from tests.turning.worlds import Office, World, employment, ended
from worker.people.merging import merge_people
from worker.planning.guarding import Limits
from worker.planning.policy import Leaving, Policy
from worker.recording.guard import recount
from worker.recording.removal_holds import held_removals
from worker.recording.removal_words import approve_removals, reject_removals

DAY = 86_400.0
THREE = Limits(3, 1.0)


def employed(world: World, people: int, **settings: Any) -> Office:
    """So many people with a job each, on their records."""
    world.connect(*range(1, people + 1))
    office = world.office(limits=THREE, **settings)
    world.tell(*(employment(person) for person in range(1, people + 1)))
    world.settle(office)
    office.weather.calls.clear()
    return office


def end(world: World, *people: int, sequence: int = 2) -> None:
    """Their jobs end."""
    world.tell(*(ended(employment(person), sequence) for person in people))


def restore(world: World, *people: int, sequence: int = 3) -> None:
    """Their jobs are there again."""
    world.tell(*(employment(person, sequence=sequence) for person in people))


def only_id(world: World) -> str:
    """The id of the one hold there is."""
    (held,) = held_removals(world.store)
    return held.id


def test_removals_of_several_processes_count_together(world: World) -> None:
    """Three go out, whoever sends them; the fourth and fifth are held."""
    first = employed(world, 6)
    other = world.office("two", limits=THREE)
    end(world, 1, 2)
    world.settle(first, other)
    end(world, 3)
    world.settle(other, first)
    end(world, 4, 5)
    world.settle(first, other)

    assert first.weather.count("DELETE") + other.weather.count("DELETE") == 3
    assert world.states() == {"held": 2, "in_sync": 1}


@pytest.mark.parametrize("seed", range(6))
def test_never_more_than_the_limit_goes_out_in_whatever_order_things_happen(world: World, seed: int) -> None:
    """Jobs end and come back while two processes take their turns, die and start again."""
    chance = Random(seed)
    people = range(1, 9)
    offices = [employed(world, len(people)), world.office("two", limits=THREE)]
    told = dict.fromkeys(people, True)
    deleted = 0
    for sequence in range(2, 30):
        person = chance.choice(people)
        told[person] = chance.random() < 0.4
        (restore if told[person] else end)(world, person, sequence=sequence)
        for _ in range(chance.randrange(4)):
            chance.choice(offices).turn()
        if chance.random() < 0.1:
            deleted += offices[1].weather.count("DELETE")
            offices[1] = world.office("two", limits=THREE)
            recount(world.store, THREE)
    world.settle(*offices)

    assert deleted + sum(office.weather.count("DELETE") for office in offices) <= 3
    gone = {person for person in people if not world.titles(person)}
    held = {one.item.person for one in world.store.removals.unsent("/hr", RemovalState.HELD)}
    assert {person_id(person) for person in people if not told[person]} == {*map(person_id, gone)} | held


def test_a_day_later_they_are_counted_anew(world: World) -> None:
    """Three on each of two days; four at once are held."""
    office = employed(world, 12)
    for day in range(2):
        end(world, *range(1 + 3 * day, 4 + 3 * day))
        world.settle(office)
        world.clock.advance(DAY)
    assert office.weather.count("DELETE") == 6

    end(world, 7, 8, 9, 10)
    world.settle(office)
    assert office.weather.count("DELETE") == 6
    assert world.states()[ItemState.HELD] == 4


def test_what_could_not_be_sent_for_days_counts_when_it_is(world: World) -> None:
    """Two a day while nothing is sent for two days: four at once are too many; two, and two that went before, not."""
    waits = Policy(settle_seconds=10.0, only=frozenset(), held_by="sending is off")
    office = employed(world, 8)
    silent = world.office(policy=waits, limits=THREE)
    end(world, 1, 2)
    world.settle(silent, within=1.0)
    world.clock.advance(2 * DAY)
    end(world, 3, 4)
    world.settle(silent, within=1.0)
    world.settle(office)
    assert (office.weather.count("DELETE"), world.states()[ItemState.HELD]) == (0, 4)


def test_what_went_days_ago_counts_no_more_for_what_waits_still(world: World) -> None:
    """Three went then; two more have waited, and are counted again at the next start: they go."""
    office = employed(world, 8)
    end(world, 1, 2, 3)
    world.settle(office)
    world.clock.advance(2 * DAY)
    waits = Policy(settle_seconds=10.0, only=frozenset(), held_by="sending is off")
    end(world, 4, 5)
    world.settle(world.office(policy=waits, limits=THREE), within=1.0)
    world.clock.advance(2 * DAY)
    recount(world.store, THREE)
    for person in (4, 5):
        world.store.agenda.changed(person_id(person), 0.0, 0.0)
    world.settle(office)

    assert office.weather.count("DELETE") == 5


def test_time_alone_lets_nothing_go(world: World) -> None:
    """What is held is held next week as well, and what joins it then."""
    office = employed(world, 8)
    end(world, 1, 2, 3, 4)
    world.settle(office)
    world.clock.advance(7 * DAY)
    end(world, 5)
    world.settle(office, within=DAY)

    assert office.weather.count("DELETE") == 0
    assert world.states()[ItemState.HELD] == 5


def test_a_removal_in_doubt_is_repeated_and_counts_once(world: World) -> None:
    """Three get no clear answer, a fourth comes: only that one is held, and the three are found out."""
    office = employed(world, 5)
    office.weather.troubles.append(Trouble(TIMEOUT, by("DELETE"), times=3, carried_out="never"))
    end(world, 1, 2, 3)
    world.settle(office, within=1.0)
    end(world, 4)
    world.settle(office)

    assert [world.titles(person) for person in range(1, 6)] == [[], [], [], ["Role 0"], ["Role 0"]]
    assert world.states() == {"held": 1, "in_sync": 1}
    assert world.store.intents.open_count() == 0


def test_a_removal_in_doubt_that_nobody_counted_is_repeated_whatever_is_held(world: World) -> None:
    """It was sent before it was counted, by an earlier version say: it is found out, and counts."""
    office = employed(world, 6)
    office.weather.troubles.append(Trouble(TIMEOUT, by("DELETE"), times=1, carried_out="never"))
    end(world, 1)
    world.settle(office, within=1.0)
    for one in world.store.removals.of_person(person_id(1)):
        world.store.removals.drop(one.number)
    end(world, 2, 3, 4, 5)
    world.settle(office)

    assert world.titles(1) == []
    assert world.states() == {"held": 4, "in_sync": 1}
    assert world.store.intents.open_count() == 0


def test_what_was_counted_and_not_sent_before_a_crash_counts_still(world: World) -> None:
    """A process dies between counting and sending: the next one holds the same."""
    employed(world, 6)
    dying = world.office(limits=THREE)
    end(world, 1, 2, 3, 4)
    while not dying.loop.take_in(world.clock.now()):
        pass
    dying.desk.pick(world.clock.now())
    after = world.office(limits=THREE)
    recount(world.store, THREE)
    world.settle(after)

    assert (dying.weather.count("DELETE"), after.weather.count("DELETE")) == (0, 0)
    assert world.states()[ItemState.HELD] == 4


def test_what_another_process_finds_too_much_is_not_sent_by_one_that_planned_it(world: World) -> None:
    """A step that was planned within the limit is looked at once more, just before it is sent."""
    planner = employed(world, 6)
    other = world.office("two", limits=THREE)
    end(world, 1, 2, 3)
    planner.loop.take_in(world.clock.now())
    planner.desk.pick(world.clock.now())
    end(world, 4)
    planner.loop.take_in(world.clock.now())
    other.desk.pick(world.clock.now())
    world.settle(planner, other)

    assert planner.weather.count("DELETE") + other.weather.count("DELETE") == 0
    assert world.states()[ItemState.HELD] == 4


def test_people_who_are_merged_keep_what_is_held(world: World) -> None:
    """Under the other's name, and under the same id."""
    office = employed(world, 5)
    end(world, 1, 2, 3, 4)
    world.settle(office)
    before = only_id(world)
    merge_people(world.store, person_id(1), person_id(6))
    world.settle(office)

    assert only_id(world) == before
    assert approve_removals(world.store, before)
    world.settle(office)
    assert office.weather.count("DELETE") == 4


def test_who_leaves_later_is_counted_when_the_day_has_come(world: World) -> None:
    """Nothing said so that day but the calendar: no more go than the limit lets go, and the others are held."""
    leaving = Policy(settle_seconds=10.0, leaving=Leaving(frozenset(employment_sections()), DAY, withdraw=True))
    office = employed(world, 6, policy=leaving)
    world.tell(*(left(person) for person in range(1, 6)))
    world.settle(office, within=1.0)
    assert (office.weather.count("DELETE"), world.states()) == (0, {"in_sync": 6})

    world.clock.advance(400 * DAY)
    world.settle(office)

    assert office.weather.count("DELETE") <= 3
    assert world.states()[ItemState.HELD] == 5 - office.weather.count("DELETE")


def employment_sections() -> list[Section]:
    """The one section that these jobs are in."""
    return [Section.EMPLOYMENT]


def left(person: int) -> dict[str, Any]:
    """The person left some months from now."""
    event = employment(person)
    said = {"person": {"id": person_id(person)}, "date": "2026-06-30"}
    return {**event, "id": f"L-{person}", "type": "hr.person.left", "subject": f"L-{person}", "data": said}


def adopt(world: World, *people: int) -> None:
    """What stands on their records counts as found there, not made by us."""
    for one in list(world.store.items.published()):
        if one.person in {person_id(person) for person in people}:
            world.store.items.publish(replace(one, origin=Origin.ADOPTED))


def test_adopted_items_that_nothing_wants_go_by_an_operator_s_word_alone(world: World) -> None:
    """They are listed by their put-codes; approved, exactly these go, and are not asked about again."""
    office = employed(world, 6)
    adopt(world, 1, 2, 3, 4, 5)
    end(world, 1, 2, 3, 4)
    world.settle(office)
    listed = only_id(world)
    assert (listed[:8], office.weather.count("DELETE"), world.states()[ItemState.HELD]) == ("adopted-", 0, 4)

    end(world, 5)
    world.settle(office)
    assert not approve_removals(world.store, listed)
    assert approve_removals(world.store, only_id(world))
    world.settle(office)

    assert office.weather.count("DELETE") == 5
    assert held_removals(world.store) == []


def test_adopted_items_that_are_rejected_stay_until_their_source_speaks(world: World) -> None:
    """They are listed no more, unless they are withdrawn once more."""
    office = employed(world, 3)
    adopt(world, 1, 2)
    end(world, 1, 2)
    world.settle(office)
    assert reject_removals(world.store, only_id(world))
    world.settle(office)
    assert (held_removals(world.store), world.states()[ItemState.HELD]) == ([], 2)

    end(world, 1, sequence=3)
    world.settle(office)
    assert [held.removals for held in held_removals(world.store)] == [1]
    assert office.weather.count("DELETE") == 0


@pytest.mark.parametrize("hold", ["removals-", "removals-00000000-", "removals-00000000-x", "removals-1-²", "adopted-"])
def test_an_id_that_names_nothing_decides_nothing(world: World, hold: str) -> None:
    """However it is spelled."""
    office = employed(world, 5)
    end(world, 1, 2, 3, 4)
    world.settle(office)

    assert not approve_removals(world.store, hold)
    assert not reject_removals(world.store, hold)
    assert [one.removals for one in world.store.removals.held()] == [4]


@pytest.mark.parametrize("rejects", [False, True])
def test_what_is_held_is_not_overwritten_by_what_comes_under_another_key(world: World, *, rejects: bool) -> None:
    """Another job of the same organization is added beside it; the same job takes it over, and then nothing is held."""
    office = employed(world, 5)
    end(world, 1, 2, 3, 4, 5)
    world.settle(office)
    if rejects:
        reject_removals(world.store, only_id(world))
    world.tell(
        *(employment(person, title=title) | {"subject": f"new {person}"} for person, title in ((1, "Dean"), (2, "")))
    )
    world.settle(office)

    assert (office.weather.count("PUT"), office.weather.count("DELETE"), office.weather.count("POST")) == (0, 0, 1)
    assert [len(world.titles(person)) for person in range(1, 6)] == [2, 1, 1, 1, 1]
    assert world.store.removals.counts("/hr", 0.0) == {RemovalState.REJECTED if rejects else RemovalState.HELD: 4}
