"""The verdict breaker, in virtual time: what is noted, tried again, believed for a while, and taken back whole."""

import json

import pytest

from state.brake_facts import Brake
from state.permission_facts import GrantState
from tests.turning.test_breaker import REVOKED, circuit, ill, told_of, verdicts
from tests.turning.weather import Trouble, answered, by
from tests.turning.worlds import Office, World, employment, work
from worker.recording.verdicts import WINDOW_SECONDS, approve_verdicts, reject_verdicts
from worker.turning.breaker import FEWEST
from worker.turning.picking import MOST_CANDIDATES


def test_every_document_of_a_refused_bulk_is_taken_back(world: World) -> None:
    """Those too that come after the verdict for which sending stops, in its reply and in others."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office()
    error = {"error": {"response-code": 400, "error-code": 9001, "developer-message": "x"}}
    refused = answered(200, json.dumps({"bulk": [error] * 3}).encode())
    office.weather.troubles.append(Trouble(refused, by("POST")))
    world.tell(*[work(person, number) for person in people for number in range(3)])
    world.settle(office, within=5.0)
    office.weather.troubles.clear()
    told = verdicts(world)

    assert reject_verdicts(world.store, "verdicts-refused") == told
    assert verdicts(world) == 0
    world.settle(office)
    assert world.states() == {"in_sync": 90}


def stopped(world: World) -> Office:
    """All sending is held back, since ORCID said of a dozen people that their token is broken."""
    world.connect(*range(1, 31))
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED))
    world.tell(*[employment(person) for person in range(1, 31)])
    world.settle(office, within=0.5)
    assert circuit(world) is not None
    return office


def test_who_cannot_be_tried_again_keeps_the_verdict(world: World) -> None:
    """All who have it are paused: nothing is taken back, a few are looked at in a turn, and it is tried more rarely."""
    office = stopped(world)
    believed = verdicts(world)
    for one in world.store.grants.all():
        if one.state is GrantState.BROKEN:
            world.store.brakes.put(Brake(person=one.person, at=world.clock.now()))
    office.weather.troubles.clear()
    planned = []
    for _ in range(200):
        planned.append(office.desk.pick(world.clock.now()))
        office.turn()
        world.clock.advance(0.5)

    assert believed > FEWEST
    assert verdicts(world) == believed
    assert circuit(world) is not None
    assert 0 < max(planned) <= MOST_CANDIDATES
    assert sum(number > 0 for number in planned) <= 200 * 0.5
    for brake in world.store.brakes.all():
        world.store.brakes.release(brake)
    world.settle(office)
    assert verdicts(world) == 0


@pytest.mark.parametrize("after", [pytest.param(0.0, id="at-once"), pytest.param(WINDOW_SECONDS + 1, id="too-late")])
def test_an_approval_may_be_taken_back_for_ten_minutes(world: World, after: float) -> None:
    """Also of those who got the verdict since, while it was believed."""
    office = stopped(world)
    held = verdicts(world)
    assert approve_verdicts(world.store, "verdicts-broken-grant")
    world.settle(office, within=20.0)
    believed = verdicts(world)
    world.clock.advance(after)
    office.weather.troubles.clear()

    assert held < believed == 30
    assert reject_verdicts(world.store, "verdicts-refused") is None
    assert reject_verdicts(world.store, "verdicts-broken-grant") == (None if after else 30)
    world.settle(office)
    assert verdicts(world) == (30 if after else 0)


def test_what_a_probe_confirmed_may_be_taken_back(world: World) -> None:
    """For as long."""
    people, sick = range(1, 46), range(1, 16)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED, ill(world, sick)))
    told_of(world, office, people)
    world.settle(office, within=60.0)
    believed = verdicts(world)
    office.weather.troubles.clear()

    assert circuit(world) is None
    assert believed == reject_verdicts(world.store, "verdicts-broken-grant") == 15
    world.settle(office)
    assert world.states() == {"in_sync": 45}


def test_a_kind_is_doubted_again_after_ten_minutes(world: World) -> None:
    """However steadily its verdicts came meanwhile."""
    office = stopped(world)
    approve_verdicts(world.store, "verdicts-broken-grant")
    world.connect(*range(31, 101))
    for person in range(31, 71):
        world.tell(employment(person))
        world.settle(office, within=1.0)
        world.clock.advance(16.0)
        assert circuit(world) is None
    world.tell(*[employment(person) for person in range(71, 101)])
    world.settle(office, within=1.0)

    assert circuit(world) is not None
