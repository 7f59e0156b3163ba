"""A store that fails for a moment: records in flight are neither lost nor stuck."""

from typing import Any

import pytest

from state.store import StoreError
from tests.turning.worlds import World, employment
from worker.note_names import RESTORED


class Failing:
    """A room whose one method fails once, on the n-th call from when it is armed."""

    def __init__(self, room: Any, method: str) -> None:
        self._room = room
        self._method = method
        self.fails_in = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._room, name)
        return self._failing(value) if name == self._method else value

    def _failing(self, method: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            self.fails_in -= 1
            if self.fails_in == 0:
                raise StoreError("the disk was full for a moment")
            return method(*args, **named)

        return call


@pytest.mark.parametrize(
    ("room", "method", "turns_before"),
    [
        pytest.param("turns", "spend", 0, id="while calls are prepared"),
        pytest.param("intents", "close", 1, id="while replies are recorded"),
        pytest.param("turns", "acquire", 0, id="while records are picked"),
    ],
)
def test_a_store_that_fails_once_leaves_no_record_stuck(
    world: World, room: str, method: str, turns_before: int
) -> None:
    """What was not at the lanes is as after a crash: leases and intents mend it."""
    people = range(1, 5)
    world.connect(*people)
    store: Any = world.store.twin()
    world.opened.append(store)
    failing = Failing(getattr(store, room), method)
    setattr(store, room, failing)
    office = world.office(store=store)
    world.tell(*[employment(person) for person in people])
    for _ in range(turns_before):
        office.turn()
    failing.fails_in = 3 if room == "turns" else 1

    with pytest.raises(StoreError):
        office.turn()
    for _ in range(500):
        office.turn()
        world.clock.advance(1.0)

    assert office.loop.calls_in_flight == 0
    assert world.states() == {"in_sync": 4}
    assert all(len(world.titles(person)) == 1 for person in people)


def test_who_reads_for_a_state_that_was_restored_goes_back(world: World) -> None:
    """What came between the backup and its restoring is taken again, whether anything new comes or not."""
    office = world.office()
    world.tell(employment(1))
    office.turn()
    (log,) = world.store.logs.positions()
    with world.store.transaction():  # as a restored backup leaves it
        world.store.logs.begin_again(log)
        world.store.notes.put(RESTORED, "1.0")

    with pytest.raises(StoreError, match="restored"):
        office.turn()
    office.turn()

    assert office.tally.events["hr.affiliation.changed", "unchanged"] == 1
