"""The fields of events: the table that the mapping file is checked against, held against the models and documents."""

from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from mappers.documents import Affiliation, Funding, PeerReview, ResearcherUrl, ResearchResource, Work
from mappers.events.fields import EVENT_FIELDS, WINNABLE, document_fields
from mappers.families.registry import FAMILIES

DOCUMENTS: Mapping[str, type[BaseModel]] = {
    "hr.affiliation": Affiliation,
    "hr.person": ResearcherUrl,
    "publication": Work,
    "funding": Funding,
    "peer-review": PeerReview,
    "research-resource": ResearchResource,
}


@pytest.mark.parametrize("entity", sorted(FAMILIES))
def test_the_table_has_the_fields_of_every_family(entity: str) -> None:
    """Neither more nor fewer than its events' data is read by."""
    assert set(EVENT_FIELDS[entity]) == {one.alias or name for name, one in FAMILIES[entity].model.model_fields.items()}


@pytest.mark.parametrize("entity", sorted(DOCUMENTS))
def test_the_table_names_fields_of_documents(entity: str) -> None:
    """What a field fills is a field of the document that the entity becomes."""
    filled = {name for fields in EVENT_FIELDS[entity].values() for name in fields}

    assert filled <= set(DOCUMENTS[entity].model_fields)


def test_a_field_is_translated_for_all_it_may_fill() -> None:
    """`type` is a work's, a funding's and a review's."""
    assert document_fields(["abstract", "type", "title"]) == ("title", "type", "short_description", "review_type")


def test_what_makes_an_item_what_it_is_is_nobodys_to_win() -> None:
    """Whose item it is, in which section, and by what ORCID knows it."""
    assert WINNABLE.isdisjoint({"person", "kind", "identifiers", "group", "keywords"})
