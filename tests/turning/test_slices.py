"""Slices: one record's share of a lane, after which it is another's turn."""

from itertools import groupby

from tests.turning.weather import Trouble, answered, is_for
from tests.turning.worlds import HOUR, World, employment, employments, ended, work
from worker.turning.sentry import LONGEST_OUTAGE_WAIT
from worker.turning.slice import SLICE_STEPS


def test_events_become_items_on_the_record(world: World) -> None:
    """The whole way: a bulk of works, single affiliations, an update and a removal."""
    world.connect(1)
    office = world.office()
    world.tell(work(1, 0), work(1, 1), employment(1))
    world.settle(office)
    world.tell(employment(1, sequence=2, title="Professor"), ended(work(1, 1)))
    world.settle(office)

    assert world.titles(1) == ["On the 0-th question of person 1", "Professor"]
    assert sorted(office.weather.methods) == ["DELETE", "POST", "POST", "PUT"]


def test_after_twenty_steps_it_is_another_records_turn(world: World) -> None:
    """With one lane: twenty calls for the first, all of the second, then the rest of the first."""
    world.connect(1, 2)
    office = world.office(lanes=1)
    office.weather.seconds = 0.1
    world.tell(*employments(1, 50), employment(2))
    world.settle(office)

    runs = [(orcid, len(list(calls))) for orcid, calls in groupby(office.weather.calls, lambda made: made.orcid)]
    first, second = world.orcid(1), world.orcid(2)
    assert runs == [(first, SLICE_STEPS), (second, 1), (first, 30)]
    assert len(world.titles(1)) == 50


def test_records_with_much_to_do_take_turns(world: World) -> None:
    """Three records of fifty items in one lane: nobody gets a second slice before everybody had a first."""
    world.connect(1, 2, 3)
    office = world.office(lanes=1)
    office.weather.seconds = 0.1
    world.tell(*employments(1, 50), *employments(2, 50), *employments(3, 50))
    world.settle(office)

    runs = [world_person(world, orcid) for orcid, _ in groupby(office.weather.calls, lambda made: made.orcid)]
    assert runs == [1, 2, 3, 1, 2, 3, 1, 2, 3]


def test_a_slice_ends_after_thirty_seconds(world: World) -> None:
    """Slow calls count by their time: at eight seconds each, the fifth is the last."""
    world.connect(1, 2)
    office = world.office(lanes=1)
    office.weather.seconds = 8.0
    world.tell(*employments(1, 8), *employments(2, 8))
    world.settle(office)

    runs = [len(list(calls)) for _, calls in groupby(office.weather.calls, lambda made: made.orcid)]
    assert runs == [5, 5, 3, 3]


def test_broken_people_do_not_starve_others(world: World) -> None:
    """A hundred records that fail every time, and one that does not, in two lanes: it gets its turn among the first."""
    broken = range(1, 101)
    world.connect(*broken, 101)
    office = world.office(lanes=2)
    world.tell(*[employment(person) for person in broken])
    orcids = {world.orcid(person) for person in broken}
    failing = answered(500, b'{"error-code": 9008}')
    office.weather.troubles.append(Trouble(failing, lambda call: call.path.split("/")[2] in orcids))
    world.settle(office, within=60.0)
    before = len(office.weather.calls)
    world.tell(employment(101))
    world.settle(office, within=2 * LONGEST_OUTAGE_WAIT)

    calls = [made.orcid for made in office.weather.calls[before:]]
    assert world.titles(101) == ["Role 0"]
    assert calls.index(world.orcid(101)) <= 2


def test_people_without_permission_cost_nothing(world: World) -> None:
    """They are looked at once, wait, and go out as soon as they grant."""
    office = world.office()
    world.tell(*employments(1, 3))
    world.settle(office)
    asked = list(office.weather.calls)
    world.connect(1)
    world.store.agenda.changed("E00001", 0.0, 0.0)
    world.settle(office)

    assert asked == []
    assert len(world.titles(1)) == 3


def test_a_change_in_the_middle_of_a_slice_is_never_sent_stale(world: World) -> None:
    """What was planned before it is dropped: no call carries the old title after the change was taken in."""
    world.connect(1)
    office = world.office(lanes=1)
    world.tell(*employments(1, 6))
    for _ in range(4):
        office.turn()
    made = len(office.weather.calls)
    assert 0 < made < 5
    world.tell(employment(1, 5, sequence=2, title="New"), ended(employment(1, 4)))
    world.settle(office)

    assert world.titles(1) == ["New", "Role 0", "Role 1", "Role 2", "Role 3"]
    assert office.weather.methods == ["POST"] * 5
    assert office.loop.calls_in_flight == 0


def test_a_change_by_another_process_in_the_middle_of_a_slice_is_seen(world: World) -> None:
    """Its transaction is enough: nothing is told from process to process."""
    world.connect(1)
    reader, sender = world.office("one"), world.office("two", lanes=1)
    reader.desk.may_send = False
    world.tell(*employments(1, 4))
    reader.turn()
    sender.turn()
    sender.turn()
    world.tell(*[employment(1, number, sequence=2, title=f"New {number}") for number in range(4)])
    reader.turn()
    world.settle(reader, sender)

    assert world.titles(1) == ["New 0", "New 1", "New 2", "New 3"]
    assert sender.weather.methods.count("PUT") == sender.weather.methods.index("PUT")


def test_a_revoked_permission_stops_a_slice(world: World) -> None:
    """No call with its token is made after the revocation was taken in; the token is revoked at ORCID."""
    world.connect(1)
    office = world.office(lanes=1)
    world.tell(*employments(1, 6))
    for _ in range(3):
        office.turn()
    made = len(office.weather.calls)
    world.clock.advance(60.0)
    world.tell(
        {
            "specversion": "1.0",
            "id": "r1",
            "source": "/consent",
            "type": "permission.revoked",
            "subject": "E00001",
            "time": "2025-11-24T16:00:30Z",
            "data": {"person": {"id": "E00001"}},
        }
    )
    world.settle(office)

    assert list(world.store.letters.open()) == []
    assert world.store.grants.current("E00001") is None
    assert office.weather.count("POST", "PUT", "GET") <= made + 1
    assert office.weather.methods[-1] == "REVOKE"


def test_replay_converges_to_no_calls(world: World) -> None:
    """The same log once more, and once more in another process: nothing is asked of ORCID."""
    world.connect(1, 2)
    office = world.office()
    story = [*employments(1, 3), work(1, 0), work(1, 1), employment(2), ended(employment(1, 2))]
    world.tell(*story)
    world.settle(office)
    before = len(office.weather.calls)
    world.tell(*story)
    world.settle(office)
    other = world.office("two")
    world.tell(*reversed(story))
    world.settle(office, other)

    assert len(office.weather.calls) == before
    assert other.weather.calls == []
    assert list(world.states()) == ["in_sync"]


def test_look_through_plans_without_sending(world: World) -> None:
    """It notes how far everything has come, and leaves everybody due."""
    world.connect(1)
    office = world.office()
    world.tell(*employments(1, 2), employment(2))
    office.loop.take_in(world.clock.now())
    office.desk.look_through(world.clock.now(), lambda: False)

    assert office.weather.calls == []
    assert world.states() == {"pending": 2, "waiting": 1}
    assert [due.person for due in world.store.agenda.due(world.clock.now(), 10)] == ["E00001", "E00002"]
    world.settle(office)
    assert len(world.titles(1)) == 2


def test_look_through_stops_when_interrupted(world: World) -> None:
    """After the person it is at."""
    office = world.office()
    world.tell(employment(1), employment(2), employment(3))
    office.loop.take_in(world.clock.now())
    answers = iter([False, True])
    office.desk.look_through(world.clock.now(), lambda: next(answers))

    assert world.states() == {"waiting": 1, "pending": 2}


def test_what_stands_there_from_others_is_left_alone(world: World) -> None:
    """Only our own items are ours to change."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(answered(403, b'{"error-code": 9010}'), is_for(world.orcid(1), "PUT")))
    world.tell(employment(1))
    world.settle(office)
    world.tell(employment(1, sequence=2, title="New"))
    world.settle(office, within=25 * HOUR)

    assert world.titles(1) == ["Role 0"]
    assert office.weather.count("PUT") == 1
    assert world.states() == {"refused": 1}


def world_person(world: World, orcid: str) -> int:
    """The number of the person with this iD."""
    return next(person for person in range(1, 200) if world.orcid(person) == orcid)
