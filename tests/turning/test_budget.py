"""The request budget, back-off and throttling: how fast we send, and how patiently, in virtual time."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from tests.turning.weather import UNSENT, Trouble, answered, is_for
from tests.turning.worlds import HOUR, PACE, Office, World, employment, employments

RATE, BURST = 5.0, 8.0
SLOW = replace(PACE, rate=RATE, burst=BURST)


def broken_window(times: list[float], rate: float, burst: float) -> str | None:
    """A stretch of time with more requests than rate * time + burst, if there is one."""
    for first, at in enumerate(times):
        for last in range(first, len(times)):
            if last - first + 1 > rate * (times[last] - at) + burst + 1e-3:
                return f"{last - first + 1} requests in {times[last] - at:.3f} s"
    return None


@pytest.mark.parametrize("seed", range(5))
def test_two_desks_together_never_send_more_than_the_budget(world: World, seed: int) -> None:
    """However their turns fall, however time moves: at most rate * time + burst, and all of it gets done."""
    chance = Random(seed)
    people = range(1, 13)
    world.connect(*people)
    offices = [world.office("one", pace=SLOW), world.office("two", pace=SLOW)]
    world.tell(*[event for person in people for event in employments(person, 6)])
    for _ in range(3000):
        chance.choice(offices).turn()
        if chance.random() < 0.5:
            world.clock.advance(chance.random() * 0.2)
        if world.store.agenda.next_at() is None:
            break
    world.settle(*offices)

    assert len(world.sky.submitted) == 72
    assert all(len(world.titles(person)) == 6 for person in people)
    assert broken_window(world.sky.submitted, RATE, BURST) is None
    assert world.sky.crossings == []


def test_a_backlog_is_sent_at_the_rate_and_not_slower(world: World) -> None:
    """The burst first, then one call every fifth of a second."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office(pace=SLOW)
    world.tell(*[employment(person) for person in people])
    for _ in range(2000):
        office.turn()
        world.clock.advance(0.01)

    times = [made.at for made in office.weather.calls]
    assert len(times) == 30
    assert times[-1] - times[0] == pytest.approx((30 - BURST) / RATE, abs=0.2)


def test_repeated_attempts_of_a_call_count_against_the_budget(world: World) -> None:
    """What the client sent twice was two requests."""
    world.connect(*range(1, 11))
    office = world.office(pace=SLOW)
    twice = replace(answered(201, location="http://orcid.test/v3.0/x/employment/77"), attempts=3)
    office.weather.troubles.append(Trouble(twice, times=1))
    world.tell(*[employment(person) for person in range(1, 11)])
    for _ in range(1000):
        office.turn()
        world.clock.advance(0.01)

    times = [made.at for made in office.weather.calls]
    assert len(times) == 10
    assert times[-1] - times[0] == pytest.approx((10 + 2 - BURST) / RATE, abs=0.2)


@pytest.mark.parametrize("status", [pytest.param(503, id="503"), pytest.param(429, id="429")])
def test_retry_after_slows_everybody(world: World, status: int) -> None:
    """Other records and other processes too: after what was in flight, nothing is sent before then."""
    people = range(1, 40)
    world.connect(*people)
    offices = [world.office("one", lanes=2), world.office("two", lanes=2)]
    throttled = answered(status, b"<html>", retry_after="90")
    offices[0].weather.troubles.append(Trouble(throttled, times=1))
    world.tell(*[employment(person) for person in people])
    told_at = world.clock.now()
    for _ in range(4):
        for office in offices:
            office.turn()
    early = [made for office in offices for made in office.weather.calls]
    world.settle(*offices)

    calls = [made for office in offices for made in office.weather.calls]
    later = [made.at - told_at for made in calls if made.at > told_at]
    assert len(early) <= 4
    assert min(later) >= 90.0
    assert all(world.titles(person) == ["Role 0"] for person in people)


def test_after_retry_after_not_all_come_at_once(world: World) -> None:
    """The bucket is empty then, so the burst is not spent on an ORCID that just recovered."""
    people = range(1, 20)
    world.connect(*people)
    office = world.office(pace=SLOW)
    office.weather.troubles.append(Trouble(answered(503, retry_after="60"), times=8))
    world.tell(*[employment(person) for person in people])
    for _ in range(1400):
        office.turn()
        world.clock.advance(0.05)

    after = [at for at in world.sky.submitted if at >= world.sky.submitted[0] + 60.0]
    assert broken_window(after, RATE, 1.0) is None
    assert all(world.titles(person) == ["Role 0"] for person in people)


def test_backing_off_grows_to_its_limit_and_is_forgotten_after_success(world: World) -> None:
    """1, 2, 4 … up to 300 seconds between two attempts; a later failure begins at 1 again."""
    world.connect(1)
    office = world.office(chance=lambda: 1.0)
    trouble = Trouble(UNSENT, is_for(world.orcid(1)), times=12)
    office.weather.troubles.append(trouble)
    world.tell(employment(1))
    world.settle(office, within=HOUR)
    first = waits(office)
    trouble.times = 2
    world.tell(employment(1, sequence=2, title="New"))
    office.weather.calls.clear()
    world.settle(office)

    assert [round(wait) for wait in first] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert [round(wait) for wait in waits(office)] == [1, 2]
    assert world.titles(1) == ["New"]


def test_backing_off_is_spread_by_chance(world: World) -> None:
    """Records that failed together do not come back together."""
    chance = Random(7)
    people = range(1, 10)
    world.connect(*people)
    office = world.office(chance=chance.random)
    office.weather.troubles.append(Trouble(UNSENT, times=9))
    world.tell(*[employment(person) for person in people])
    world.settle(office)

    again = [made.at for made in office.weather.calls[9:]]
    assert len(again) == 9
    assert min(again) >= office.weather.calls[0].at + 0.5
    assert len({round(at, 2) for at in again}) > 6


def test_a_failing_record_leaves_the_others_alone(world: World) -> None:
    """It rests by itself; the others go on at once."""
    world.connect(1, 2)
    office = world.office()
    office.weather.troubles.append(Trouble(UNSENT, is_for(world.orcid(1))))
    world.tell(employment(1), *employments(2, 5))
    world.settle(office, within=10.0)

    assert world.titles(2) == [f"Role {number}" for number in range(5)]
    assert len([made for made in office.weather.calls if made.orcid == world.orcid(1)]) <= 5


def waits(office: Office) -> list[float]:
    """The seconds between each two calls."""
    times = [made.at for made in office.weather.calls]
    return [after - before for before, after in pairwise(times)]
