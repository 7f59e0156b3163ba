"""The rewrite limit beside daemons with other settings: what one of them counted and holds, no other lets go."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from mappers.mapping_file import MappingFile, parse_mapping
from state.facts import ItemState
from tests.benchmarks.institution import person_id
from tests.turning.worlds import World, work
from worker.company import GONE_SECONDS, SAY_SECONDS, Company
from worker.daemon import MappingAnew
from worker.intake import anew
from worker.intake.beside import SILENT_SECONDS, mark_of
from worker.intake.intake import Intake, Tempo
from worker.planning.policy import Policy
from worker.policies import heed_policy
from worker.wiring import Worker

PEOPLE, LIMIT = (1, 2, 3), 2
OLD = ""
NEW = '[sources."/repository"]\nprecedence = 1\n'
THIRD = '[sources."/library"]\nprecedence = 1\n'


def policy_of(mapping: MappingFile) -> Policy:
    """What is planned by."""
    precedence = {name: source.precedence for name, source in mapping.sources.items()}
    return Policy(settle_seconds=10.0, precedence=precedence)


class Daemon:
    """One that starts with a mapping file; its turns are those of worker/daemon.py."""

    def __init__(self, world: World, name: str, mapping_file: str, **other: Any) -> None:
        mapping = parse_mapping(mapping_file)
        policy = replace(policy_of(mapping), **other)
        self.world, store = world, world.store.twin()
        world.opened.append(store)
        heed_policy(store, policy)
        office = world.office(name, policy=policy, store=store)
        intake = Intake(store, mapping, Tempo(0.0, 0.0), None, LIMIT, policy=policy)
        self.company = Company(store, name, mark_of(mapping, policy))
        self.loop, self.calls = office.loop, office.tally.calls
        worker = Worker(office.loop, intake, office.desk, office.tally, world.clock, store, self.company)
        self.anew = MappingAnew(worker, count().__next__)

    def turn(self) -> None:
        """Company, mapping, and a turn of the loop."""
        now = self.world.clock.now()
        if self.company.is_due(now) and self.company.look(now):
            self.anew.begin()
        self.anew.step()
        self.loop.turn(now)

    def leave(self) -> None:
        """As when it is told to end."""
        self.loop.stop(self.world.clock.now, 0.0)
        self.company.leave()


def work_on(world: World, *daemons: Daemon, seconds: float = 3 * SAY_SECONDS) -> None:
    """For a while, a second each turn."""
    for _ in range(int(seconds)):
        for one in daemons:
            one.turn()
        world.clock.advance(1.0)


@pytest.fixture
def published(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A work of each of PEOPLE that two sources tell, as the old mapping file has it; the daemon that sent it has gone.

    A step of a look at everybody is one of them.
    """
    monkeypatch.setattr(anew, "PEOPLE", 1)
    world.connect(*PEOPLE)
    for person in PEOPLE:
        tell(world, person)
    first = Daemon(world, "one", OLD)
    work_on(world, first)
    first.leave()
    assert says(world) == {"library"}
    return world


def tell(world: World, person: int) -> None:
    """What both sources have of a person."""
    other = work(person, title="As the library says")
    world.tell({**other, "source": "/library"}, work(person, title="As the repository says"))


def says(world: World) -> set[str]:
    """Whose titles stand on the records."""
    return {title.split()[2] for person in PEOPLE for title in world.titles(person)}


def held(world: World) -> int:
    """Updates under a hold."""
    return sum(number for _, _, number in world.store.items.holds())


def map_all(daemon: Daemon) -> None:
    """To the end, without a turn of the loop."""
    while daemon.anew.step():
        pass


def command(world: World, mapping_file: str) -> None:
    """What `sync` does: it keeps no company."""
    one = Daemon(world, "command", mapping_file)
    map_all(one)
    while one.loop.turn(world.clock.now()).planned:
        pass


def test_what_a_new_daemon_holds_stays_held_when_an_old_one_starts_again(published: World) -> None:
    """By the old one's mapping file nothing of it is to be rewritten; the new one still would send it."""
    new = Daemon(published, "new", NEW)
    work_on(published, new)
    assert (held(published), new.calls.total()) == (len(PEOPLE), 0)

    old = Daemon(published, "old", OLD)
    old.turn()
    map_all(old)
    work_on(published, new, old)
    old.leave()
    work_on(published, new, seconds=2 * GONE_SECONDS)

    assert (held(published), new.calls.total(), says(published)) == (len(PEOPLE), 0, {"library"})


def test_who_starts_looks_by_its_own_settings_whoever_was_done_before(published: World) -> None:
    """One with other settings that starts meanwhile looks at everybody by its own, and ends first."""
    new, old = Daemon(published, "new", NEW), Daemon(published, "old", OLD)
    map_all(old)

    map_all(new)

    assert held(published) == len(PEOPLE)


def test_what_is_not_counted_yet_is_counted_although_others_plan_it_otherwise(published: World) -> None:
    """An old daemon that goes on beside the new one notes that nothing is to be sent."""
    old = Daemon(published, "old", OLD)
    work_on(published, old)
    new = Daemon(published, "new", NEW)
    work_on(published, new, old)

    assert (new.calls.total(), says(published)) == (0, {"library"})
    old.leave()
    work_on(published, new, seconds=2 * GONE_SECONDS)
    assert (held(published), new.calls.total(), says(published)) == (len(PEOPLE), 0, {"library"})


def test_who_is_done_first_does_not_count_what_others_have_not_all_found_yet(published: World) -> None:
    """So few would be let go, and so the next few."""
    new = Daemon(published, "new", NEW)
    new.turn()
    old = Daemon(published, "old", OLD)
    old.turn()
    map_all(old)
    assert held(published) == 1

    map_all(new)
    assert held(published) == len(PEOPLE)


def test_a_mapping_file_put_back_leaves_nothing_held(published: World) -> None:
    """Once nobody is left who goes by the other, though that one was killed; before, it might come back."""
    new = Daemon(published, "new", NEW)
    work_on(published, new)

    old = Daemon(published, "old", OLD)
    work_on(published, old)
    assert len(published.store.items.holds()) == 1
    work_on(published, old, seconds=2 * GONE_SECONDS)

    assert published.store.items.holds() == []
    assert (old.calls.total(), says(published)) == (0, {"library"})


def test_what_is_counted_and_held_stays_so_when_others_note_it_as_merged(published: World) -> None:
    """An old daemon plans all of it, and publishes one more its way: that alone would be few."""
    old = Daemon(published, "one", OLD)  # which reads
    work_on(published, old)
    new = Daemon(published, "new", NEW)
    work_on(published, new, old)
    for person in PEOPLE:
        published.store.agenda.changed(person_id(person), 0.0, 0.0)
    published.connect(4)
    tell(published, 4)
    work_on(published, old)
    assert held(published) == 0

    old.leave()
    work_on(published, new, seconds=2 * GONE_SECONDS)

    assert [number for _, _, number in published.store.items.holds()] == [len(PEOPLE) + 1]
    assert (new.calls.total(), says(published)) == (0, {"library"})


@pytest.mark.parametrize("other", [pytest.param({}, id="same-settings"), pytest.param({"readd": True}, id="others")])
def test_a_change_is_counted_whole_whoever_began_to_count_it(published: World, other: dict[str, Any]) -> None:
    """One that was killed in the midst of it, and is started again with the same mapping file."""
    killed = Daemon(published, "killed", NEW)
    killed.company.look(published.clock.now())
    while held(published) < LIMIT:
        assert killed.anew.step()
    published.clock.advance(20.0)

    again = Daemon(published, "again", NEW, **other)
    work_on(published, again, seconds=3 * GONE_SECONDS)

    assert (held(published), again.calls.total()) == (len(PEOPLE), 0)


def test_who_runs_commands_alone_after_a_killed_daemon_is_rid_of_idle_holds_a_day_later(published: World) -> None:
    """Until then that daemon may come back; what left its hold is told as it stands."""
    Daemon(published, "killed", OLD).company.look(published.clock.now())
    map_all(Daemon(published, "command", NEW))
    assert held(published) == len(PEOPLE)
    command(published, THIRD)
    assert len(published.store.items.holds()) == 1

    published.clock.advance(SILENT_SECONDS)
    command(published, THIRD)

    assert published.store.items.holds() == []
    states = {one.key.record.source: one.state for one in published.store.items.facts(person_id(1)).wanted}
    assert states == {"/library": ItemState.IN_SYNC, "/repository": ItemState.MERGED}
