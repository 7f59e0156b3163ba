"""Calls in doubt, and leases: no item twice, none lost, whatever reply is lost and however late it comes."""

import pytest

from tests.turning.weather import CUT, TIMEOUT, Trouble, answered, by
from tests.turning.worlds import CALL_SECONDS, World, employment, employments, ended, work
from worker.ports import Answer

LATEST = 2 * CALL_SECONDS
"""From then on a request can no longer be carried out late, and a lease can be taken over."""
IN_DOUBT = [
    pytest.param(TIMEOUT, LATEST, id="timeout"),
    pytest.param(answered(502, b"<html>"), LATEST, id="proxy-502"),
    pytest.param(answered(504, b"<html>"), LATEST, id="proxy-504"),
    pytest.param(CUT, 10.0, id="cut"),
    pytest.param(answered(500, b'{"error-code": 9008}'), 10.0, id="orcids-own-500"),
]


@pytest.mark.parametrize(("reply", "patience"), IN_DOUBT)
@pytest.mark.parametrize("carried_out", ["never", "now"])
@pytest.mark.parametrize("kind", ["works", "employment"])
def test_a_post_in_doubt_is_not_repeated_before_it_can_no_longer_be_carried_out(
    world: World, reply: object, patience: float, carried_out: str, kind: str
) -> None:
    """Then it is sent again, and what it was is found out: the item stands there once."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(reply, by("POST"), times=1, carried_out=carried_out))  # type: ignore[arg-type]
    world.tell(*([work(1, 0), work(1, 1)] if kind == "works" else [employment(1)]))
    world.settle(office)

    first, second, *_ = [made.at for made in office.weather.calls if made.method == "POST"]
    assert second - first >= patience
    assert len(world.titles(1)) == (2 if kind == "works" else 1)
    assert list(world.states()) == ["in_sync"]
    assert world.store.intents.open_count() == 0
    failed = isinstance(reply, Answer) and reply.status == 500  # one of them may be at fault, so they go alone
    halved = failed and (kind, carried_out) == ("works", "never")
    assert office.weather.count("POST") == (3 if halved else 2)


def test_a_post_that_is_carried_out_late_does_not_double_its_item(world: World) -> None:
    """It reaches ORCID after the timeout and before the repetition."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1, carried_out="later"))
    world.tell(employment(1))
    world.settle(office, within=LATEST - 1.0)
    posts = office.weather.count("POST")
    office.weather.carry_out_late()
    world.settle(office)

    assert posts == 1
    assert world.titles(1) == ["Role 0"]
    assert list(world.states()) == ["in_sync"]


def test_a_change_while_a_post_is_in_doubt_waits_and_then_wins(world: World) -> None:
    """The old document is sent word for word once more, then the new one goes over it."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1, carried_out="later"))
    world.tell(employment(1))
    world.settle(office, within=5.0)
    world.tell(employment(1, sequence=2, title="New"))
    world.settle(office, within=20.0)
    before = office.weather.methods
    office.weather.carry_out_late()
    world.settle(office)

    assert before == ["POST"]
    assert world.titles(1) == ["New"]
    assert office.weather.count("POST") == 2


@pytest.mark.parametrize("carried_out", ["never", "now", "later"])
def test_a_withdrawal_while_a_post_is_in_doubt_leaves_nothing_behind(world: World, carried_out: str) -> None:
    """What was carried out after all is found and removed."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1, carried_out=carried_out))
    world.tell(employment(1))
    world.settle(office, within=5.0)
    world.tell(ended(employment(1)))
    world.settle(office, within=20.0)
    office.weather.carry_out_late()
    world.settle(office)

    assert world.titles(1) == []
    assert world.states() == {}
    assert world.store.intents.open_count() == 0
    assert office.weather.count("POST") == 1


@pytest.mark.parametrize(("reply", "patience"), IN_DOUBT)
@pytest.mark.parametrize("carried_out", ["never", "now"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_put_or_delete_in_doubt_is_repeated_after_it(
    world: World, reply: object, patience: float, carried_out: str, method: str
) -> None:
    """What the record holds in the end is what is wanted; a DELETE that finds nothing then was ours."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1))
    world.settle(office)
    office.weather.troubles.append(Trouble(reply, by(method), times=1, carried_out=carried_out))  # type: ignore[arg-type]
    world.tell(employment(1, sequence=2, title="New") if method == "PUT" else ended(employment(1)))
    world.settle(office)

    first, second = [made.at for made in office.weather.calls if made.method == method]
    assert second - first >= patience
    assert world.titles(1) == (["New"] if method == "PUT" else [])
    assert list(world.states()) == (["in_sync"] if method == "PUT" else [])
    assert world.store.intents.open_count() == 0


def test_a_change_of_mind_while_a_put_is_in_doubt_is_sent_again(world: World) -> None:
    """Back to what stood there before: nobody knows what stands there now, so it is written."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1, title="Old"))
    world.settle(office)
    office.weather.troubles.append(Trouble(TIMEOUT, by("PUT"), times=1, carried_out="later"))
    world.tell(employment(1, sequence=2, title="New"))
    world.settle(office, within=5.0)
    world.tell(employment(1, sequence=3, title="Old"))
    world.settle(office, within=10.0)
    office.weather.carry_out_late()
    world.settle(office)

    assert world.titles(1) == ["Old"]
    assert office.weather.count("PUT") == 2


def test_a_lease_is_taken_over_only_after_twice_the_deadline(world: World) -> None:
    """A process that stopped in the middle of a call: its record is left alone until the call can't be carried out."""
    world.connect(1)
    dead, heir = world.office("one"), world.office("two")
    world.tell(*employments(1, 3))
    dead.turn()
    began = world.clock.now()
    assert dead.loop.calls_in_flight == 1
    for _ in range(int(LATEST) - 1):
        world.clock.advance(1.0)
        heir.turn()
    early = list(heir.weather.calls)
    world.sky.flying.clear()  # the dead one's call never arrives
    world.settle(heir)

    assert early == []
    assert heir.weather.calls[0].at >= began + LATEST
    assert world.titles(1) == ["Role 0", "Role 1", "Role 2"]
    assert list(world.states()) == ["in_sync"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_reply_under_a_lease_that_was_taken_over_is_not_dropped(world: World, method: str) -> None:
    """The process was held up, not dead: what it did late is taken as unknown, and the record ends right."""
    world.connect(1)
    slow, heir = world.office("one"), world.office("two")
    if method != "POST":
        world.tell(employment(1))
        world.settle(slow)
    match method:
        case "POST":
            world.tell(employment(1))
        case "PUT":
            world.tell(employment(1, sequence=2, title="New"))
        case _:
            world.tell(ended(employment(1)))
    slow.turn()
    assert slow.loop.calls_in_flight == 1
    world.clock.advance(LATEST + 1.0)
    world.sky.flying.clear()
    world.settle(heir, within=1.0)
    world.tell(employment(1, sequence=3, title="Newest"))
    slow.loop.take_in(world.clock.now())
    world.settle(heir, within=1.0)
    slow.loop.rest(0.0)
    world.settle(slow, heir)

    assert world.titles(1) == ["Newest"]
    assert list(world.states()) == ["in_sync"]
    assert world.store.intents.open_count() == 0
    assert len({office.loop.calls_in_flight for office in (slow, heir)} - {0}) == 0


def test_a_slice_whose_lease_was_taken_over_sends_nothing_more(world: World) -> None:
    """Renewing fails, and the rest of the slice is dropped."""
    world.connect(1)
    slow, heir = world.office("one", lanes=1), world.office("two", lanes=1)
    world.tell(*employments(1, 5))
    slow.turn()
    slow.loop.rest(0.0)
    world.clock.advance(25.0)
    epoch = world.store.turns.epoch(world.orcid(1))
    world.store.turns.release(world.orcid(1), epoch)
    assert world.store.turns.acquire(world.orcid(1), "two", CALL_SECONDS) is not None
    before = len(slow.weather.calls)
    for _ in range(3):
        slow.turn()
    after = len(slow.weather.calls)
    world.settle(slow, heir)

    assert (before, after) == (1, 1)
    assert len(world.titles(1)) == 5


def test_a_dead_process_that_comes_back_under_its_own_name_need_not_wait_for_its_lease(world: World) -> None:
    """Only for its calls: what was in flight is in doubt until then."""
    world.connect(1)
    dead = world.office("one")
    world.tell(employment(1))
    dead.turn()
    began = world.clock.now()
    world.sky.flying.clear()
    back = world.office("one")
    world.settle(back)

    assert [made.at >= began + LATEST for made in back.weather.calls] == [True]
    assert world.titles(1) == ["Role 0"]
