"""ORCID's rules for documents: what they let pass, and what no event can break (broken_events.py has the others)."""

import time
from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import (
    Address,
    Affiliation,
    Amount,
    Contributor,
    Document,
    ExternalId,
    Funding,
    Keyword,
    Organization,
    OtherName,
    PeerReview,
    Relationship,
    ResearcherUrl,
    ResearchResource,
    Resource,
    TranslatedTitle,
)
from mappers.rules import check
from mappers.sections import Section
from tests.mappers.builders import employment, work

IDENTIFIED = Organization(name="Example", identifier="https://ror.org/05gvnxz63", identifier_source="ROR")
DOI = ExternalId(type="doi", value="10.1/a")
VERSION = DOI.model_copy(update={"relationship": Relationship.VERSION_OF})
FUNDING = Funding(title="Moas", type="grant", organization=IDENTIFIED, start_date=FuzzyDate(2020))
REVIEW = PeerReview(
    reviewer_role="reviewer",
    review_type="review",
    completion_date=FuzzyDate(2026),
    review_group_id="issn:1741-4857",
    organization=Organization(name="Example"),
)
RESOURCE = ResearchResource(
    title="Beam time",
    hosts=(IDENTIFIED,),
    resources=(Resource(name="Laser", type="equipment", hosts=(IDENTIFIED,), external_ids=(DOI,)),),
)


def employer(**changes: Any) -> Affiliation:
    """An employment at an organization with these changes."""
    section = changes.pop("section", Section.EMPLOYMENT)
    right = employment(section=section)
    return right.model_copy(update={"organization": right.organization.model_copy(update=changes)})


def identified(**changes: Any) -> Document:
    """A work whose second identifier has these changes."""
    first = ExternalId(type="doi", value="10.1/a")
    return work(external_ids=(first, first.model_copy(update={"value": "10.1/b"} | changes)))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(employment(), id="employment"),
        pytest.param(employment(start_date=None, end_date=FuzzyDate(2020)), id="end-without-start"),
        pytest.param(employment(start_date=FuzzyDate(2020, 5), end_date=FuzzyDate(2020)), id="end-less-precise"),
        pytest.param(employment(start_date=FuzzyDate(2020), end_date=FuzzyDate(2020)), id="end-equals-start"),
        pytest.param(work(), id="work"),
        pytest.param(work(external_ids=()), id="work-without-identifier-gets-our-own"),
        pytest.param(work(title="x" * 1000, short_description="x" * 5000), id="as-long-as-allowed"),
        pytest.param(work(title="On\tmoas\n\U0001f9a4"), id="tab-and-astral"),
        pytest.param(identified(relationship=Relationship.FUNDED_BY), id="funded-by-a-doi"),
        pytest.param(identified(url="HTTP://example.org/%20?a#b"), id="escaped-url"),
        pytest.param(work(url="https://example.org/moa/ü"), id="url-beyond-ascii"),
        pytest.param(work(contributors=(Contributor(name="x" * 150),)), id="long-name"),
        pytest.param(work(url="https://[::1]/a?b[]=c#d"), id="brackets-where-they-may-be"),
        pytest.param(employer(section=Section.EDUCATION), id="education"),
        pytest.param(FUNDING, id="funding"),
        pytest.param(FUNDING.model_copy(update={"end_date": FuzzyDate(2019)}), id="funding-that-ends-before-it-starts"),
        pytest.param(FUNDING.model_copy(update={"amount": Amount(value="1e3", currency="DEM")}), id="former-currency"),
        pytest.param(REVIEW, id="peer-review"),
        pytest.param(REVIEW.model_copy(update={"external_ids": (VERSION,)}), id="version-of-beside-our-own-self"),
        pytest.param(RESOURCE, id="research-resource"),
        pytest.param(Keyword(content="x" * 255), id="keyword"),
        pytest.param(ResearcherUrl(url="https://example.org"), id="url-without-name"),
    ],
)
def test_a_right_document_passes(document: Document) -> None:
    """What ORCID takes is not refused."""
    assert check(document) is None


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        pytest.param(employer(region=" "), "organization.region", "is blank", id="blank-region"),
        pytest.param(employer(identifier_source=None), "organization.identifier_source", "9045", id="no-list"),
        pytest.param(employer(country="UK"), "organization.country", "is not a country code", id="country"),
        pytest.param(
            employment(external_ids=(ExternalId(type="", value="1"),)), "identifiers[0].type", "9047", id="no-type"
        ),
        pytest.param(
            employment(external_ids=(ExternalId(type="x", value=" "),)), "identifiers[0].value", "9047", id="blank-id"
        ),
        pytest.param(work(type="dissertation"), "type", "9047", id="type-of-v2"),
        pytest.param(work(language_code="he"), "language", "9037", id="language-renamed-at-orcid"),
        pytest.param(
            work(translated_title=TranslatedTitle(value="x", language="zh")),
            "translated_title.language",
            "9037",
            id="chinese-without-region",
        ),
        pytest.param(identified(type="DOI"), "identifiers[1].type", "9023", id="upper-case-type"),
        pytest.param(identified(url="http://" + "x" * 1900 + " "), "identifiers[1].url", "is not a web", id="slow-url"),
        pytest.param(Keyword(content=" "), "", "9020", id="blank-keyword"),
        pytest.param(OtherName(content=""), "", "9020", id="blank-name"),
        pytest.param(Address(country=""), "", "9020", id="no-country"),
        pytest.param(
            FUNDING.model_copy(update={"organization": Organization(name="Fund", identifier="1")}),
            "funder.identifier_source",
            "9045",
            id="funder-without-list",
        ),
        pytest.param(FUNDING.model_copy(update={"type": ""}), "type", "9047", id="no-funding-type"),
        pytest.param(RESOURCE.model_copy(update={"resources": ()}), "resources", "9047", id="no-resources"),
    ],
)
def test_a_broken_rule_is_named(document: Document, field: str, rule: str) -> None:
    """The refusal names the event's field, and ORCID's rule and code."""
    found = check(document)

    assert found is not None
    assert found.field == field
    assert rule in found.rule
    assert str(found).isprintable()
    assert len(found.value) <= 80


def test_an_amount_made_to_be_slow_is_not() -> None:
    """However long a text an event brings, it holds up no other."""
    began = time.process_time()
    found = check(FUNDING.model_copy(update={"amount": Amount(value=f"{'1' * 20_000}x", currency="EUR")}))

    assert found is not None
    assert found.field == "amount.value"
    assert time.process_time() - began < 1
