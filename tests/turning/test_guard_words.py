"""The guard where little is known, much comes at once, or an operator changes their mind."""

from dataclasses import replace
from typing import Any

import pytest

from state.facts import ItemState, Origin
from tests.benchmarks.institution import person_id
from tests.turning.test_guard import adopt, employed, end, only_id, restore
from tests.turning.worlds import Office, World, employment
from worker.planning.guarding import Limits
from worker.planning.policy import Policy
from worker.recording.guard import PEOPLE, Guard
from worker.recording.removal_holds import held_removals, rejected_removals
from worker.recording.removal_words import approve_removals, reject_removals

REJECTED = "rejected: it stays as it stands until its source speaks again"


def emptied(person: int) -> dict[str, Any]:
    """A job of which only part is said any more."""
    event = employment(person, sequence=2)
    kept = {name: value for name, value in event["data"].items() if name not in {"start_date", "role_title"}}
    return event | {"data": kept}


def forget_what_stands(world: World) -> None:
    """ORCID may say something else by now: what was accepted last is the last that is known."""
    for one in list(world.store.items.published()):
        world.store.items.publish(replace(one, digest=""))


def held_four(world: World, office: Office) -> str:
    """Four of the jobs end, which is one too many."""
    end(world, 1, 2, 3, 4)
    world.settle(office)
    return only_id(world)


def reasons(world: World) -> set[tuple[ItemState, str]]:
    """What is said of the items that do not stand as they are wanted."""
    return {(state, reason) for state, reason, _ in world.store.items.reasons(9)}


def test_updates_that_only_empty_fields_count_where_it_is_not_known_what_stands(world: World) -> None:
    """They are compared with what ORCID accepted last."""
    office = employed(world, 6)
    forget_what_stands(world)

    world.tell(*(emptied(person) for person in range(1, 7)))
    world.settle(office)

    assert (office.weather.count("PUT"), world.states()) == (0, {"held": 6})


def test_what_is_not_known_to_stand_is_written_again_unasked(world: World) -> None:
    """The same once more empties nothing."""
    office = employed(world, 6)
    forget_what_stands(world)
    for person in range(1, 7):
        world.store.agenda.changed(person_id(person), 0.0, 0.0)
    world.settle(office)

    assert (office.weather.count("PUT"), world.states()) == (6, {"in_sync": 6})


@pytest.mark.parametrize("number", [pytest.param(99_999, id="far"), pytest.param(5, id="by one")])
def test_a_number_that_was_never_listed_names_nothing(world: World, number: int) -> None:
    """An id lets go what was listed under it, never all that there is."""
    office = employed(world, 8)
    mark = held_four(world, office).rpartition("-")[0]

    assert not approve_removals(world.store, f"{mark}-{number}")
    assert not reject_removals(world.store, f"{mark}-{number}")
    assert [one.removals for one in world.store.removals.held()] == [4]


def test_an_operator_s_word_is_about_so_many_removals(world: World) -> None:
    """Those listed under the id, and not what joined them."""
    office = employed(world, 8)
    listed = held_four(world, office)
    end(world, 5)
    world.settle(office)

    assert approve_removals(world.store, listed) == 4
    assert reject_removals(world.store, only_id(world)) == 1
    assert reject_removals(world.store, listed) == 0


def test_what_is_rejected_says_so_at_once(world: World) -> None:
    """Before anybody plans it again; and it says the same afterwards."""
    office = employed(world, 5)
    reject_removals(world.store, held_four(world, office))

    assert reasons(world) == {(ItemState.HELD, REJECTED)}
    world.settle(office)
    assert reasons(world) == {(ItemState.HELD, REJECTED)}


def test_what_was_rejected_can_be_approved_later(world: World) -> None:
    """By the id it was rejected by."""
    office = employed(world, 5)
    listed = held_four(world, office)
    assert reject_removals(world.store, listed) == 4
    world.settle(office)
    assert (rejected_removals(world.store), office.weather.count("DELETE")) == (4, 0)

    assert approve_removals(world.store, listed) == 4
    world.settle(office)

    assert (rejected_removals(world.store), office.weather.count("DELETE")) == (0, 4)
    assert world.states() == {"in_sync": 1}


def test_what_was_rejected_and_is_wanted_again_is_not_let_go(world: World) -> None:
    """The source has spoken since: an approval that comes late is of nothing."""
    office = employed(world, 5)
    listed = held_four(world, office)
    reject_removals(world.store, listed)
    restore(world, 1, 2, 3, 4)
    world.settle(office)

    assert approve_removals(world.store, listed) == 0
    assert (office.weather.count("DELETE"), world.states()) == (0, {"in_sync": 5})


def test_adopted_items_that_were_rejected_can_be_approved_later(world: World) -> None:
    """Exactly those that were listed under the id; what was rejected after them stays."""
    office = employed(world, 6)
    adopt(world, 1, 2, 3)
    end(world, 1, 2)
    world.settle(office)
    first = only_id(world)
    assert reject_removals(world.store, first) == 2
    world.clock.advance(1.0)
    end(world, 3)
    world.settle(office)
    assert reject_removals(world.store, only_id(world)) == 1
    world.settle(office)

    assert approve_removals(world.store, first) == 2
    world.settle(office)

    assert (office.weather.count("DELETE"), world.titles(3), held_removals(world.store)) == (2, ["Role 0"], [])


def test_a_number_does_not_approve_what_was_adopted_and_rejected(world: World) -> None:
    """That has an id of its own."""
    office = employed(world, 8)
    adopt(world, 8)
    end(world, 8)
    world.settle(office)
    reject_removals(world.store, only_id(world))
    listed = held_four(world, office)
    reject_removals(world.store, listed)

    assert approve_removals(world.store, listed) == 4
    world.settle(office)
    assert (world.titles(8), rejected_removals(world.store)) == (["Role 0"], 1)
    assert [one.origin for one in world.store.items.facts(person_id(8)).published] == [Origin.ADOPTED]


@pytest.mark.parametrize(
    ("people", "left"),
    [
        pytest.param(PEOPLE, 0, id="one transaction full"),
        pytest.param(4 * PEOPLE + 1, 0, id="several"),
        pytest.param(20 * PEOPLE, 0, id="as many as a batch has messages"),
        pytest.param(20 * PEOPLE + 1, 1, id="one more"),
    ],
)
def test_as_many_as_one_batch_can_bring_are_looked_at_before_a_turn_sends(world: World, people: int, left: int) -> None:
    """In transactions of a few; of more than that the rest is for the next turn, and nothing is sent before."""
    for person in range(people):
        world.store.removals.ask(f"p{person:05}")
    guard = Guard(world.store, Policy(), Limits())

    looked_at = guard.look(world.clock.now())

    assert len(world.store.removals.asked(people)) == left
    assert (looked_at == 0) == (left == 0)
