"""Identifiers that move between items, all the way to the record: what follows a refused step is not sent."""

from typing import Any

from tests.benchmarks.institution import work_event
from tests.turning.weather import Trouble, answered, method_of
from tests.turning.worlds import Office, World

REFUSED = answered(400, b'{"error-code": 9022, "developer-message": "no"}')


def the_work(number: int, doi: str, sequence: int) -> dict[str, Any]:
    """A work of person 1 under a DOI."""
    event = work_event(1, number, sequence=sequence)
    event["data"]["identifiers"] = [{"type": "doi", "value": f"10.5555/{doi}"}]
    return event


def a_world_with(world: World, dois: str) -> Office:
    """Works that stand on the record, one under each DOI."""
    world.connect(1)
    office = world.office()
    world.tell(*[the_work(number, doi, 1) for number, doi in enumerate(dois)])
    world.settle(office)
    office.weather.calls.clear()
    return office


def states(world: World) -> dict[str, tuple[str, str]]:
    """State and reason of each work."""
    wanted = world.store.items.facts("E00001").wanted
    return {item.key.record.subject.rpartition("-")[2]: (item.state.value, item.reason) for item in wanted}


def test_what_comes_after_a_refused_step_waits_and_goes_out_when_it_may(world: World) -> None:
    """A chain of three whose free end is refused: nothing is sent that ORCID would call a duplicate."""
    office = a_world_with(world, "abc")
    last = world.store.items.facts("E00001").published[2].put_code
    middle = world.store.items.facts("E00001").published[1].put_code
    trouble = Trouble(REFUSED, lambda call: method_of(call) == "PUT" and call.path.endswith(f"/{last}"))
    office.weather.troubles.append(trouble)
    world.tell(*[the_work(number, doi, 2) for number, doi in enumerate("bcd")])
    world.settle(office)

    assert office.weather.methods == ["PUT"]
    found = states(world)
    assert {number: state for number, (state, _) in found.items()} == {"0": "waiting", "1": "waiting", "2": "refused"}
    assert found["0"][1] == f"put-code {middle} still carries doi:10.5555/b on the record"
    assert found["1"][1] == f"put-code {last} still carries doi:10.5555/c on the record"

    office.weather.troubles.clear()
    world.tell(the_work(2, "e", 3))
    world.settle(office)

    assert office.weather.methods == ["PUT"] * 4
    assert {state for state, _ in states(world).values()} == {"in_sync"}


def test_a_refused_move_aside_leaves_a_cycle_as_it_stands(world: World) -> None:
    """Nobody moves, and nobody is doubled."""
    office = a_world_with(world, "ab")
    office.weather.troubles.append(Trouble(REFUSED, lambda call: method_of(call) == "PUT"))
    world.tell(the_work(0, "b", 2), the_work(1, "a", 2))
    world.settle(office)

    assert office.weather.methods == ["PUT"]
    assert sorted(state for state, _ in states(world).values()) == ["refused", "waiting"]


def test_a_swap_that_is_cut_short_is_gone_on_with(world: World) -> None:
    """One item made way, then ORCID was down: afterwards each gets what it is wanted with."""
    office = a_world_with(world, "ab")
    down = Trouble(answered(503), lambda call: method_of(call) == "PUT", times=0)
    office.weather.troubles.append(down)
    world.tell(the_work(0, "b", 2), the_work(1, "a", 2))
    while len(office.weather.calls) < 1:
        office.turn()
    down.times = 3
    world.settle(office)

    assert {state for state, _ in states(world).values()} == {"in_sync"}
    assert office.weather.count("POST", "DELETE") == 0
