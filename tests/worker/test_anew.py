"""Mapping anew in steps: cut off anywhere, beside events, and beside another process that maps otherwise."""

from itertools import islice

import pytest

from mappers.mapping_file import parse_mapping
from state.facts import ItemState
from state.store import Store
from tests.worker.builders import NOW, PERSON, grant
from tests.worker.test_rewrites import MAPPED, PLAIN, WORKS, event, publish, standings, updates
from worker.intake import anew
from worker.intake.anew import note_unseen
from worker.intake.intake import Intake, Tempo
from worker.planning.policy import Policy
from worker.ports import Batch

PEOPLE = [f"E{number}" for number in range(7)]


def intake(store: Store, mapping: str = PLAIN, limit: int = 1000, policy: Policy | None = None) -> Intake:
    """The intake under a mapping file, a limit of rewrites and a policy."""
    return Intake(store, parse_mapping(mapping), Tempo(0.0, 0.0), None, limit, policy=policy)


@pytest.fixture
def filled(store: Store) -> Store:
    """Three works wanted and published, as they were mapped without a mapping file."""
    store.grants.put(grant())
    intake(store).take(Batch([event(number) for number in range(WORKS)]), NOW)
    publish(store)
    return store


@pytest.fixture
def looks(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Who is looked at, with the hold, of PEOPLE, two in a step."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(anew, "PEOPLE", 2)
    monkeypatch.setattr(anew, "hold_rewrites", lambda _store, person, _policy, hold, **_: seen.append((person, hold)))
    for person in PEOPLE:
        store.grants.put(grant(person=person))
    return seen


def people(looks: list[tuple[str, str]]) -> list[str]:
    """Who was looked at since it was asked last."""
    found = [person for person, _ in looks]
    looks.clear()
    return found


def test_with_nothing_to_map_nobody_is_looked_at(store: Store, looks: list[tuple[str, str]]) -> None:
    """A start costs nothing then."""
    assert list(intake(store).remap()) == []
    assert looks == []


@pytest.mark.parametrize("steps", range(5))
def test_a_look_at_everybody_that_was_cut_off_is_gone_on_with(
    store: Store, looks: list[tuple[str, str]], steps: int
) -> None:
    """By the next start, from the person on where it was; then nobody is looked at by those that go by the same."""
    note_unseen(store, "policy")
    for _ in islice(intake(store).remap(), steps):
        pass
    before = people(looks)
    assert before == PEOPLE[: 2 * steps]

    assert sum(intake(store).remap()) == 0
    assert before + people(looks) == PEOPLE
    assert list(intake(store).remap()) == []
    assert people(looks) == []


@pytest.mark.parametrize(
    ("mapping", "policy", "again"),
    [
        pytest.param(MAPPED, None, False, id="other mapping"),
        pytest.param(PLAIN, Policy(readd=True), False, id="other policy"),
        pytest.param(PLAIN, None, True, id="once more"),
    ],
)
def test_whoever_looks_for_another_reason_looks_at_everybody(
    store: Store, looks: list[tuple[str, str]], mapping: str, policy: Policy | None, *, again: bool
) -> None:
    """What one process found under its mapping and policy says nothing about another's."""
    note_unseen(store, "policy")
    next(intake(store).remap())
    people(looks)
    if again:
        note_unseen(store, "policy")

    assert sum(intake(store, mapping, policy=policy).remap()) == 0
    assert people(looks) == PEOPLE
    assert sum(intake(store).remap()) == 0
    assert people(looks) == ([] if again else PEOPLE)


def test_what_changes_meanwhile_is_looked_at_from_the_beginning(store: Store, looks: list[tuple[str, str]]) -> None:
    """Another process came with another policy: what it is for is not taken for done."""
    note_unseen(store, "policy")
    steps = intake(store).remap()
    next(steps)
    note_unseen(store, "policy")

    assert sum(steps) == 0
    assert people(looks) == [*PEOPLE[:2], *PEOPLE]
    assert list(intake(store).remap()) == []


def test_who_is_still_looking_when_another_is_done_looks_to_the_end(store: Store, looks: list[tuple[str, str]]) -> None:
    """That one may have gone by something else."""
    note_unseen(store, "policy")
    steps = intake(store).remap()
    next(steps)
    assert sum(intake(store, policy=Policy(readd=True)).remap()) == 0
    people(looks)

    assert sum(steps) == 0
    assert people(looks) == PEOPLE[2:]
    assert list(intake(store).remap()) == []


def test_each_record_is_mapped_once_in_a_pass(filled: Store) -> None:
    """One that was mapped is passed by, also by the next start after one that was cut off."""
    assert list(islice(intake(filled, MAPPED).remap(limit=2), 1)) == [2]
    assert list(intake(filled, MAPPED).remap(limit=2)) == [0, 1, 0, 0]
    assert list(intake(filled, MAPPED).remap(limit=2)) == []


def test_two_that_map_otherwise_both_come_to_an_end(filled: Store) -> None:
    """Each goes through the records once, however they take turns; what is left of it waits until one has gone."""
    ours = intake(filled, MAPPED).remap(limit=1)
    theirs = intake(filled, '[work_types]\n"journal-article" = "book"\n').remap(limit=1)
    mapped = [[next(steps, 0) for steps in (ours, theirs)] for _ in range(20)]

    assert [next(steps, None) for steps in (ours, theirs)] == [None, None]
    assert [sum(each) for each in zip(*mapped, strict=True)] == [WORKS, WORKS]


@pytest.mark.parametrize("before", range(WORKS + 1))
def test_an_event_that_comes_meanwhile_is_not_lost_and_not_mapped_again(filled: Store, before: int) -> None:
    """Behind or before where the pass is; a new record as well. Only what no event stands behind is counted."""
    worker = intake(filled, MAPPED, limit=0)
    steps = worker.remap(limit=1)
    mapped = sum(islice(steps, before))
    worker.take(Batch([event(1, sequence=2), event(WORKS)]), NOW)
    mapped += sum(steps)

    assert mapped == (WORKS if before >= 2 else WORKS - 1)
    assert filled.records.mapped_alike(f"2:{parse_mapping(MAPPED).revision}")
    assert updates(filled) == 1
    assert {state for state, _ in standings(filled)} >= {ItemState.HELD}


def test_what_is_mapped_is_held_until_all_is_counted(filled: Store) -> None:
    """Whoever takes the events of a person, or their steps, between two steps."""
    steps = intake(filled, MAPPED, limit=WORKS).remap(limit=1)
    for _ in range(WORKS):
        assert next(steps) == 1
        assert updates(filled) == 0

    assert sum(steps) == 0
    assert updates(filled) == WORKS
    assert filled.agenda.of(PERSON) is not None
