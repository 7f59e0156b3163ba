"""What reviews found: each of these once repeated calls for ever, or told the wrong state."""

import pytest

from tests.turning.test_reconcile import run, taken_in
from tests.turning.weather import CUT, TIMEOUT, Trouble, answered, by, is_for
from tests.turning.worlds import World, employment, employments
from worker.note_names import CIRCUIT

LOCKED = b'{"error-code": 9057}'


def test_reconciling_ends_when_orcid_never_answers(world: World) -> None:
    """Nothing changes any more: no new call is made, and those in flight are waited for."""
    people = range(1, 201)
    world.connect(*people)
    office = taken_in(world, *[employment(person) for person in people])
    office.weather.seconds = 30.0 / 12
    office.weather.troubles.append(Trouble(TIMEOUT))
    began = world.clock.at

    run(world, office)

    assert world.clock.at - began < 120.0


def test_when_all_sending_stopped_one_call_finds_out_whether_that_is_over(world: World) -> None:
    """Our client is locked: not a dozen tries a time."""
    people = range(1, 41)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(answered(409, LOCKED)))
    world.tell(*[employment(person) for person in people])
    world.settle(office, within=290)
    first = len(office.weather.calls)

    world.settle(office, within=300)

    assert len(office.weather.calls) - first == 1


def test_a_stop_ends_the_slices_at_work_and_no_late_success_takes_it_back(world: World) -> None:
    """Only calls that were in flight already come to their end."""
    people = range(1, 13)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(answered(409, LOCKED), is_for(world.orcid(1)), times=1))
    world.tell(*[event for person in people for event in employments(person, 10)])

    world.settle(office, within=200)

    assert len(office.weather.calls) <= 24
    assert world.store.notes.get(CIRCUIT) is not None


def test_a_404_for_what_is_still_listed_is_written_again(world: World) -> None:
    """The 404 was not about the item; nothing is listed for ever, and nothing is lost."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1))
    world.settle(office)
    office.weather.troubles.append(Trouble(answered(404, b'{"error-code": 9016}'), by("PUT"), times=1))
    world.tell(employment(1, sequence=2, title="New"))

    world.settle(office, within=600)

    assert world.titles(1) == ["New"]
    assert office.weather.methods.count("GET") == 1


def test_an_update_refused_while_an_earlier_one_is_in_doubt_leaves_the_item_unknown(world: World) -> None:
    """Old stands, A is carried out unseen, B is refused: wanting Old again is an update."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1, title="Old"))
    world.settle(office)
    office.weather.troubles.append(Trouble(CUT, by("PUT"), times=1, carried_out="now"))
    office.weather.troubles.append(Trouble(answered(400, b'{"error-code": 9001}'), by("PUT"), times=1))
    world.tell(employment(1, sequence=2, title="A"))
    world.settle(office, within=2)
    world.tell(employment(1, sequence=3, title="B"))
    world.settle(office)
    world.tell(employment(1, sequence=4, title="Old"))
    world.settle(office)

    assert world.titles(1) == ["Old"]


@pytest.mark.parametrize("status", [pytest.param(503, id="503"), pytest.param(429, id="429")])
def test_a_throttle_without_retry_after_slows_everybody(world: World, status: int) -> None:
    """The shared budget rests, not only the record that was told."""
    people = range(1, 61)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(answered(status)))
    world.tell(*[employment(person) for person in people])

    world.settle(office, within=0.4)

    assert len(office.weather.calls) < 30
