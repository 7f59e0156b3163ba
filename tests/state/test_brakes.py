"""Brakes and suppressions, over every store."""

import pytest

from mappers.sections import Section
from mappers.wanted import SourceKey
from state.brake_facts import Brake, Suppression
from state.permission_facts import KnownPerson
from state.store import Store
from tests.state.helpers import CONTRACT, THESIS, a_grant, a_key, a_published, a_wanted

EVERYTHING, OF_P1 = Brake(at=3.0), Brake(person="p1", at=2.0)
OF_HR, OF_WORKS = Brake(source=CONTRACT.source, at=1.0), Brake(section="work", at=1.0)
SUPPRESSED = Suppression("p1", THESIS, withdraw=True, at=1.0)


def test_a_brake_is_put_once_and_released_once(store: Store) -> None:
    """The time of the first stays; each tells whether it changed anything."""
    assert store.brakes.put(OF_P1)
    assert not store.brakes.put(Brake(person="p1", at=9.0))
    assert list(store.brakes.all()) == [OF_P1]

    assert store.brakes.release(Brake(person="p1"))
    assert not store.brakes.release(OF_P1)
    assert list(store.brakes.all()) == []


def test_brakes_are_in_order(store: Store) -> None:
    """That of everything first."""
    for brake in (OF_P1, OF_WORKS, OF_HR, EVERYTHING):
        store.brakes.put(brake)

    assert list(store.brakes.all()) == [EVERYTHING, OF_WORKS, OF_HR, OF_P1]
    assert list(store.brakes.of_person("p1")) == [EVERYTHING, OF_WORKS, OF_HR, OF_P1]
    assert list(store.brakes.of_person("p2")) == [EVERYTHING, OF_WORKS, OF_HR]
    assert store.items.facts("p2").brakes == (EVERYTHING, OF_WORKS, OF_HR)


@pytest.mark.parametrize(
    ("brake", "people"),
    [
        pytest.param(EVERYTHING, ["p1", "p2", "p3"], id="everything"),
        pytest.param(Brake(person="p9"), ["p9"], id="person"),
        pytest.param(OF_HR, ["p2"], id="source"),
        pytest.param(OF_WORKS, ["p1"], id="section"),
        pytest.param(Brake(source="/none"), [], id="nobody"),
    ],
)
def test_a_brake_concerns_whoever_has_such_an_item(store: Store, brake: Brake, people: list[str]) -> None:
    """Wanted or published; everything concerns all who have anything."""
    store.items.want(a_wanted(a_key("p1", Section.WORK, THESIS)), "document")
    store.items.publish(a_published(1, a_key("p2", Section.EMPLOYMENT, CONTRACT)), "document")
    store.grants.put(a_grant("p3"))

    assert list(store.brakes.concerned(brake)) == people


def test_a_suppression_is_among_the_facts_of_its_person(store: Store) -> None:
    """The newest word on a record counts; of nobody else."""
    store.suppressions.put(Suppression("p1", THESIS, withdraw=False, at=0.5))
    store.suppressions.put(SUPPRESSED)
    store.suppressions.put(Suppression("p2", CONTRACT))

    assert list(store.suppressions.of_person("p1")) == [SUPPRESSED]
    assert store.items.facts("p1").suppressed == {THESIS: True}
    assert [one.person for one in store.suppressions.all()] == ["p1", "p2"]


def test_a_suppression_is_taken_back_once(store: Store) -> None:
    """By person and record."""
    store.suppressions.put(SUPPRESSED)

    assert not store.suppressions.drop("p2", THESIS)
    assert store.suppressions.drop("p1", THESIS)
    assert not store.suppressions.drop("p1", THESIS)
    assert store.items.facts("p1").suppressed == {}


def test_what_was_said_of_a_person_goes_with_them(store: Store) -> None:
    """Merged, what was said of the other one stays; erased, nothing does."""
    store.people.put(KnownPerson("p1"))
    for brake in (OF_P1, Brake(person="p2", at=7.0)):
        store.brakes.put(brake)
    store.suppressions.put(SUPPRESSED)
    store.suppressions.put(Suppression("p2", THESIS, withdraw=False, at=7.0))
    store.suppressions.put(Suppression("p1", CONTRACT, at=1.0))

    store.people.merge("p1", "p2")
    assert list(store.brakes.all()) == [Brake(person="p2", at=7.0)]
    assert store.items.facts("p2").suppressed == {THESIS: False, CONTRACT: False}
    assert list(store.suppressions.of_person("p1")) == []

    store.people.erase("p2")
    assert (list(store.brakes.all()), list(store.suppressions.all())) == ([], [])


def test_a_brake_moves_to_whom_a_person_was_merged_into(store: Store) -> None:
    """When there is none yet."""
    store.brakes.put(OF_P1)

    store.people.merge("p1", "p2")

    assert list(store.brakes.all()) == [Brake(person="p2", at=2.0)]


def test_an_erased_record_takes_its_suppressions_with_it(store: Store) -> None:
    """Its key may name somebody."""
    store.suppressions.put(SUPPRESSED)
    store.suppressions.put(Suppression("p1", SourceKey("/hr", "hr.person", "p1")))

    store.people.erase_record(THESIS)

    assert [one.record.subject for one in store.suppressions.all()] == ["p1"]


@pytest.mark.parametrize(
    ("brake", "name", "ends_with"),
    [
        pytest.param(EVERYTHING, "everything", "orcid-sync resume", id="everything"),
        pytest.param(OF_P1, "person p1", "orcid-sync resume --person p1", id="person"),
        pytest.param(OF_HR, "source /hr", "orcid-sync resume --source /hr", id="source"),
        pytest.param(OF_WORKS, "section work", "orcid-sync resume --section work", id="section"),
    ],
)
def test_a_brake_says_what_ends_it(brake: Brake, name: str, ends_with: str) -> None:
    """The very command."""
    assert (brake.name, brake.ends_with) == (name, ends_with)
