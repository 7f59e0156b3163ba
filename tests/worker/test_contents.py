"""The documents that planning has to see are looked up with a person's facts."""

from collections.abc import Iterator

import pytest

from mappers.documents import Document, digest, dump
from mappers.sections import Section
from state.memory.store import MemoryStore
from tests.worker.builders import NOW, PERSON, a_work, an_employment, grant, published, wanted, withdrawn
from tests.worker.documents import a_document
from worker.planning.policy import Policy
from worker.recording.contents import facts_of

OURS, THEIRS = a_work("10.1/a", "Moa"), a_work("10.1/a", "Kiwi")


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    """A store with a person who gave permission."""
    made = MemoryStore(lambda: NOW)
    made.grants.put(grant())
    yield made
    made.close()


def want(store: MemoryStore, subject: str, document: Document, source: str = "/repository") -> None:
    """An item is wanted."""
    store.items.want(wanted(subject, document, source=source), dump(document))


def test_most_people_need_none(store: MemoryStore) -> None:
    """Facts alone tell what to do."""
    want(store, "1", OURS)

    assert facts_of(store, PERSON, Policy(wins={"/library": ("title",)})) == store.items.facts(PERSON)


def test_of_items_that_are_composed_all_are_seen(store: MemoryStore) -> None:
    """By their digests."""
    want(store, "1", OURS)
    want(store, "2", THEIRS, "/library")
    seen = facts_of(store, PERSON, Policy(wins={"/library": ("title",)}))

    assert seen.contents == {digest(OURS): OURS, digest(THEIRS): THEIRS}


def test_of_records_that_were_rekeyed_both_sides_are_seen(store: MemoryStore) -> None:
    """What stands as ORCID accepted it last, and what is wanted; a document that is not known is left out."""
    before, after = an_employment(), an_employment("Professor")
    store.items.want(withdrawn("1", Section.EMPLOYMENT), None)
    store.items.publish(published(7, "1", before), dump(before))
    unknown = a_document(Section.EMPLOYMENT, title="Dean")
    store.items.publish(published(8, "3", unknown))
    want(store, "2", after)
    seen = facts_of(store, PERSON, Policy())

    assert seen.contents == {digest(before): before, digest(after): after}
