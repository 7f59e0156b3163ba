"""Two processes on one state: never two calls for one iD at once, whatever their turns and whatever ORCID does."""

from collections.abc import Callable
from itertools import count
from random import Random

import pytest

from tests.turning.weather import CUT, TIMEOUT, UNSENT, AnyCall, Trouble, answered
from tests.turning.worlds import CALL_SECONDS, World, employment, ended, work
from worker.ports import Answer, Reply

TROUBLES: tuple[Reply, ...] = (
    CUT,
    TIMEOUT,
    UNSENT,
    answered(500, b'{"error-code": 9008}'),
    answered(503, b"<html>", retry_after="7"),
    answered(502, b"<html>"),
)


def an_event(chance: Random, sequence: int, people: range) -> dict[str, object]:
    """Something that happens to one of four items of somebody."""
    person, number = chance.choice(people), chance.randrange(2)
    make = chance.choice((employment, work))
    event = make(person, number, sequence=sequence, title=f"Title {sequence}")
    return ended(event, sequence) if chance.random() < 0.2 else event


@pytest.mark.parametrize("seed", range(12))
def test_two_desks_never_send_for_one_record_at_once_and_end_right(world: World, seed: int) -> None:
    """Turns in any order, changes in the middle, calls lost before, after and long after they were carried out."""
    chance = Random(seed)
    people = range(1, 5)
    world.connect(*people)
    offices = [world.office("one", chance=chance.random), world.office("two", chance=chance.random)]
    for office in offices:
        for _ in range(4):
            matches = _sometimes(Random(chance.random()), 0.15)
            carried_out = chance.choice(("never", "now"))
            reply = chance.choice(TROUBLES)
            if reply is UNSENT or (isinstance(reply, Answer) and reply.status == 503):
                carried_out = "never"
            office.weather.troubles.append(Trouble(reply, matches, times=5, carried_out=carried_out))
    told: dict[tuple[str, str], dict[str, object]] = {}
    for sequence in range(1, 41):
        event = an_event(chance, sequence, people)
        told[str(event["source"]), str(event["subject"])] = event
        world.tell(event)
        for _ in range(chance.randrange(6)):
            chance.choice(offices).turn()
            world.clock.advance(chance.random() * CALL_SECONDS / 20)
    world.settle(*offices)

    assert world.sky.crossings == []
    for person in people:
        assert world.titles(person) == wanted_titles(told, person)
    assert set(world.states()) <= {"in_sync"}
    assert world.store.intents.open_count() == 0
    calls = sum(len(office.weather.calls) for office in offices)
    world.settle(*offices)
    assert sum(len(office.weather.calls) for office in offices) == calls


def test_nobody_is_sent_for_whom_another_process_had_rest_while_this_one_picked(world: World) -> None:
    """Who is due is read once and opened one by one: in between another process may have met a failure."""
    world.connect(1, 2)
    two = world.office("two")
    two.weather.troubles.append(Trouble(UNSENT, times=1))
    looks = count()

    def the_other_goes_first() -> float:
        if next(looks) == 1:  # after this one has opened the first person
            while two.turn():
                world.clock.advance(0.01)
        return 0.0

    one = world.office("one", steady=the_other_goes_first)
    world.tell(employment(1), employment(2))
    one.turn()
    one.turn()

    assert {made.orcid for made in two.weather.calls} == {world.orcid(2)}
    assert {made.orcid for made in one.weather.calls} == {world.orcid(1)}
    world.settle(one, two)
    assert (world.titles(1), world.titles(2)) == (["Role 0"], ["Role 0"])


def _sometimes(chance: Random, share: float) -> Callable[[AnyCall], bool]:
    return lambda _: chance.random() < share


def wanted_titles(told: dict[tuple[str, str], dict[str, object]], person: int) -> list[str]:
    """The titles that the last event of each record of a person asks for."""
    titles = []
    for (_, subject), event in told.items():
        data = event["data"]
        assert isinstance(data, dict)
        if data and subject.split("-")[1] == str(person):
            titles.append(str(data.get("title") or data.get("role_title")))
    return sorted(titles)
