"""Who left, over every store."""

import pytest

from mappers.wanted import SourceKey
from state.facts import Departure
from state.store import Store
from tests.state.helpers import CONTRACT, LEAVER, a_departure


@pytest.mark.parametrize(
    "departure",
    [
        pytest.param(a_departure(), id="on-a-day"),
        pytest.param(a_departure(date=None), id="some-day"),
        pytest.param(a_departure(date=""), id="an-empty-date-is-not-none"),
        pytest.param(a_departure(record=SourceKey("/hr,|", 'a "person"', "é")), id="any-source-record"),
    ],
)
def test_a_departure_comes_back_as_it_was(store: Store, departure: Departure) -> None:
    """Among the facts of the person, and of nobody else."""
    assert store.items.facts("p1").departures == ()

    store.departures.leave(departure)

    assert store.items.facts("p1").departures == (departure,)
    assert store.items.facts("p2").departures == ()


def test_the_last_word_of_a_source_record_counts(store: Store) -> None:
    """On the date, and on whom it speaks of."""
    store.departures.leave(a_departure())
    store.departures.leave(a_departure(date="2026-01-31"))
    assert store.items.facts("p1").departures == (a_departure(date="2026-01-31"),)

    store.departures.leave(a_departure("p2", None))

    assert store.items.facts("p1").departures == ()
    assert store.items.facts("p2").departures == (a_departure("p2", None),)


def test_several_source_records_may_say_that_somebody_left(store: Store) -> None:
    """Each stands for itself, in the order of the records; one taken back leaves the other."""
    for record in (LEAVER, CONTRACT):
        store.departures.leave(a_departure(record=record))
    assert store.items.facts("p1").departures == (a_departure(record=CONTRACT), a_departure(record=LEAVER))

    assert store.departures.come_back(LEAVER) == "p1"

    assert store.items.facts("p1").departures == (a_departure(record=CONTRACT),)


def test_to_come_back_tells_who_does(store: Store) -> None:
    """Once; a source record that said nothing of the kind tells nobody."""
    store.departures.leave(a_departure("p7"))

    assert store.departures.come_back(CONTRACT) is None
    assert store.departures.come_back(LEAVER) == "p7"
    assert store.departures.come_back(LEAVER) is None
    assert store.items.facts("p7").departures == ()


def test_who_came_back_may_leave_again(store: Store) -> None:
    """With a new date."""
    store.departures.leave(a_departure())
    store.departures.come_back(LEAVER)

    store.departures.leave(a_departure(date="2030-12-31"))

    assert store.items.facts("p1").departures == (a_departure(date="2030-12-31"),)


def test_to_have_left_makes_nobody_one_of_ours(store: Store) -> None:
    """Those of whom we have an item or a grant are; a source may tell of many others."""
    store.departures.leave(a_departure("p7"))

    assert store.items.persons() == []
