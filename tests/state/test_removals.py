"""Removals that are counted, over every store."""

from dataclasses import replace

import pytest

from mappers.sections import Section
from state.facts import ItemState, Origin, Standing
from state.permission_facts import Grant, GrantState
from state.removal_facts import HeldCount, Removal, RemovalState, RemovalWindow
from state.sql.pages import PAGE
from state.store import Store
from tests.state.helpers import CONTRACT, JOSIAH, LAURE, THESIS, a_grant, a_key, a_published, a_record, a_wanted

JOB = a_key(section=Section.EMPLOYMENT, record=CONTRACT)


def test_a_removal_is_found_by_its_place_and_its_person(store: Store) -> None:
    """A removal and an update that empties the same item are two."""
    gone = store.removals.add(JOSIAH, 7, a_key(), "", 10.0)
    emptied = store.removals.add(JOSIAH, 7, a_key(), "d2", 11.0)

    assert (gone.state, gone.sent, gone.at, gone.person) == (RemovalState.DUE, False, 10.0, "p1")
    assert emptied.number > gone.number
    assert store.removals.removal((JOSIAH, Section.WORK, 7, "")) == gone
    assert store.removals.removal((JOSIAH, Section.WORK, 7, "d2")) == emptied
    assert store.removals.removal((LAURE, Section.WORK, 7, "")) is None
    assert store.removals.of_person("p1") == [gone, emptied]
    assert store.items.facts("p1").removals == {gone.place: gone, emptied.place: emptied}
    assert store.items.facts("p2").removals == {}


def test_numbers_are_not_used_again(store: Store) -> None:
    """What an approval names is never something else."""
    first = store.removals.add(JOSIAH, 7, a_key(), "", 1.0)
    store.removals.drop(first.number)

    assert store.removals.add(JOSIAH, 7, a_key(), "", 1.0).number > first.number
    store.removals.drop(first.number)


def test_state_and_sending_are_written_by_number(store: Store) -> None:
    """To write what was dropped is no error, and brings nothing back."""
    added = store.removals.add(JOSIAH, 7, a_key(), "", 1.0)
    sent = replace(added, state=RemovalState.APPROVED, sent=True)
    store.removals.put(sent)
    assert store.removals.of_person("p1") == [sent]

    store.removals.drop(added.number)
    store.removals.put(sent)
    assert store.removals.of_person("p1") == []


def three(store: Store) -> list[Removal]:
    """Three removals of one source and one of another."""
    keys = [a_key("p2"), a_key("p1"), a_key("p1", part="a"), JOB]
    return [store.removals.add(JOSIAH, code, key, "", float(code)) for code, key in enumerate(keys, start=1)]


def test_a_source_s_removals_are_decided_on_together(store: Store) -> None:
    """Another source's, those in another state and those that were sent stay as they are."""
    first, second, third, other = three(store)
    store.removals.put(replace(third, sent=True))

    assert store.removals.decide(THESIS.source, RemovalState.DUE, RemovalState.HELD) == ["p1", "p2"]
    held = [replace(one, state=RemovalState.HELD) for one in (first, second)]
    assert list(store.removals.unsent(THESIS.source, RemovalState.HELD)) == held
    store.removals.put(replace(first, state=RemovalState.APPROVED))
    assert store.removals.decide(THESIS.source, RemovalState.REJECTED, RemovalState.DUE) == []
    assert store.removals.sources([RemovalState.HELD, RemovalState.DUE]) == sorted({THESIS.source, CONTRACT.source})
    assert store.removals.sources([RemovalState.APPROVED]) == [THESIS.source]
    assert store.removals.of_person("p1")[-1] == other
    assert store.removals.decide(THESIS.source, RemovalState.HELD, RemovalState.REJECTED) == ["p1"]
    rejected = [replace(second, state=RemovalState.REJECTED)]
    assert list(store.removals.unsent(THESIS.source, RemovalState.REJECTED)) == rejected
    assert store.removals.greatest(THESIS.source) == third.number
    assert store.removals.greatest("/nobody") == 0


def test_what_is_held_is_counted_by_source(store: Store) -> None:
    """With the greatest number, and how many only empty fields; what was sent is held no more."""
    first, _, third, other = three(store)
    emptied = store.removals.add(JOSIAH, 8, a_key(part="b"), "d2", 8.0)
    gone = store.removals.add(JOSIAH, 9, a_key(part="c"), "", 9.0)
    for held in (first, third, other, emptied, replace(gone, sent=True)):
        store.removals.put(replace(held, state=RemovalState.HELD))

    both = [HeldCount(THESIS.source, 3, 1, emptied.number), HeldCount(CONTRACT.source, 1, 0, other.number)]
    assert store.removals.held() == sorted(both, key=lambda one: one.source)


def test_what_is_read_of_a_source_may_be_decided_on_meanwhile(store: Store) -> None:
    """More than a page of them: each is read once, in order."""
    with store.transaction():
        for code in range(PAGE + 2):
            store.removals.add(JOSIAH, code, a_key(part=str(code)), "", 1.0)
    codes = []
    with store.transaction():
        for one in store.removals.unsent(THESIS.source, RemovalState.DUE):
            store.removals.put(replace(one, state=RemovalState.APPROVED))
            codes.append(one.put_code)

    assert codes == [*range(PAGE + 2)]
    assert list(store.removals.unsent(THESIS.source, RemovalState.DUE)) == []


def test_a_source_s_removals_are_read_on_behind_a_number(store: Store) -> None:
    """Whatever became of that; several pages of them."""
    with store.transaction():
        added = [store.removals.add(JOSIAH, code, a_key(part=str(code)), "", 1.0) for code in range(PAGE + 4)]
    store.removals.drop(added[2].number)

    found = store.removals.unsent(THESIS.source, RemovalState.DUE, added[2].number)
    assert [one.number for one in found] == [one.number for one in added[3:]]
    assert list(store.removals.unsent(THESIS.source, RemovalState.DUE, added[-1].number)) == []


def test_removals_are_counted_by_state_since_a_time(store: Store) -> None:
    """Of one source: what is open counts always, what was sent or decided on from then on."""
    first, second, third, other = three(store)
    store.removals.put(replace(first, state=RemovalState.HELD))
    store.removals.put(replace(second, sent=True, at=20.0))
    store.removals.put(replace(third, state=RemovalState.REJECTED))

    everything = {RemovalState.HELD: 1, RemovalState.DUE: 1, RemovalState.REJECTED: 1}
    assert store.removals.counts(THESIS.source, 0.0) == everything
    assert store.removals.counts(THESIS.source, 20.0) == {RemovalState.HELD: 1, RemovalState.DUE: 1}
    assert store.removals.counts(THESIS.source, 21.0) == {RemovalState.HELD: 1}
    assert store.removals.counts(other.item.record.source, 21.0) == {RemovalState.DUE: 1}
    assert store.removals.counts("/nobody", 0.0) == {}


def test_a_source_that_speaks_again_ends_what_was_rejected(store: Store) -> None:
    """Of that record alone, and nothing but that."""
    for rejected in three(store)[:2]:
        store.removals.put(replace(rejected, state=RemovalState.REJECTED))

    assert store.removals.speak(CONTRACT) == []
    assert store.removals.speak(THESIS) == ["p1", "p2"]
    assert [one.put_code for one in store.removals.of_person("p1")] == [3, 4]
    assert store.removals.speak(THESIS) == []


def test_who_has_to_be_looked_at_is_asked_once(store: Store) -> None:
    """In order, and until they were."""
    for person in ("p3", "p1", "p3"):
        store.removals.ask(person)
    assert (store.removals.asked(1), store.removals.asked(9)) == (["p1"], ["p1", "p3"])

    store.removals.answered("p1")
    store.removals.answered("p2")
    assert store.removals.asked(9) == ["p3"]


def test_a_window_is_one_for_each_source(store: Store) -> None:
    """The newest word counts."""
    store.removals.put_window(RemovalWindow("/hr", 1.0, 9))
    newer = RemovalWindow("/hr", 2.0, 8, gone=3, let=1)
    store.removals.put_window(newer)

    assert store.removals.window("/hr") == newer
    assert store.removals.window("/repository") is None


def test_what_a_source_has_published_is_what_stands(store: Store) -> None:
    """On any record; what the researcher removed, or is another's, does not."""
    for number, standing in enumerate(Standing, start=1):
        store.items.publish(a_published(number, standing=standing))
    store.items.publish(a_published(9, JOB))

    assert (store.removals.published(THESIS.source), store.removals.published(CONTRACT.source)) == (2, 1)


def test_adopted_items_that_nothing_wants_are_told(store: Store) -> None:
    """As planning noted it; those of rewrites, and those that are counted or decided on, are not."""
    store.grants.put(a_grant("p1", JOSIAH))
    keys = [a_key(part=part) for part in "abcdef"]
    for code, key in enumerate(keys, start=1):
        store.items.publish(a_published(code, key, origin=Origin.ADOPTED))
    store.items.publish(a_published(8, a_key(part="g")))
    for key, hold, state in zip(
        keys[1:],
        ("", "mapping-1", "", "", ""),
        (ItemState.HELD, ItemState.HELD, ItemState.IN_SYNC, ItemState.HELD, ItemState.HELD),
        strict=True,
    ):
        store.items.want(a_wanted(key, hold=hold), None)
        store.items.set_state(key, state, "")
    store.removals.add(JOSIAH, 5, keys[4], "", 1.0)
    store.items.publish(a_published(6, keys[5], origin=Origin.ADOPTED, standing=Standing.REMOVED))

    assert [one.put_code for one in store.removals.unwanted()] == [1, 2]
    assert store.removals.unwanted_sources() == [THESIS.source]


def test_adopted_items_are_told_in_order_whatever_becomes_of_them(store: Store) -> None:
    """By iD, section and put-code, in the order of numbers; several pages of them."""
    for person, orcid in (("p1", JOSIAH), ("p2", LAURE)):
        store.grants.put(a_grant(person, orcid))
    with store.transaction():
        for code in range(1, PAGE + 2):
            store.items.publish(a_published(code, a_key(part=str(code)), origin=Origin.ADOPTED))
        store.items.publish(a_published(8, a_key(section=Section.FUNDING), origin=Origin.ADOPTED))
        store.items.publish(a_published(1, a_key("p2"), LAURE, origin=Origin.ADOPTED))
    found = []
    for one in store.removals.unwanted():
        found.append((one.orcid, one.section, one.put_code))
        store.removals.add(one.orcid, one.put_code, one.item, "", 1.0)

    assert (len(found), found) == (PAGE + 3, sorted(found))
    assert list(store.removals.unwanted()) == []


@pytest.mark.parametrize(
    "grants",
    [
        pytest.param([], id="none"),
        pytest.param([a_grant("p1", JOSIAH, state=GrantState.REVOKED)], id="withdrawn"),
        pytest.param([a_grant("p1", LAURE)], id="of another record"),
        pytest.param(
            [a_grant("p1", LAURE), a_grant("p1", JOSIAH, 9.0, state=GrantState.BROKEN)], id="of another record first"
        ),
    ],
)
def test_adopted_items_on_a_record_without_permission_are_not_told(store: Store, grants: list[Grant]) -> None:
    """Those are a matter of the person's move."""
    for grant in grants:
        store.grants.put(grant)
    store.items.publish(a_published(1, origin=Origin.ADOPTED))

    assert (list(store.removals.unwanted()), store.removals.unwanted_sources()) == ([], [])


def test_records_that_stand_are_told_by_source(store: Store) -> None:
    """Removed ones are not."""
    store.records.accept(a_record())
    store.records.accept(a_record(key=replace(THESIS, subject="gone")))
    store.records.accept(a_record("2", "", key=replace(THESIS, subject="gone"), removed=True))
    store.records.accept(a_record(key=CONTRACT))

    assert store.records.standing(THESIS.source) == [THESIS]


@pytest.mark.parametrize("both", [pytest.param(True, id="both asked about"), pytest.param(False, id="one of them")])
def test_merging_people_moves_what_is_counted(store: Store, *, both: bool) -> None:
    """And who has to be looked at."""
    store.removals.add(JOSIAH, 7, a_key("p1"), "", 1.0)
    store.removals.ask("p1")
    if both:
        store.removals.ask("p2")
    store.people.merge("p1", "p2")

    assert [one.item for one in store.removals.of_person("p2")] == [a_key("p2")]
    assert (store.removals.of_person("p1"), store.removals.asked(9)) == ([], ["p2"])


def test_erasing_a_person_leaves_nothing_counted(store: Store) -> None:
    """Nor asked about."""
    store.grants.put(a_grant("p1", JOSIAH))
    store.removals.add(JOSIAH, 7, a_key("p1"), "", 1.0)
    store.removals.ask("p1")
    store.people.erase("p1")

    assert (store.removals.of_person("p1"), store.removals.asked(9)) == ([], [])
