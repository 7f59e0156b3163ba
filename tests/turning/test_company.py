"""Daemons that go by different settings, as while new ones are rolled out, and one whose state went back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mappers.events.messages import Message, Place
from mappers.mapping_file import parse_mapping
from state.store import Store, StoreError
from tests.benchmarks.institution import work_event
from tests.turning.worlds import NOW, World, employment
from worker.company import GONE_SECONDS, SAY_SECONDS, Company
from worker.intake.beside import SILENT_SECONDS, are_strangers
from worker.intake.intake import Intake, Tempo
from worker.note_names import OWED, RECOVERY, REPLICA
from worker.ports import Batch

OLD, NEW = "", '[work_types]\n"journal-article" = "report"\n'


class Daemon:
    """As much of one as maps and keeps company."""

    def __init__(self, world: World, name: str, mapping: str) -> None:
        self.world, self.store = world, world.store
        self.intake = Intake(self.store, parse_mapping(mapping), Tempo(0.0, 0.0))
        self.company = Company(self.store, name, mapping)
        self.map_all()

    def turn(self) -> bool:
        """Whether it had everything mapped and planned again."""
        is_over = self.look()
        if is_over:
            self.map_all()
        return is_over

    def look(self) -> bool:
        """Whether it is to do so."""
        assert self.company.is_due(self.world.clock.now())
        is_over = self.company.look(self.world.clock.now())
        assert not self.company.is_due(self.world.clock.now())
        return is_over

    def map_all(self) -> None:
        """From beginning to end."""
        sum(self.intake.remap())
        self.company.mapped()

    def take(self, number: int) -> None:
        """A publication of the first person."""
        message = Message(Place("log", number), json.dumps(work_event(1, number)).encode())
        self.intake.take(Batch([message]), self.world.clock.now())


def turns(world: World, *daemons: Daemon) -> list[bool]:
    """Each one's, a while after the last ones."""
    world.clock.advance(SAY_SECONDS)
    return [daemon.turn() for daemon in daemons]


def wait(world: World, daemon: Daemon) -> None:
    """As long as it takes until who says nothing is gone; this one looks meanwhile, and has nothing to do."""
    for _ in range(int(GONE_SECONDS / SAY_SECONDS)):
        assert turns(world, daemon) == [False]


def rolled_out(world: World, *names: str) -> list[Daemon]:
    """New ones, beside an old one that mapped a record its way, and has gone."""
    old = Daemon(world, "old", OLD)
    news = [Daemon(world, name, NEW) for name in names]
    turns(world, old, *news)
    old.take(0)
    old.company.leave()
    people_due(world.store)
    world.clock.advance(SAY_SECONDS)
    return news


def types(store: Store) -> set[str]:
    """Of the works that are wanted."""
    found = [store.items.document(item.key) for item in store.items.facts("E00001").wanted]
    return {json.loads(one[1])["type"] for one in found if one is not None}


def people_due(store: Store) -> int:
    """And nobody afterwards."""
    due = store.agenda.due(NOW + 1e6, 10)
    for one in due:
        store.agenda.retry(one.person, None, one.revision, 0)
    return len(due)


def test_what_old_daemons_did_beside_new_ones_is_done_again_once_they_left(world: World) -> None:
    """By one of the new ones, when the last of the old ones has gone."""
    olds = [Daemon(world, name, OLD) for name in ("old 1", "old 2")]
    turns(world, *olds)
    news = [Daemon(world, name, NEW) for name in ("new 1", "new 2")]
    turns(world, *olds, *news)
    olds[1].take(0)
    olds[0].company.leave()
    people_due(world.store)
    assert turns(world, olds[1], *news) == [False, False, False]
    assert types(world.store) == {"journal-article"}

    olds[1].company.leave()
    assert turns(world, *news) == [True, False]
    assert types(world.store) == {"report"}
    assert people_due(world.store) == 1
    assert turns(world, *news) == [False, False]


def test_one_that_was_killed_is_gone_after_a_while(world: World) -> None:
    """It could not say so."""
    old, new = Daemon(world, "old", OLD), Daemon(world, "new", NEW)
    turns(world, old, new)
    old.take(0)

    wait(world, new)
    assert turns(world, new) == [True]
    assert types(world.store) == {"report"}


def test_who_was_away_itself_takes_nobody_for_gone(world: World) -> None:
    """The store was down: the others could not say that they are there either. Who stays silent has gone."""
    old, new = Daemon(world, "old", OLD), Daemon(world, "new", NEW)
    turns(world, old, new)
    world.clock.advance(2 * GONE_SECONDS)

    assert turns(world, new, old) == [False, False]
    assert turns(world, new, old) == [False, False]
    wait(world, new)
    assert turns(world, new) == [True]


def test_what_is_owed_is_told_again_when_who_was_told_ends_before_it_is_done(world: World) -> None:
    """Whether it said so or was killed; to one that stays, and to nobody any more once it is done."""
    first, second, third = rolled_out(world, "new 1", "new 2", "new 3")
    assert [first.look(), second.look(), third.look()] == [True, False, False]
    assert people_due(world.store) == 1
    first.company.leave()

    world.clock.advance(SAY_SECONDS)
    assert [second.look(), third.look()] == [True, False]
    for _ in range(int(GONE_SECONDS / SAY_SECONDS)):
        world.clock.advance(SAY_SECONDS)
        assert not third.look()
    assert people_due(world.store) == 0  # who was planned again is not once more
    world.clock.advance(SAY_SECONDS)
    assert third.turn()

    assert types(world.store) == {"report"}
    assert world.store.notes.get(OWED) is None
    assert turns(world, third) == [False]


def test_what_is_owed_is_told_once_while_it_is_being_done(world: World) -> None:
    """To one that is long at it, and alone."""
    (only,) = rolled_out(world, "new")
    assert only.look()
    for _ in range(int(2 * GONE_SECONDS / SAY_SECONDS)):
        world.clock.advance(SAY_SECONDS)
        assert not only.look()
    assert world.store.notes.get(OWED) is not None

    only.map_all()
    assert world.store.notes.get(OWED) is None
    assert turns(world, only) == [False]


def test_what_is_owed_is_heard_of_although_the_answer_to_its_commit_was_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same daemon, which looks at once."""
    (only,) = rolled_out(world, "new")
    transaction, nested = only.store.transaction, [False]

    @contextmanager
    def unanswered() -> Iterator[None]:
        is_outer, nested[0] = not nested[0], True
        with transaction():
            yield
        if is_outer:
            raise StoreError("the server did not answer")

    with monkeypatch.context() as patch:
        patch.setattr(only.store, "transaction", unanswered)
        with pytest.raises(StoreError):
            only.look()

    assert people_due(world.store) == 1
    assert only.turn()
    assert types(world.store) == {"report"}
    assert turns(world, only) == [False]


def test_what_is_owed_stays_so_when_somebody_ends_who_began_before_it_was(world: World) -> None:
    """What the old one did behind that one's back is not mapped by it."""
    first, second = rolled_out(world, "new 1", "new 2")
    assert first.look()

    second.map_all()
    assert world.store.notes.get(OWED) is not None
    first.map_all()
    assert world.store.notes.get(OWED) is None


def test_a_daemon_that_starts_takes_on_what_is_owed_by_its_like(world: World) -> None:
    """Whether who was at it is known to be gone or not: its start maps all."""
    (killed,) = rolled_out(world, "new")
    assert killed.look()

    other = Daemon(world, "other", OLD)
    assert not other.look()
    next_one = Daemon(world, "next", NEW)
    assert next_one.look()
    next_one.map_all()
    assert world.store.notes.get(OWED) is None


def test_what_is_owed_twice_is_not_done_by_doing_it_once(world: World) -> None:
    """Another one with other settings came and went meanwhile."""
    (new,) = rolled_out(world, "new")
    assert new.look()
    late = Daemon(world, "late", OLD)
    late.look()
    late.company.leave()
    other = Daemon(world, "other", NEW)
    assert other.look()

    new.map_all()
    assert world.store.notes.get(OWED) is not None
    other.map_all()
    assert world.store.notes.get(OWED) is None


def test_a_plain_restart_looks_at_nobody_again(world: World) -> None:
    """With whatever settings: the start itself has done it. Nothing is left of who was there."""
    old = Daemon(world, "old", OLD)
    turns(world, old)
    old.take(0)
    old.company.leave()
    assert not world.store.notes.beginning(REPLICA)

    new = Daemon(world, "new", NEW)
    assert types(world.store) == {"report"}
    people_due(world.store)
    assert turns(world, new) == [False]
    assert people_due(world.store) == 0


def test_daemons_that_agree_clear_up_after_each_other(world: World) -> None:
    """One that was killed leaves no trace, and no work."""
    one, two = Daemon(world, "one", OLD), Daemon(world, "two", OLD)
    turns(world, one, two)
    wait(world, one)

    assert turns(world, one) == [False]
    assert list(world.store.notes.beginning(REPLICA)) == [f"{REPLICA}one"]


def test_a_state_that_lost_its_last_commits_is_listed_before_anything_is_added(world: World) -> None:
    """And the topic is read on from where the state is, not from where the daemon was."""
    world.connect(1)
    office = world.office()
    world.tell(employment(1, 0))
    world.settle(office)
    world.store.logs.begin_again(world.log.log)
    office.loop.recover(world.clock.now(), "the state lost what was committed last")

    assert world.store.notes.get(RECOVERY) is not None
    world.settle(office)
    assert world.store.logs.position(world.log.log) == 1
    assert world.titles(1) == ["Role 0"]
    assert office.tally.calls["POST"] == 1


def test_a_recovery_is_begun_once_for_all_that_lost_by_the_same_failover(world: World) -> None:
    """By the first daemon that notices; what is lost after that begins another."""
    failover, clock = world.clock.now(), world.clock
    first, second = world.office(), world.office()
    clock.advance(5.0)
    first.loop.recover(clock.now(), "lost", failover - 0.5)
    began = world.store.notes.get(RECOVERY)
    clock.advance(60.0)

    second.loop.recover(clock.now(), "lost", failover - 2.0)
    assert world.store.notes.get(RECOVERY) == began

    second.loop.recover(clock.now(), "lost", clock.now() - 1.0)
    assert world.store.notes.get(RECOVERY) == repr(clock.now())


@pytest.mark.parametrize(
    ("since", "there"),
    [
        pytest.param(GONE_SECONDS + 1, True, id="silent"),
        pytest.param(SILENT_SECONDS - 1, True, id="silent-for-most-of-a-day"),
        pytest.param(SILENT_SECONDS, False, id="for-a-day"),
    ],
)
def test_a_killed_daemon_is_a_stranger_for_a_day_where_no_other_finds_out(
    world: World, since: float, *, there: bool
) -> None:
    """As of an institution that runs commands alone from then on."""
    Daemon(world, "killed", OLD).company.look(world.clock.now())
    world.clock.advance(since)

    assert are_strangers(world.store, NEW) is there
    assert not are_strangers(world.store, OLD)


def test_a_daemon_that_left_is_no_stranger(world: World) -> None:
    """Whatever else it leaves for others to do again."""
    killed, leaving = Daemon(world, "killed", NEW), Daemon(world, "leaving", OLD)
    turns(world, killed, leaving)
    assert are_strangers(world.store, NEW)

    leaving.company.leave()

    assert not are_strangers(world.store, NEW)
