"""The circuit, in virtual time: it opens when ORCID is away, lets one probe at a time through, and closes again."""

from dataclasses import replace
from itertools import pairwise

import pytest
import structlog

from tests.turning.weather import TIMEOUT, UNSENT, Trouble, answered, is_for
from tests.turning.worlds import HOUR, Office, World, employment, employments
from worker.calling.circuit import Cause, Circuit, read_circuit
from worker.note_names import CIRCUIT
from worker.ports import Reply
from worker.turning.sentry import CALLS_IN_A_ROW, LONGEST_OUTAGE_WAIT

AWAY = [
    pytest.param(UNSENT, id="no-connection"),
    pytest.param(TIMEOUT, id="no-reply"),
    pytest.param(answered(503, b"<html>"), id="503"),
    pytest.param(answered(429), id="429"),
    pytest.param(answered(502, b"<html>"), id="502"),
]


def circuit(world: World) -> Circuit | None:
    """As all processes see it."""
    return read_circuit(world.store.notes.get(CIRCUIT))


def prepare(world: World, people: int, items: int = 2, *offices: Office) -> None:
    """So many people with so many items each."""
    del offices
    world.connect(*range(1, people + 1))
    world.tell(*[event for person in range(1, people + 1) for event in employments(person, items)])


@pytest.mark.parametrize("reply", AWAY)
def test_it_opens_when_calls_for_several_people_have_no_answer(world: World, reply: Reply) -> None:
    """Then one probe at a time is made, ever more rarely; intake goes on, and all goes out when ORCID is back."""
    office = world.office()
    trouble = Trouble(reply)
    office.weather.troubles.append(trouble)
    prepare(world, 30)
    world.settle(office, within=60.0)
    opened, calls = circuit(world), len(office.weather.calls)
    world.tell(employment(1, 7))
    world.settle(office, within=60.0)
    probes = len(office.weather.calls) - calls
    trouble.times = 0
    world.settle(office, within=HOUR)

    assert opened is not None
    assert opened.cause is Cause.OUTAGE
    assert "ORCID does not answer" in opened.why
    assert calls <= CALLS_IN_A_ROW + 12 + 60 / (LONGEST_OUTAGE_WAIT / 2) + 6
    assert 1 <= probes <= 60 / (LONGEST_OUTAGE_WAIT / 2)
    assert world.log.committed == 61
    assert circuit(world) is None
    assert all(len(world.titles(person)) == 2 + (person == 1) for person in range(1, 31))
    assert world.sky.crossings == []


def test_it_stays_closed_while_some_are_answered(world: World) -> None:
    """However many calls fail between."""
    office = world.office(lanes=1)
    office.weather.troubles.append(Trouble(UNSENT, lambda _: len(office.weather.calls) % 9 > 0))
    prepare(world, 40, 1)
    for _ in range(500):
        office.turn()
        world.clock.advance(0.05)
        assert circuit(world) is None


def test_it_stays_closed_for_a_few_people(world: World) -> None:
    """Four people's records may be broken by themselves."""
    office = world.office()
    office.weather.troubles.append(Trouble(UNSENT))
    prepare(world, 4)
    world.settle(office, within=600.0)

    assert len(office.weather.calls) > CALLS_IN_A_ROW
    assert circuit(world) is None


def test_it_is_one_for_all_processes(world: World) -> None:
    """What one finds out holds for the other, and no two of them probe at once."""
    offices = [world.office("one"), world.office("two")]
    for office in offices:
        office.weather.troubles.append(Trouble(UNSENT))
    prepare(world, 40)
    world.settle(*offices, within=30.0)
    known, before = circuit(world), sum(len(office.weather.calls) for office in offices)
    together = 0
    for _ in range(1200):
        for office in offices:
            office.turn()
        together = max(together, sum(office.loop.calls_in_flight for office in offices))
        world.clock.advance(0.1)
    probes = sum(len(office.weather.calls) for office in offices) - before
    for office in offices:
        office.weather.troubles.clear()
    world.settle(*offices)

    assert known is not None
    assert together == 1
    assert 120 / LONGEST_OUTAGE_WAIT - 1 <= probes <= 2 * 120 / LONGEST_OUTAGE_WAIT
    assert circuit(world) is None
    assert all(len(world.titles(person)) == 2 for person in range(1, 41))


def test_a_probe_whose_process_died_is_made_by_another(world: World) -> None:
    """When its time is over; until then nobody probes."""
    one, two = world.office("one"), world.office("two")
    one.weather.troubles.append(Trouble(UNSENT))
    prepare(world, 30)
    world.settle(one, within=5.0)
    while not one.loop.calls_in_flight:
        one.turn()
        world.clock.advance(0.1)
    died_at = world.clock.now()
    world.sky.flying.clear()
    world.settle(two)

    assert circuit(world) is None
    assert two.weather.calls[0].at >= died_at + 30.0
    assert all(len(world.titles(person)) == 2 for person in range(1, 31))


def test_a_probe_that_is_refused_closes_an_outage(world: World) -> None:
    """Any word of ORCID's own will do: it is there."""
    office = world.office()
    trouble = Trouble(UNSENT)
    office.weather.troubles.append(trouble)
    prepare(world, 30, 1)
    world.settle(office, within=20.0)
    trouble.times = 0
    office.weather.troubles.append(Trouble(answered(400, b'{"error-code": 9001}'), times=1))
    world.settle(office)

    assert circuit(world) is None
    assert sum(len(world.titles(person)) for person in range(1, 31)) == 29


def test_retry_after_of_a_probe_is_obeyed(world: World) -> None:
    """Nobody is tried before."""
    office = world.office()
    office.weather.troubles.append(Trouble(UNSENT, times=12))
    office.weather.troubles.append(Trouble(answered(503, retry_after="120"), times=1))
    prepare(world, 30, 1)
    world.settle(office)
    times = [made.at for made in office.weather.calls]

    assert times[13] - times[12] >= 120.0


def test_those_with_the_fewest_failures_are_probed_and_not_always_the_oldest(world: World) -> None:
    """One good record behind a dozen broken ones is found."""
    good = world.orcid(30)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, lambda call: not is_for(good)(call)))
    prepare(world, 20, 1)
    world.settle(office, within=0.0)
    while circuit(world) is None:
        office.turn()
        world.clock.advance(0.1)
    world.connect(30)
    world.tell(employment(30))
    world.settle(office, within=4 * LONGEST_OUTAGE_WAIT)

    assert world.titles(30) == ["Role 0"]


def test_opening_and_closing_are_each_logged_once(world: World) -> None:
    """With the cause, and in plain words."""
    structlog.reset_defaults()
    office = world.office()
    trouble = Trouble(UNSENT)
    office.weather.troubles.append(trouble)
    prepare(world, 30, 1)
    with structlog.testing.capture_logs() as lines:
        world.settle(office, within=100.0)
        trouble.times = 0
        world.settle(office)

    told = [(line["event"], line["cause"]) for line in lines if line["event"].startswith("sending_")]
    assert told == [("sending_stopped", "outage"), ("sending_resumed", "outage")]


def test_failures_are_counted_from_the_last_success(world: World) -> None:
    """A record whose call succeeded in between begins to wait from the start again."""
    world.connect(1)
    office = world.office(chance=lambda: 1.0)
    fails = iter([True, True, True, False, True])
    office.weather.troubles.append(Trouble(UNSENT, lambda _: next(fails, False)))
    world.tell(*employments(1, 2))
    world.settle(office)
    times = [made.at for made in office.weather.calls]

    assert [round(after - before) for before, after in pairwise(times)] == [1, 2, 4, 0, 1]


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(Circuit(Cause.OUTAGE, "ORCID does not answer", 1.0, 2.0), id="outage"),
        pytest.param(Circuit(Cause.OURS, "our client is locked", 1.0, 2.0, tries=3, probing_until=9.0), id="ours"),
    ],
)
def test_it_is_kept_as_it_is(kept: Circuit) -> None:
    """In one note."""
    assert read_circuit(kept.text()) == kept
    assert read_circuit(None) is None
    assert replace(kept, until=5.0, probing_until=7.0).waits(6.0)
    assert not replace(kept, until=5.0, probing_until=0.0).waits(5.0)
