"""A daemon that maps all anew: it reads events meanwhile, and sends nothing until what that changes is counted."""

import json
from itertools import count

from mappers.mapping_file import parse_mapping
from tests.benchmarks.institution import work_event
from tests.turning.worlds import World, employment
from worker.company import Company
from worker.daemon import MappingAnew
from worker.intake.intake import Intake, Tempo
from worker.note_names import OWED
from worker.wiring import Worker

MAPPED = '[work_types]\n"journal-article" = "report"\n'


def test_a_daemon_that_maps_anew_reads_and_sends_nothing_until_all_is_counted(world: World) -> None:
    """Each step is followed by a turn; once all is done, what came meanwhile goes out, and what was held does."""
    world.connect(1, 2)
    office = world.office()
    world.tell(work_event(1, 0), employment(1, 0))
    world.settle(office)
    store, calls = world.store, office.tally.calls.total()
    intake = Intake(store, parse_mapping(MAPPED), Tempo(0.0, 0.0))
    company = Company(store, "one", MAPPED)
    worker = Worker(office.loop, intake, office.desk, office.tally, world.clock, store, company)
    anew = MappingAnew(worker, count().__next__)
    world.tell(employment(2, 0))
    store.notes.put(OWED, json.dumps([MAPPED, "once", "gone"]))
    assert company.look(world.clock.now())

    turns = []
    while anew.step():
        assert not anew.is_over
        assert store.notes.get(OWED) is not None
        turns.append(office.loop.turn(world.clock.now()))
        world.clock.advance(1.0)
    sent_before = office.tally.calls.total() - calls
    mapped_before = store.records.mapped_alike(f"2:{parse_mapping(MAPPED).revision}")
    world.settle(office)

    assert len(turns) >= 3
    assert anew.is_over
    assert store.notes.get(OWED) is None
    assert (sum(turn.events for turn in turns), sent_before) == (1, 0)
    assert not mapped_before  # what came meanwhile was read by the old mapping here: another process's would be
    assert world.titles(2) == ["Role 0"]
    assert office.tally.calls.total() - calls == 2
    assert not anew.step()


def test_a_start_with_nothing_to_map_sends_at_once(world: World) -> None:
    """No turn is lost by it."""
    world.connect(1)
    office = world.office()
    intake = Intake(world.store, parse_mapping(""), Tempo(0.0, 0.0))
    worker = Worker(
        office.loop, intake, office.desk, office.tally, world.clock, world.store, Company(world.store, "one", "")
    )
    anew = MappingAnew(worker, count().__next__)
    assert (office.loop.may_send, office.tally.mapping_anew) == (False, True)

    assert not anew.step()
    assert (office.loop.may_send, office.tally.mapping_anew) == (True, False)
