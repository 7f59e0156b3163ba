"""A person with thousands of items is planned in seconds, whatever is to be done with them."""

from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest

from mappers.documents import Document, Keyword, digest
from mappers.sections import Section
from state.facts import Method, PersonFacts
from tests.worker.builders import NOW, a_work, facts, grant, intent, published, wanted, withdrawn
from worker.planning.plan import plan
from worker.planning.policy import Policy

COUNT = 4000
SECONDS = 3.0
"""Ten times what it takes; one look at every item for every item takes longer."""


def work(number: int) -> Document:
    """The n-th work, known by its DOI."""
    return a_work(f"10.5555/{number}")


def keyword(number: int) -> Document:
    """The n-th keyword."""
    return Keyword(content=f"keyword {number}")


def in_sync() -> Iterator[Any]:
    """All stand as they are wanted."""
    for number in range(COUNT):
        yield wanted(str(number), work(number))
        yield published(number + 1, str(number), work(number))


def withdrawn_works() -> Iterator[Any]:
    """All stand, and nobody wants them."""
    for number in range(COUNT):
        yield withdrawn(str(number), Section.WORK)
        yield published(number + 1, str(number), work(number))


def new_keywords() -> Iterator[Any]:
    """None stands yet."""
    return (wanted(str(number), keyword(number)) for number in range(COUNT))


def withdrawn_keywords() -> Iterator[Any]:
    """All stand, and nobody wants them."""
    for number in range(COUNT):
        yield withdrawn(str(number), Section.KEYWORDS)
        yield published(number + 1, str(number), keyword(number))


def in_doubt() -> Iterator[Any]:
    """Of all a POST got no clear answer."""
    for number in range(COUNT):
        yield wanted(str(number), work(number))
        yield intent(Method.POST, str(number), work(number), id=number + 1, ripe_in=-1.0)


def swaps() -> Iterator[Any]:
    """Works swap their DOIs two by two."""
    for number in range(COUNT):
        yield wanted(str(number), work(number ^ 1))
        yield published(number + 1, str(number), work(number))


def a_blocked_chain() -> Iterator[Any]:
    """Each takes the next one's DOI, and the last one cannot be written."""
    for number in range(COUNT):
        document = work(number + 1)
        refused = digest(document) if number == COUNT - 1 else ""
        yield wanted(str(number), document, refused_digest=refused)
        yield published(number + 1, str(number), work(number))


@pytest.mark.parametrize(
    "items", [in_sync, withdrawn_works, new_keywords, withdrawn_keywords, in_doubt, swaps, a_blocked_chain]
)
def test_thousands_of_items_are_planned_in_seconds(items: Any) -> None:
    """No case, nor the order of writes, looks at every item for every item."""
    of: PersonFacts = facts(*items(), grant=grant("/activities/update", "/person/update"))
    began = process_time()

    plan(of, Policy(), NOW)

    assert process_time() - began < SECONDS
