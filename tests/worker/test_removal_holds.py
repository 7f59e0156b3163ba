"""Holds of removals: by which id each is decided on, and that none is read whole for a number."""

import os
import tracemalloc
from collections import deque
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import Origin
from state.removal_facts import RemovalState
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from tests.state.helpers import CONTRACT, JOSIAH, LAURE, THESIS, a_grant, a_key, a_published
from tests.worker.conftest import Clock
from worker.cli.context import print_json
from worker.recording.removal_holds import HeldItem, HeldRemovals, held_items, held_removals, rejected_removals
from worker.recording.removal_words import approve_removals, reject_removals
from worker.reports.held import count_held, held_rows, with_items
from worker.reports.overview import count_overview

SMALL, LARGE = 600, 1_800
"""Held items: more than a page has."""
GROWTH = 300_000
"""Bytes that may be taken more on the large hold than on the small one: as objects, its items would take 3 MB more."""
PEOPLE = 30
ORCIDS = {f"p{person}": OrcidId(f"0000-0002-1825-{person:04}") for person in range(PEOPLE)}
WHY = "adopted from the records, where another system may share our client, and wanted by nothing"


def adopt(store: Store) -> None:
    """On two records, things of two sources: put-codes as numbers are in another order than as text."""
    for person, orcid in (("p1", JOSIAH), ("p2", LAURE)):
        store.grants.put(a_grant(person, orcid))
        for code in (9, 10, 100):
            store.items.publish(a_published(code, a_key(person, part=str(code)), orcid, origin=Origin.ADOPTED))
        funding = a_key(person, Section.FUNDING, part="f")
        job = a_key(person, Section.EMPLOYMENT, CONTRACT)
        store.items.publish(a_published(10, funding, orcid, origin=Origin.ADOPTED))
        store.items.publish(a_published(7, job, orcid, origin=Origin.ADOPTED))


def marked(*places: str) -> str:
    """The id of what stands in these places."""
    return f"adopted-{sha256(' '.join(sorted(places)).encode()).hexdigest()[:8]}"


def test_an_id_of_adopted_items_is_made_of_all_their_places(store: Store) -> None:
    """By source, whatever the order in which the store tells them."""
    adopt(store)
    things = ("funding 10", "work 9", "work 10", "work 100")
    hr = marked(*(f"{orcid} employment 7" for orcid in (JOSIAH, LAURE)))
    repository = marked(*(f"{orcid} {thing}" for orcid in (JOSIAH, LAURE) for thing in things))

    assert held_removals(store) == [
        HeldRemovals(hr, CONTRACT.source, "adopted", WHY, 2),
        HeldRemovals(repository, THESIS.source, "adopted", WHY, 8),
    ]
    assert {one.put_code for one in held_items(store, hr, CONTRACT.source)} == {7}
    codes = sorted(one.put_code for one in held_items(store, repository, THESIS.source))
    assert codes == [9, 9, 10, 10, 10, 10, 100, 100]


def test_adopted_items_are_decided_on_by_their_id_alone(store: Store) -> None:
    """First rejected, then let go after all; the other source's stay held."""
    adopt(store)
    hr, repository = (one.id for one in held_removals(store))

    assert (reject_removals(store, repository), rejected_removals(store)) == (8, 8)
    assert [one.id for one in held_removals(store)] == [hr]
    assert [*held_items(store, repository, THESIS.source)] == []
    assert (approve_removals(store, repository), rejected_removals(store)) == (8, 0)
    assert approve_removals(store, repository) == 0
    assert [one.id for one in held_removals(store)] == [hr]


def hold(store: Store, number: int) -> None:
    """So many removals of a source, and so many adopted items of it that nothing wants."""
    with store.transaction():
        for person, orcid in ORCIDS.items():
            store.grants.put(a_grant(person, orcid))
        for code in range(number):
            person = f"p{code % PEOPLE}"
            removal = store.removals.add(ORCIDS[person], code, a_key(person, part=f"r{code}"), "", 1.0)
            store.removals.put(replace(removal, state=RemovalState.HELD))
            adopted = a_key(person, part=f"a{code}")
            store.items.publish(a_published(number + code, adopted, ORCIDS[person], origin=Origin.ADOPTED))


def test_an_id_names_removals_up_to_its_number(store: Store) -> None:
    """What joined them has the next id; and is told with its own."""
    hold(store, 2)
    (guarded, _) = held_removals(store)
    joined = store.removals.add(JOSIAH, 9, a_key(part="new"), "d2", 1.0)
    store.removals.put(replace(joined, state=RemovalState.HELD))
    (later, _) = held_removals(store)

    assert (guarded.removals, later.removals, later.id) == (2, 3, f"{guarded.id.rpartition('-')[0]}-{joined.number}")
    assert "3 removals would leave records (1 of them updates that only empty fields)" in later.reason
    assert [one.put_code for one in held_items(store, guarded.id, THESIS.source)] == [0, 1]
    assert [*held_items(store, later.id, THESIS.source)][-1] == HeldItem(joined.item, 9, empties=True)


def test_what_is_held_is_counted_as_it_is_listed(store: Store) -> None:
    """Rows are as many as the overview says; those of removals name their items where these are asked for."""
    assert (count_held(store), held_rows(store)) == (0, [])
    hold(store, 2)
    rows = held_rows(store)

    assert [(row["cause"], row["removals"]) for row in rows] == [("removals", 2), ("adopted", 2)]
    assert [len([*with_items(store, row)["items"]]) for row in rows] == [2, 2]
    assert all("items" not in row for row in rows)
    assert [counted.held for counted in count_overview(store)] == [count_held(store)] == [2]


def look(store: Store) -> None:
    """At the overview, and at what is held."""
    assert [counted.held for counted in count_overview(store)] == [2]
    assert len(held_rows(store)) == 2


def read(store: Store) -> None:
    """Each item of each hold."""
    for one in held_removals(store):
        deque(held_items(store, one.id, one.source), maxlen=0)


def tell(store: Store) -> None:
    """As `held list --json` does."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        print_json({"held": (with_items(store, row) for row in held_rows(store))})


def reject(store: Store) -> None:
    """All that is held."""
    for one in held_removals(store):
        assert reject_removals(store, one.id) == one.removals


def change_mind(store: Store) -> None:
    """All that is held is rejected, and then approved by the ids it was rejected by."""
    held = held_removals(store)
    reject(store)
    for one in held:
        assert approve_removals(store, one.id) == one.removals


def peak(store: Store, does: Callable[[Store], Any]) -> int:
    """The bytes that Python has at the most while it does that."""
    tracemalloc.start()
    try:
        does(store)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("does", [look, read, tell, change_mind])
def test_no_hold_is_read_whole(tmp_path: Path, does: Callable[[Store], Any]) -> None:
    """An emptied source may have some hundred thousand items: memory does not grow with them."""
    sizes = []
    for number in (SMALL, LARGE):
        store = SqliteStore(tmp_path / f"{number}.db", Vault([new_key()]), Clock())
        hold(store, number)
        sizes.append(peak(store, does))
        store.close()

    assert sizes[1] - sizes[0] < GROWTH
