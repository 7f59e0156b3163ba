"""Documents: kept as JSON, compared by digest."""

import pytest
from pydantic import ValidationError

from mappers.documents import Document, ExternalId, Relationship, digest, dump, load, self_ids
from tests.mappers.builders import employment, work

DOI = ExternalId(type="doi", value="10.1/a")
ISSN = ExternalId(type="issn", value="1234-5679", relationship=Relationship.PART_OF)


@pytest.mark.parametrize("document", [pytest.param(employment(), id="employment"), pytest.param(work(), id="work")])
def test_a_document_is_kept_and_found_again(document: Document) -> None:
    """What the store keeps says what it is by itself."""
    assert load(dump(document)) == document


def test_what_is_no_document_is_an_error() -> None:
    """The store never holds such text."""
    with pytest.raises(ValidationError):
        load('{"section":"work"}')


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(work(title=" On \n moas "), id="white-space"),
        pytest.param(work(subtitle="  "), id="blank"),
        pytest.param(
            work(external_ids=(DOI.model_copy(update={"value": "https://doi.org/10.1234/ABC"}),)), id="doi-spelling"
        ),
    ],
)
def test_form_is_no_difference(same: Document) -> None:
    """The digest is over what a document says."""
    assert digest(same) == digest(work())


def test_the_order_of_identifiers_is_no_difference() -> None:
    """ORCID sorts them as it likes."""
    assert digest(work(external_ids=(DOI, ISSN))) == digest(work(external_ids=(ISSN, DOI)))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(work(title="On kiwis"), id="title"),
        pytest.param(work(external_ids=()), id="identifier-gone"),
        pytest.param(work(external_ids=(ISSN,)), id="other-identifier"),
        pytest.param(employment(), id="other-section"),
    ],
)
def test_content_is_a_difference(other: Document) -> None:
    """Another content has another digest."""
    assert digest(other) != digest(work())


def test_only_self_identifiers_make_items_the_same() -> None:
    """What an item is part of may be shared."""
    assert self_ids(work(external_ids=(DOI, ISSN))) == frozenset({"doi:10.1/a"})
