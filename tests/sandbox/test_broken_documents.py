"""Every rule of every section: what breaks it is refused with ORCID's status and error-code (API_FACTS section 5)."""

import pytest

from tests.broken_documents import AS_PARAMETERS, BrokenDocument
from tests.sandbox.people import SMALLEST, Person, error_of


@pytest.mark.parametrize("broken", AS_PARAMETERS)
def test_a_broken_document_is_refused(person: Person, broken: BrokenDocument) -> None:
    """The answer is the row's, and nothing comes to the record."""
    assert error_of(person.post(broken.section, broken.body)) == (broken.status, broken.code)
    assert person.items(broken.section) == ()


@pytest.mark.parametrize("section", SMALLEST)
def test_the_smallest_document_is_taken(person: Person, section: str) -> None:
    """What the broken ones are made from breaks no rule."""
    person.has_added(section, SMALLEST[section])
