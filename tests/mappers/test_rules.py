"""ORCID's rules: a row for each, with the field as the event spells it."""

from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import Affiliation, Citation, Contributor, Document, ExternalId, Relationship, TranslatedTitle
from mappers.rules import check
from tests.mappers.builders import employment, work


def employer(**changes: Any) -> Affiliation:
    """An employment at an organization with these changes."""
    right = employment()
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
    ],
)
def test_a_right_document_passes(document: Document) -> None:
    """What ORCID takes is not refused."""
    assert check(document) is None


CONTROL = "a\x0bb"


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        pytest.param(employer(name=" "), "organization.name", "is missing (ORCID 9046)", id="9046-name"),
        pytest.param(employer(name="x" * 4001), "organization.name", "more than 4000", id="long-organization"),
        pytest.param(employer(city="x" * 4001), "organization.city", "more than 4000", id="long-city"),
        pytest.param(employer(region=" "), "organization.region", "is blank", id="blank-region"),
        pytest.param(employer(identifier=None), "organization.ror", "9045", id="9045-no-identifier"),
        pytest.param(employer(identifier_source=None), "organization.ror", "9045", id="9045-no-source"),
        pytest.param(employer(identifier="x" * 501), "organization.identifier", "more than 500", id="long-identifier"),
        pytest.param(employer(identifier_source="ISNI"), "organization.identifier_source", "9045", id="9045-source"),
        pytest.param(employer(city=None), "organization.city", "9060", id="9060-city"),
        pytest.param(employer(country=None), "organization.country", "9060", id="9060-country"),
        pytest.param(employer(country="UK"), "organization.country", "is not a country code", id="country"),
        pytest.param(employment(department_name="x" * 4001), "department", "more than 4000", id="long-department"),
        pytest.param(employment(role_title=CONTROL), "role_title", "U+000B", id="control-character"),
        pytest.param(employment(url="javascript:alert(1)"), "url", "is not a web address", id="script-url"),
        pytest.param(employment(url="https://" + "x" * 2000), "url", "more than 2000", id="long-url"),
        pytest.param(
            employment(end_date=FuzzyDate(2019, 8)),
            "end_date",
            "is before the start_date, 2019-09 (ORCID 9055)",
            id="9055",
        ),
        pytest.param(
            employment(external_ids=(ExternalId(type="x", value=" "),)), "identifiers[0].value", "9047", id="blank-id"
        ),
        pytest.param(work(title=""), "title", "9022", id="9022-title"),
        pytest.param(work(title="x" * 1001), "title", "has 1001 characters, more than 1000", id="long-title"),
        pytest.param(work(title="a\ufffeb"), "title", "U+FFFE", id="no-character"),
        pytest.param(work(subtitle="x" * 1001), "subtitle", "more than 1000", id="long-subtitle"),
        pytest.param(work(journal_title="x" * 1001), "container_title", "more than 1000", id="long-journal"),
        pytest.param(work(short_description="x" * 5001), "abstract", "more than 5000", id="long-abstract"),
        pytest.param(work(type="dissertation"), "type", "9037", id="9037-type-of-v2"),
        pytest.param(work(country="UK"), "country", "9037", id="9037-country"),
        pytest.param(work(language_code="he"), "language", "9037", id="9037-language"),
        pytest.param(
            work(translated_title=TranslatedTitle(value="", language="de")),
            "translated_title.value",
            "9020",
            id="no-title",
        ),
        pytest.param(
            work(translated_title=TranslatedTitle(value="x", language="")),
            "translated_title.language",
            "9037",
            id="no-lang",
        ),
        pytest.param(
            work(translated_title=TranslatedTitle(value="x", language="zh")),
            "translated_title.language",
            "9037",
            id="zh",
        ),
        pytest.param(work(citation=Citation(type="", value="x")), "citation.type", "is missing", id="citation-no-type"),
        pytest.param(work(citation=Citation(type="word", value="x")), "citation.type", "9037", id="citation-type"),
        pytest.param(work(citation=Citation(type="ris", value="")), "citation.value", "9020", id="citation-no-value"),
        pytest.param(identified(type="DOI"), "identifiers[1].type", "9023", id="9023-type"),
        pytest.param(identified(value=""), "identifiers[1].value", "9023", id="9023-value"),
        pytest.param(identified(url="doi.org/10.1/b"), "identifiers[1].url", "is not a web address", id="id-url"),
        pytest.param(identified(url="http://" + "x" * 1900 + " "), "identifiers[1].url", "is not a web", id="slow-url"),
        pytest.param(identified(url="https://x/%zz"), "identifiers[1].url", "is not a web address", id="bad-escape"),
        pytest.param(
            identified(type="isbn", relationship=Relationship.FUNDED_BY),
            "identifiers[1].relationship",
            "is only for doi, grant_number, proposal-id, uri, not for isbn (ORCID 9020)",
            id="9020-funded-by",
        ),
        pytest.param(
            work(contributors=(Contributor(name="x" * 151),)), "contributors[0].name", "150", id="long-credit"
        ),
        pytest.param(work(contributors=(Contributor(role="boss"),)), "contributors[0].role", "9058", id="9058-role"),
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
