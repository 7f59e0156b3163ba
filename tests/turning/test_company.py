"""Daemons that go by different settings, as while new ones are rolled out, and one whose state went back."""

import json

from mappers.events.messages import Message, Place
from mappers.mapping_file import parse_mapping
from state.store import Store
from tests.benchmarks.institution import work_event
from tests.turning.worlds import NOW, World, employment
from worker.company import GONE_SECONDS, SAY_SECONDS, Company
from worker.intake.intake import Intake, Tempo
from worker.note_names import RECOVERY, REPLICA
from worker.policies import look_again
from worker.ports import Batch

OLD, NEW = "", '[work_types]\n"journal-article" = "report"\n'


class Daemon:
    """As much of one as maps and keeps company."""

    def __init__(self, world: World, name: str, mapping: str) -> None:
        self.world, self.store = world, world.store
        self.intake = Intake(self.store, parse_mapping(mapping), Tempo(0.0, 0.0))
        self.company = Company(self.store, name, mapping)
        sum(self.intake.remap())

    def turn(self) -> bool:
        """Whether it had everything mapped and planned again."""
        assert self.company.is_due(self.world.clock.now())
        with self.store.transaction():
            is_over = self.company.look(self.world.clock.now())
            if is_over:
                look_again(self.store)
        assert not self.company.is_due(self.world.clock.now())
        if is_over:
            sum(self.intake.remap())
        return is_over

    def take(self, number: int) -> None:
        """A publication of the first person."""
        message = Message(Place("log", number), json.dumps(work_event(1, number)).encode())
        self.intake.take(Batch([message]), self.world.clock.now())


def turns(world: World, *daemons: Daemon) -> list[bool]:
    """Each one's, a while after the last ones."""
    world.clock.advance(SAY_SECONDS)
    return [daemon.turn() for daemon in daemons]


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
    assert turns(world, new) == [False]

    world.clock.advance(GONE_SECONDS)
    assert turns(world, new) == [True]
    assert types(world.store) == {"report"}


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
    world.clock.advance(GONE_SECONDS)

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
