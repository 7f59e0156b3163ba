"""Settling holds in steps: what was decided stands for all of a hold, wherever it is cut off and whoever goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mappers.mapping_file import parse_mapping
from mappers.sections import Section
from state.facts import Published, Scheme, SourceRecord, Wanted
from state.store import Store
from tests.worker.builders import JOSIAH, PERSON, a_key, grant
from worker.intake import remapping
from worker.intake.intake import Intake, Tempo
from worker.intake.remapping import map_again, rewrite_left_out, settle_holds
from worker.intake.wants import UNCOUNTED
from worker.note_names import VERDICTS

HOLD = "mapping-1f3a9c2e"
PEOPLE = [f"E{number}" for number in range(5)]


@pytest.fixture
def store(each_store: Store) -> Store:
    """An empty store of each kind in turn."""
    return each_store


@pytest.fixture(autouse=True)
def _two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that five people are three steps."""
    monkeypatch.setattr(remapping, "AT_ONCE", 2)


@pytest.fixture
def held(store: Store) -> Store:
    """An item of each of PEOPLE, changed by a new mapping and not counted yet."""
    for person in PEOPLE:
        put_under(store, person)
    return store


def put_under(store: Store, person: str, hold: str = HOLD) -> None:
    """What stands is another than is wanted."""
    store.grants.put(grant(person=person))
    key, ids = a_key("1" if person == PERSON else person, person=person), frozenset[str]()
    store.items.publish(Published(person, JOSIAH, Section.WORK, 100 + int(person[1:]), key, "before", None, ids))
    wanted = Wanted(key, "now", ids, hold=hold, hold_reason=UNCOUNTED)
    store.items.want(wanted, "document")


def steps(store: Store, limit: int) -> Iterator[int]:
    """The steps of a start: nothing is mapped, the holds are settled."""
    return Intake(store, parse_mapping(""), Tempo(0.0, 0.0), None, limit).remap()


def holds(store: Store) -> list[tuple[str, str]]:
    """Hold and the first word of its reason, of each person."""
    found = (store.items.facts(person).wanted[0] for person in PEOPLE)
    return [(one.hold, one.hold_reason.partition(" ")[0]) for one in found]


FREE, KEPT, OPEN = ("", ""), (HOLD, "5"), (HOLD, "the")


@pytest.mark.parametrize(("limit", "verdict"), [pytest.param(5, FREE, id="let go"), pytest.param(4, KEPT, id="held")])
def test_what_was_decided_is_carried_out_in_steps(held: Store, limit: int, verdict: tuple[str, str]) -> None:
    """So many people in each; they are on the agenda with it, and nothing is left of it at the end."""
    settling = steps(held, limit)

    for done in (2, 4):
        assert next(settling) == 0
        assert holds(held) == [verdict] * done + [OPEN] * (5 - done)
        assert held.agenda.all_due() == done
    assert list(settling) == []

    assert holds(held) == [verdict] * 5
    assert held.agenda.all_due() == 5
    assert held.notes.get(VERDICTS) is None


@pytest.mark.parametrize("cut_off", range(3))
@pytest.mark.parametrize(
    ("limits", "verdict"),
    [pytest.param((5, 0), FREE, id="let go"), pytest.param((4, 9), KEPT, id="held")],
)
def test_a_start_in_the_middle_counts_nothing_again(
    held: Store, limits: tuple[int, int], verdict: tuple[str, str], cut_off: int
) -> None:
    """Though the count would be another by now; before the first step nothing was decided."""
    settling = steps(held, limits[0])
    for _ in range(cut_off):
        next(settling)

    assert sum(steps(held, limits[1])) == 0

    assert holds(held) == [verdict if cut_off else (KEPT if verdict == FREE else FREE)] * 5
    assert held.notes.get(VERDICTS) is None


@pytest.mark.parametrize("limit", [4, 5])
def test_two_that_settle_in_turns_both_come_to_the_same_end(held: Store, limit: int) -> None:
    """Each goes on where the other was, and whoever comes last finds nothing to do."""
    twin = held.twin()
    ours, theirs = steps(held, limit), steps(twin, limit)

    assert [next(one, None) for one in (ours, theirs, ours, theirs)] == [0, 0, None, None]
    assert holds(held) == [FREE if limit == 5 else KEPT] * 5
    assert {held.agenda.revision(person) for person in PEOPLE} == {1}
    twin.close()


def test_two_that_settle_at_once_both_come_to_the_same_end(held: Store) -> None:
    """Each takes the steps that the other did not."""
    more = [f"E{number}" for number in range(5, 40)]
    for person in more:
        put_under(held, person)
    stores = [held.twin() for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        mapped = list(threads.map(lambda each: sum(steps(each, 39)), stores))

    assert mapped == [0, 0]
    assert holds(held) == [(HOLD, "40")] * 5
    assert len({reason for _, reason, _ in held.items.holds()}) == 1
    assert {held.agenda.revision(person) for person in [*PEOPLE, *more]} == {1}
    for each in stores:
        each.close()


def test_what_comes_under_a_hold_meanwhile_is_counted_with_the_rest_of_it(held: Store) -> None:
    """What was let go stays so; more than the limit is not let go with it."""
    settling = steps(held, 5)
    next(settling)
    for number in range(5, 8):
        put_under(held, f"E{number}", "")
        (stands,) = held.items.facts(f"E{number}").published
        held.items.publish(replace(stands, left_out="a role"))
    with held.transaction():
        assert len(rewrite_left_out(held, HOLD)) == 3

    assert sum(settling) == 0

    assert holds(held) == [FREE] * 2 + [(HOLD, "6")] * 3
    assert held.items.facts("E7").wanted[0].hold_reason.startswith("6 updates")


def test_what_is_mapped_since_is_counted_with_it_as_well(store: Store) -> None:
    """What was decided before is not for it."""
    work = SourceRecord(
        key=a_key().record, scheme=Scheme.SEQUENCE, version="1", removed=True, data="{}", digest="d", revision="1:one"
    )
    for concerned, left in ((0, "[]"), (1, None)):
        store.notes.put(VERDICTS, "[]")
        with store.transaction():
            assert len(map_again(store, parse_mapping(""), [work], "1:another", HOLD, rewriting=False)) == concerned
        assert store.notes.get(VERDICTS) == left
        put_under(store, PERSON)


def test_an_item_that_comes_to_who_is_done_is_not_left_out(held: Store) -> None:
    """A merged person's, who was not done yet."""
    settling = steps(held, 5)
    next(settling)
    put_under(held, "E00")  # comes before who was done last

    assert sum(settling) == 0
    assert held.items.holds() == []


def test_several_holds_are_settled_one_after_the_other(held: Store) -> None:
    """Each by its own count; a step may end one and begin the next."""
    for number in range(5, 8):
        put_under(held, f"E{number}", "form-1f3a9c2e")

    assert list(steps(held, 3)) == [0, 0, 0, 0]

    assert holds(held) == [KEPT] * 5
    assert {held.items.facts(f"E{number}").wanted[0].hold for number in range(5, 8)} == {""}


def test_who_has_items_under_two_holds_is_told_once_a_step(held: Store) -> None:
    """In the first step the person's items of both."""
    other = replace(held.items.facts("E4").wanted[0], key=a_key("2", person="E4"), hold="form-1f3a9c2e")
    held.items.want(other, "document")
    with held.transaction():
        persons, is_over = settle_holds(held, 5)

    assert (sorted(persons), is_over) == (["E0", "E4"], False)
    assert sum(steps(held, 5)) == 0
    assert held.items.holds() == []


@pytest.mark.parametrize("decide", [remapping.approve, remapping.reject])
def test_an_operators_word_goes_to_all_of_a_hold(held: Store, decide: Callable[[Store, str], bool]) -> None:
    """Also while it is settled, and when it is more than a step takes."""
    settling = steps(held, 4)
    next(settling)

    assert decide(held, HOLD)
    assert sum(settling) == 0

    assert len(set(holds(held))) == 1
    assert holds(held)[0][0] in {"", remapping.REJECTED}
    assert held.agenda.all_due() == 5
    assert not decide(held, HOLD)
