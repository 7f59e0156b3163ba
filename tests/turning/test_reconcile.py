"""Reconciling to the end: when `replay` and `sync` are done."""

from tests.turning.weather import TIMEOUT, UNSENT, Trouble, answered, by
from tests.turning.worlds import CALL_SECONDS, Office, World, employment, employments
from worker.turning.reconcile import LONGEST_WAIT, Until, reconcile

WAIT = 30.0


def taken_in(world: World, *events: dict[str, object]) -> Office:
    """A process that reads nothing, after these events were taken in."""
    world.tell(*events)
    world.office("one").loop.take_in(world.clock.now())
    return world.office("two")


def run(world: World, office: Office, *, wait: float = WAIT, interrupted_after: int = 10**9) -> tuple[bool, float]:
    """Whether it ended by itself, and the seconds that it took; at most an hour of them."""
    looks = 0
    began = world.clock.now()

    def progress() -> None:
        nonlocal looks
        looks += 1
        assert world.clock.now() < began + 3600.0, "it does not end"
        assert looks < 10_000, "it turns without end and without waiting"

    until = Until(wait, lambda: looks >= interrupted_after, progress)
    return reconcile(office.loop, world.store, office.tally, world.clock, until), world.clock.now() - began


def test_nothing_due_ends_at_once(world: World) -> None:
    """It asks nobody and waits for nothing."""
    office = world.office("two")

    assert run(world, office) == (True, 0.0)
    assert office.weather.calls == []


def test_it_ends_when_everything_is_done(world: World) -> None:
    """Without waiting any longer."""
    world.connect(1, 2)
    office = taken_in(world, *employments(1, 3), *employments(2, 30))

    assert run(world, office) == (True, 0.0)
    assert (len(world.titles(1)), len(world.titles(2))) == (3, 30)


def test_it_waits_for_retries_that_come_within_the_wait(world: World) -> None:
    """Three failures in a row, a few seconds apart."""
    world.connect(1)
    office = taken_in(world, employment(1))
    office.weather.troubles.append(Trouble(UNSENT, times=3))
    ended, seconds = run(world, office)

    assert ended
    assert 4.0 < seconds < WAIT
    assert world.titles(1) == ["Role 0"]


def test_without_a_wait_it_does_what_is_due_and_no_more(world: World) -> None:
    """`--wait 0`."""
    world.connect(1, 2)
    office = taken_in(world, employment(1), employment(2))
    office.weather.troubles.append(Trouble(UNSENT, times=1))
    ended, seconds = run(world, office, wait=0.0)

    assert ended
    assert seconds <= LONGEST_WAIT
    assert sorted([*world.titles(1), *world.titles(2)]) == ["Role 0"]


def test_what_can_only_be_done_later_is_not_waited_for(world: World) -> None:
    """A POST in doubt for a minute ends a run that waits for half of one at once."""
    world.connect(1)
    office = taken_in(world, employment(1))
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1))
    ended, seconds = run(world, office, wait=10.0)

    assert ended
    assert seconds < 10.0
    assert world.store.intents.open_count() == 1


def test_it_ends_at_the_latest_that_long_after_the_last_change(world: World) -> None:
    """One record fails without end; the other was changed after five seconds, from which the wait counts."""
    world.connect(1, 2)
    office = taken_in(world, employment(1), employment(2))
    world.store.agenda.retry("E00002", world.clock.now() + 5.0, world.store.agenda.revision("E00002"), 0)
    office.weather.troubles.append(Trouble(answered(503), lambda call: world.orcid(1) in call.path))
    ended, seconds = run(world, office)

    assert ended
    assert world.titles(2) == ["Role 0"]
    assert 5.0 < seconds <= 5.0 + WAIT + LONGEST_WAIT


def test_a_record_that_another_process_holds_is_waited_for_and_then_left(world: World) -> None:
    """Its lease lasts longer than the wait."""
    world.connect(1)
    office = taken_in(world, employment(1))
    assert world.store.turns.acquire(world.orcid(1), "another", CALL_SECONDS) is not None
    ended, seconds = run(world, office, wait=5.0)

    assert ended
    assert 5.0 <= seconds <= 6.0
    assert office.weather.calls == []


def test_a_record_that_another_process_gives_back_in_time_is_done(world: World) -> None:
    """Within the wait."""
    world.connect(1)
    office = taken_in(world, employment(1))
    assert world.store.turns.acquire(world.orcid(1), "another", 1.0) is not None
    ended, seconds = run(world, office, wait=5.0)

    assert ended
    assert 2.0 <= seconds < 5.0
    assert world.titles(1) == ["Role 0"]


def test_an_interrupt_ends_it_between_two_turns(world: World) -> None:
    """What is in flight is left to whoever stops the loop."""
    world.connect(1)
    office = taken_in(world, *employments(1, 10))
    ended, _ = run(world, office, interrupted_after=3)
    office.loop.stop(world.clock.now, 30.0)

    assert not ended
    assert 0 < len(world.titles(1)) < 10
    assert world.store.intents.open_count() == 0


def test_an_interrupt_before_the_first_turn_sends_nothing(world: World) -> None:
    """Asked before each turn."""
    world.connect(1)
    office = taken_in(world, employment(1))

    assert run(world, office, interrupted_after=0) == (False, 0.0)
    assert office.weather.calls == []
