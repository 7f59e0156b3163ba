"""What is read in pages is whole and in order, over every store, also when it is more than a page."""

from dataclasses import replace

import pytest

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Origin, Published, Scheme, SourceRecord
from state.permission_facts import KnownPerson
from state.sql.pages import PAGE
from state.store import Store
from tests.state.helpers import a_grant, a_letter

MORE = PAGE + 1


@pytest.fixture
def full(store: Store) -> Store:
    """More than a page of everything."""
    with store.transaction():
        for number in range(MORE):
            person, key = f"p{number:05}", SourceKey("/s", "publication", f"{number:05}")
            store.records.accept(
                SourceRecord(key, Scheme.SEQUENCE, "1", removed=False, data="{}", digest="d", revision="r")
            )
            orcid = OrcidId(f"0000-{number % 7}")
            item = ItemKey(person, Section.WORK, key, "")
            store.items.publish(
                Published(
                    person,
                    orcid,
                    Section.WORK,
                    number,
                    item,
                    digest="d",
                    own_id=None,
                    self_ids=frozenset(),
                    origin=Origin.CREATED,
                    left_out="x" if number % 2 else "",
                )
            )
            store.people.put(KnownPerson(person))
            store.grants.put(a_grant(person, orcid=orcid, granted_at=float(-number)))
            store.letters.bury(a_letter(f"{MORE - number:05}", at=1.0, place=f"a.jsonl:{number}"))
    return store


def test_all_is_read_once_in_order_and_may_be_changed_and_dropped_meanwhile(full: Store) -> None:
    """By key; letters by their age, or by id. Nothing is left out by what is done to those that were read."""
    numbers = [f"{number:05}" for number in range(MORE)]
    people = [f"p{one}" for one in numbers]

    assert [one.key.subject for one in full.records.all()] == numbers
    assert [one.subject for one in full.records.all_keys()] == numbers
    assert [one.person for one in full.grants.all()] == people
    assert [one.person for one in full.grants.permissions()] == people
    assert [one.id for one in full.people.all()] == people
    assert list(full.items.persons()) == people
    places = [(one.orcid, one.put_code) for one in full.items.published()]
    assert (len(places), places) == (MORE, sorted(places))
    assert [one.put_code for one in full.items.published(left_out=True)] == [code for _, code in places if code % 2]
    assert [one.place for one in full.letters.unopened()] == [f"a.jsonl:{number}" for number in range(MORE)]
    assert [one.id for one in full.letters.all()] == sorted(f"{MORE - number:05}" for number in range(MORE))

    with full.transaction():
        for record in full.records.all():
            full.people.erase_record(record.key)
        for one in full.items.published():
            full.items.publish(replace(one, digest=""))
        for letter in full.letters.open():
            full.letters.settle(letter.id, "discarded")
        for letter in full.letters.all():
            full.letters.erase(letter.id)

    assert list(full.records.all()) == []
    assert {one.digest for one in full.items.published()} == {""}
    assert list(full.letters.all()) == []
