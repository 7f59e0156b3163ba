"""Former records and tokens, all the way: whose lease, whose grant, which budget, and what stops everybody."""

import json
from typing import Any

import pytest

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.facts import ItemState
from state.permission_facts import Grant, GrantState, MoveState
from tests.benchmarks.institution import person_id
from tests.turning.weather import Trouble, answered, by, is_for
from tests.turning.worlds import PACE, SCOPES, Office, World, employment, employments, ended
from worker.note_names import CIRCUIT
from worker.permission.grants import Permissions
from worker.permission.moves import approve_move
from worker.sandbox.control_forms import GrantForm
from worker.sandbox.researchers import grant
from worker.turning.pace import Pace

PERSON = person_id(1)


def permit(world: World, record: int, person: int = 1, expires_in: float | None = None) -> None:
    """The person connects the n-th record."""
    world.clock.advance(1.0)
    told: dict[str, Any] = grant(
        world.sandbox, GrantForm(orcid=world.orcid(record), scopes=SCOPES, expires_in=expires_in)
    )
    now = world.clock.now()
    given = Grant(
        person=person_id(person),
        orcid=world.orcid(record),
        name="",
        scopes=frozenset(SCOPES),
        access_token=Secret(str(told["access_token"])),
        refresh_token=Secret(str(told["refresh_token"])),
        expires_at=now + float(told["expires_in"]),
        granted_at=now,
    )
    with world.store.transaction():
        Permissions(world.store).grant(given)


def moved(world: World, count: int = 3) -> tuple[Office, OrcidId]:
    """Items stood on the first record; the person connected the second one, and an operator said yes."""
    permit(world, 1)
    office = world.office()
    world.tell(*employments(1, count))
    world.settle(office)
    permit(world, 2)
    world.settle(office)
    office.weather.calls.clear()
    ((move, standing),) = world.store.moves.all()
    assert (move.state, standing) == (MoveState.HELD, count)
    assert approve_move(world.store, move.id)
    return office, move.orcid


def test_a_former_record_is_written_under_its_own_lease(world: World) -> None:
    """While another process holds it nothing is sent there; the granted record goes on."""
    office, former = moved(world)
    other = world.store.twin()
    epoch = other.turns.acquire(former, "another", 30.0)
    assert epoch is not None
    world.tell(employment(1, 7))
    world.settle(office, within=20.0)
    held = [made.method for made in office.weather.calls]
    other.turns.release(former, epoch)
    other.close()
    world.settle(office)

    assert held == ["POST"]
    assert office.weather.methods == ["POST", "DELETE", "DELETE", "DELETE"]
    assert {made.orcid for made in office.weather.calls if made.method == "DELETE"} == {former}
    assert (world.titles(1), len(world.titles(2))) == ([], 4)
    assert world.states() == {ItemState.IN_SYNC: 4}


def test_a_long_clearing_takes_turns(world: World) -> None:
    """More removals than one slice makes are gone on with, and a new item does not wait for the last of them."""
    office, former = moved(world, count=45)
    while office.weather.count("DELETE") < 5:
        office.turn()
    world.tell(employment(1, 99))
    world.settle(office)
    added = next(number for number, made in enumerate(office.weather.calls) if made.method == "POST")

    assert office.weather.count("DELETE") == 45
    assert added < 30
    assert world.store.moves.move(PERSON, former) is None


def test_asking_for_tokens_costs_no_share_of_the_budget(world: World) -> None:
    """The authorization server is served elsewhere; nor is it counted among the calls."""
    permit(world, 1, expires_in=300.0)
    pace = Pace(rate=1e-9, burst=1.0, call_seconds=PACE.call_seconds)
    office = world.office(pace=pace)
    world.tell(employment(1))
    for _ in range(6):
        office.turn()

    assert office.weather.methods == ["TOKEN", "POST"]
    assert dict(office.tally.calls) == {"POST": 1}


@pytest.mark.parametrize(
    ("method", "revoked"), [pytest.param("TOKEN", False, id="renewing"), pytest.param("REVOKE", True, id="revoking")]
)
def test_a_wrong_secret_stops_everybody(world: World, method: str, *, revoked: bool) -> None:
    """It is no person's fault: nothing is sent until it is over, and then everything goes on."""
    permit(world, 1, expires_in=None if revoked else 400.0)
    if revoked:
        Permissions(world.store).revoke(PERSON, world.clock.now(), "by an operator")
    office = world.office()
    wrong = json.dumps({"error": "invalid_client", "error_description": "Bad client credentials"}).encode()
    trouble = Trouble(answered(401, wrong), by(method))
    office.weather.troubles.append(trouble)
    world.store.agenda.changed(PERSON, 0.0, 0.0)
    world.settle(office, within=1.0)
    permit(world, 2, person=2)
    world.tell(employment(2))
    world.settle(office, within=30.0)
    stopped, sent = world.store.notes.get(CIRCUIT), office.weather.count("POST")
    trouble.times = 0
    world.settle(office)

    assert stopped is not None
    assert "ORCID_SYNC_CLIENT_SECRET" in stopped
    assert sent == 0
    assert world.titles(2) == ["Role 0"]
    assert world.store.notes.get(CIRCUIT) is None


def test_a_refused_token_ends_all_writes_of_the_person_at_once(world: World) -> None:
    """One 401, however much waits; removals are tried still."""
    permit(world, 1)
    office = world.office()
    world.tell(employment(1, 0))
    world.settle(office)
    office.weather.calls.clear()
    body = b'{"error": "invalid_token", "error_description": "Invalid access token: 0"}'
    office.weather.troubles.append(Trouble(answered(401, body), is_for(world.orcid(1), "POST", "PUT", "GET")))
    world.tell(*(employment(1, number) for number in range(1, 30)))
    world.settle(office)
    tried = office.weather.methods
    world.tell(ended(employment(1, 0)))
    world.settle(office)

    assert tried == ["POST"]
    assert office.weather.methods == ["POST", "DELETE"]
    assert [one.state for one in world.store.grants.of_person(PERSON)] == [GrantState.BROKEN]
    assert world.titles(1) == []
