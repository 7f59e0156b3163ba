"""Stopping: by ORCID's word that something is wrong with us, and by the operator's."""

import json

import pytest

from tests.turning.weather import Trouble, answered, is_for
from tests.turning.worlds import HOUR, PACE, World, employment, employments
from worker.note_names import CIRCUIT

STOPS = [
    pytest.param(answered(409, b'{"error-code": 9057}'), id="client-locked-9057"),
    pytest.param(answered(401, b'{"error": "invalid_client"}'), id="wrong-client"),
    pytest.param(answered(403, b'{"error": "forbidden"}'), id="forbidden-without-code"),
    pytest.param(answered(404, b"<html>not here</html>"), id="wrong-base-url"),
    pytest.param(answered(302, b"", location="https://elsewhere.example"), id="redirected-elsewhere"),
]


@pytest.mark.parametrize("reply", STOPS)
def test_what_is_wrong_with_us_stops_the_picking_of_records(world: World, reply: object) -> None:
    """Records not begun yet are left alone, in this process and in others, until the time is over."""
    people = range(1, 31)
    world.connect(*people)
    offices = [world.office("one", lanes=1), world.office("two", lanes=1)]
    offices[0].weather.troubles.append(Trouble(reply))  # type: ignore[arg-type]
    offices[1].weather.troubles.append(Trouble(reply))  # type: ignore[arg-type]
    world.tell(*[employment(person) for person in people])
    world.settle(*offices, within=PACE.retry_max - 1.0)

    note = world.store.notes.get(CIRCUIT)
    assert note is not None
    assert sum(len(office.weather.calls) for office in offices) <= 2
    assert world.store.intents.open_count() == 0


@pytest.mark.parametrize("reply", STOPS)
def test_sending_resumes_when_a_later_try_succeeds(world: World, reply: object) -> None:
    """All goes out then, and nothing is lost or doubled by the stop."""
    people = range(1, 6)
    world.connect(*people)
    office = world.office(lanes=1)
    office.weather.troubles.append(Trouble(reply, times=1))  # type: ignore[arg-type]
    world.tell(*[event for person in people for event in employments(person, 2)])
    began = world.clock.now()
    world.settle(office)

    assert office.weather.calls[1].at >= began + PACE.retry_max
    assert all(len(world.titles(person)) == 2 for person in people)
    assert world.store.notes.get(CIRCUIT) is None
    assert list(world.states()) == ["in_sync"]


def test_with_one_lane_each_stop_is_followed_by_one_probe(world: World) -> None:
    """One call each five minutes, for as long as it lasts; intake goes on."""
    people = range(1, 11)
    world.connect(*people)
    office = world.office(lanes=1)
    office.weather.troubles.append(Trouble(answered(409, b'{"error-code": 9057}'), times=12))
    world.tell(*[employment(person) for person in people])
    world.settle(office, within=HOUR - 1.0)

    assert len(office.weather.calls) == HOUR / PACE.retry_max
    assert world.log.committed == 10


def test_a_stop_is_no_verdict_about_the_item(world: World) -> None:
    """Nothing is refused because our client was locked."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(answered(409, b'{"error-code": 9057}'), is_for(world.orcid(1)), times=1))
    world.tell(employment(1))
    world.settle(office, within=10.0)

    assert list(world.states()) == ["pending"]


def test_stopping_lets_calls_in_flight_end_and_records_them(world: World) -> None:
    """What ORCID did is known then, and nothing is in doubt."""
    world.connect(1, 2)
    office = world.office()
    world.tell(employment(1), employment(2))
    office.turn()
    in_flight = office.loop.calls_in_flight
    office.loop.stop(world.clock.now, 30.0)

    assert in_flight == 2
    assert office.loop.calls_in_flight == 0
    assert (world.titles(1), world.titles(2)) == (["Role 0"], ["Role 0"])
    assert world.store.intents.open_count() == 0


def test_after_stopping_nothing_is_sent_and_everything_is_given_back(world: World) -> None:
    """Another process goes on at once: no lease has to run out."""
    world.connect(1)
    office, heir = world.office("one", lanes=1), world.office("two")
    world.tell(*employments(1, 5))
    office.turn()
    office.turn()
    office.loop.stop(world.clock.now, 30.0)
    before = len(office.weather.calls)
    for _ in range(5):
        office.turn()
    after = len(office.weather.calls)
    world.settle(heir, within=1.0)

    assert (before, after) == (2, 2)
    assert len(world.titles(1)) == 5


def test_stopping_without_grace_leaves_calls_in_doubt_and_loses_nothing(world: World) -> None:
    """As a second SIGTERM: the next process finds out."""
    world.connect(1)
    office = world.office("one")
    world.tell(employment(1))
    office.turn()
    office.loop.stop(world.clock.now, 0.0)
    office.lanes.close(0.0)
    world.sky.flying.clear()
    heir = world.office("two")
    world.settle(heir)

    assert office.weather.calls == []
    assert world.titles(1) == ["Role 0"]
    assert list(world.states()) == ["in_sync"]


def test_stopping_with_nothing_in_flight_takes_no_time(world: World) -> None:
    """Twice as well: the daemon and its wiring both do it."""
    office = world.office()
    office.loop.stop(world.clock.now, 30.0)
    office.loop.stop(world.clock.now, 30.0)

    assert world.clock.now() == world.clock.at
    assert office.weather.calls == []


def test_events_taken_in_are_committed_with_their_position(world: World) -> None:
    """A process that starts anew reads on behind them, and applies none twice."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1))
    office.turn()
    office.loop.stop(world.clock.now, 30.0)
    again = world.office()
    world.tell(employment(1, 1))
    world.settle(again)

    assert world.log.committed == 2
    assert sum(again.tally.events.values()) == 1
    assert json.loads(world.log.messages[0].value or b"")["subject"] == "APPT-1-0"
