"""API v2.1: what it leaves out, what it cannot say at all, and how it spells the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mappers.dates import FuzzyDate
from mappers.documents import (
    Address,
    Amount,
    Contributor,
    Document,
    ExternalId,
    Funding,
    Keyword,
    Organization,
    PeerReview,
    Relationship,
    ResearcherUrl,
    ResearchResource,
)
from mappers.forms import Form, Format, Version
from mappers.sections import Section
from mappers.vocabularies.contributor_roles import CREDIT_ROLES
from mappers.wire.v2_1 import CURRENCIES_OF_V2_1, WORK_TYPES_OF_V2_1, Narrowed, narrowed
from mappers.wire.writing import write
from tests.mappers.builders import employment, work
from tests.mappers.documents_of import DOCUMENTS
from tests.orcid_files import needs_orcids_files, schema_file

CREDIT = min(CREDIT_ROLES)
DOI = ExternalId(type="doi", value="10.1234/abc")
OLDER = ExternalId(type="doi", value="10.1234/old", relationship=Relationship.VERSION_OF)
PAID_BY = ExternalId(type="grant_number", value="7", relationship=Relationship.FUNDED_BY)
PART = ExternalId(type="issn", value="1234-5679", relationship=Relationship.PART_OF)
PLACE = employment().organization
NOWHERE = Organization(name="Example University", identifier="385488", identifier_source="RINGGOLD")
FUNDING = Funding(title="Moas", type="grant", organization=PLACE, external_ids=(DOI,))
REVIEW = PeerReview(
    reviewer_role="reviewer",
    review_type="review",
    completion_date=FuzzyDate(2020),
    review_group_id="issn:1234-5679",
    organization=PLACE,
    external_ids=(DOI,),
)
"""Documents that v2.1 can carry whole."""


@pytest.mark.parametrize(
    ("document", "changes", "dropped"),
    [
        pytest.param(
            work(external_ids=(DOI, OLDER, PART)), {"external_ids": (DOI, PART)}, "external-ids", id="version"
        ),
        pytest.param(work(external_ids=(PAID_BY,)), {"external_ids": ()}, "external-ids", id="no-identifier-remains"),
        pytest.param(
            work(contributors=(Contributor(name="A", role=CREDIT), Contributor(name="B", role="author"))),
            {"contributors": (Contributor(name="A"), Contributor(name="B", role="author"))},
            "contributor-role",
            id="credit-role",
        ),
        pytest.param(employment(url="https://example.org"), {"url": None}, "url", id="affiliation-url"),
        pytest.param(employment(external_ids=(DOI,)), {"external_ids": ()}, "external-ids", id="affiliation-ids"),
        pytest.param(
            FUNDING.model_copy(update={"amount": Amount(value="5", currency="VES")}),
            {"amount": None},
            "amount",
            id="currency",
        ),
        pytest.param(
            FUNDING.model_copy(update={"contributors": (Contributor(name="A", role=CREDIT),)}),
            {"contributors": (Contributor(name="A"),)},
            "contributor-role",
            id="funding-role",
        ),
        pytest.param(
            REVIEW.model_copy(update={"external_ids": (DOI, OLDER)}),
            {"external_ids": (DOI,)},
            "review-identifiers",
            id="review-identifier",
        ),
        pytest.param(
            REVIEW.model_copy(update={"subject_external_id": OLDER}),
            {"subject_external_id": None},
            "subject-external-identifier",
            id="subject-identifier",
        ),
        pytest.param(
            REVIEW.model_copy(update={"subject_type": "preprint"}), {"subject_type": None}, "subject-type", id="subject"
        ),
        pytest.param(
            REVIEW.model_copy(update={"subject_type": "grant"}), {"subject_type": None}, "subject-type", id="award"
        ),
    ],
)
def test_optional_parts_are_left_out_by_name(document: Document, changes: dict[str, Any], dropped: str) -> None:
    """What v2.1 has no place for goes, and is named as ORCID names it; all else stays."""
    assert narrowed(document) == Narrowed(document.model_copy(update=changes), (dropped,))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(work(type="dissertation-thesis", external_ids=(DOI, PART), url="https://example.org"), id="work"),
        pytest.param(employment(), id="employment"),
        pytest.param(FUNDING.model_copy(update={"amount": Amount(value="5", currency="EUR")}), id="funding"),
        pytest.param(REVIEW.model_copy(update={"subject_type": "book"}), id="peer-review"),
        pytest.param(Keyword(content="moa"), id="keyword"),
        pytest.param(Address(country="NZ"), id="address"),
        pytest.param(ResearcherUrl(url="https://example.org", name="Site"), id="researcher-url"),
    ],
)
def test_what_v2_1_can_carry_stays_whole(document: Document) -> None:
    """Nothing is dropped without need."""
    assert narrowed(document) == Narrowed(document)


@pytest.mark.parametrize(
    ("document", "lacks"),
    [
        pytest.param(work(type="preprint"), "v2.1 has no work type preprint", id="work-type"),
        pytest.param(employment(section=Section.SERVICE), "v2.1 has no section service", id="affiliation"),
        pytest.param(
            ResearchResource(title="Beam", hosts=(PLACE,), resources=()),
            "v2.1 has no section research-resource",
            id="research-resource",
        ),
        pytest.param(
            employment(organization=NOWHERE), "v2.1 takes no organization without a city and a country", id="place"
        ),
        pytest.param(
            FUNDING.model_copy(update={"organization": NOWHERE.model_copy(update={"country": "NZ"})}),
            "v2.1 takes no organization without a city",
            id="city",
        ),
        pytest.param(
            ResearcherUrl(url="https://example.org"), "v2.1 takes no researcher-url without a url-name", id="url-name"
        ),
    ],
)
def test_what_v2_1_cannot_say_at_all_is_told(document: Document, lacks: str) -> None:
    """One line says what is missing, and nothing can be written."""
    assert narrowed(document) == Narrowed(None, lacks=lacks)
    with pytest.raises(ValueError, match=lacks):
        write(document, Form(Version.V2_1))


@given(document=DOCUMENTS)
def test_narrowing_twice_changes_nothing_more(document: Document) -> None:
    """A narrowed document is one that v2.1 can carry."""
    once = narrowed(document)

    assert (once.document is None) == bool(once.lacks)
    if once.document is not None:
        assert narrowed(once.document) == Narrowed(once.document)
        assert bool(once.dropped) == (once.document != document)


@given(document=DOCUMENTS, format_=st.sampled_from(Format))
def test_v2_1_is_written_of_what_is_narrowed(document: Document, format_: Format) -> None:
    """A writer needs nobody to narrow before."""
    form = Form(Version.V2_1, format_)
    if (found := narrowed(document).document) is not None:
        assert write(document, form) == write(found, form)


def test_json_of_v2_1_has_its_terms_in_capitals() -> None:
    """As ORCID's program names them; texts, languages and codes as they are (API_FACTS.md 6.1)."""
    person = Contributor(name="A", role="chair-or-translator", sequence="first")
    document = work(type="dissertation-thesis", contributors=(person,), language_code="zh_CN", external_ids=(PART,))

    written = json.loads(write(document, Form(Version.V2_1), visibility="registered-only"))

    assert written["type"] == "DISSERTATION"
    assert written["external-ids"]["external-id"][0] == {
        "external-id-type": "issn",
        "external-id-value": "1234-5679",
        "external-id-relationship": "PART_OF",
    }
    assert written["contributors"]["contributor"][0]["contributor-attributes"] == {
        "contributor-sequence": "FIRST",
        "contributor-role": "CHAIR_OR_TRANSLATOR",
    }
    assert (written["language-code"], written["visibility"]) == ("zh_CN", "REGISTERED_ONLY")


@needs_orcids_files
@pytest.mark.parametrize(
    ("file", "named", "ours"),
    [
        pytest.param(
            "record_2.1/work-2.1.xsd",
            "work-type",
            WORK_TYPES_OF_V2_1 - {"dissertation-thesis"} | {"dissertation"},
            id="work-types",
        ),
        pytest.param("common_2.1/common-2.1.xsd", "currency-code", CURRENCIES_OF_V2_1, id="currencies"),
        pytest.param("common_2.1/common-2.1.xsd", "relationship-type", {"self", "part-of"}, id="relationships"),
    ],
)
def test_the_vocabularies_are_those_of_orcids_schema(file: str, named: str, ours: frozenset[str]) -> None:
    """Term by term."""
    schema = "{http://www.w3.org/2001/XMLSchema}"
    root = etree.fromstring(schema_file("v2.1", file))
    (found,) = (one for one in root.iter(f"{schema}simpleType") if one.get("name") == named)

    assert {one.get("value") for one in found.iter(f"{schema}enumeration")} == ours
