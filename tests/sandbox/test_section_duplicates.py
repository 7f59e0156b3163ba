"""What counts as a duplicate in the sections beside works and affiliations (API_FACTS section 4's table)."""

from typing import Any

import pytest

from tests.sandbox.people import (
    JsonObject,
    Person,
    a_date,
    a_funding,
    a_peer_review,
    a_person_identifier,
    a_proposal,
    a_research_resource,
    a_researcher_url,
    a_resource_item,
    a_work,
    an_employment,
    an_organization,
    error_of,
    identifier,
    identifiers,
)
from worker.sandbox.duplicates import check_bulk_duplicates, check_duplicates, claims_of
from worker.sandbox.errors import OrcidError
from worker.sandbox.operations import read_content
from worker.sandbox.records import Item, Record, Source
from worker.sandbox.sections.table import SECTIONS
from worker.sandbox.versions import V2_1, V3_0

OTHER = "APP-ANOTHERCLIENT001"
SELF = "self"
PART = "part-of"


def funded(kind: str, value: str, relationship: str | None = SELF, **changes: Any) -> JsonObject:
    """A funding with this identifier."""
    return a_funding(external_ids=identifiers(identifier(kind, value, relationship)), **changes)


def reviewed(kind: str, value: str, relationship: str | None = SELF, **changes: Any) -> JsonObject:
    """A peer review with this identifier."""
    return a_peer_review(review_identifiers=identifiers(identifier(kind, value, relationship)), **changes)


def proposed(kind: str, value: str, relationship: str | None = SELF, **changes: Any) -> JsonObject:
    """A research resource whose proposal has this identifier."""
    ids = identifiers(identifier(kind, value, relationship))
    return a_research_resource(proposal=a_proposal(external_ids=ids), **changes)


@pytest.mark.parametrize(
    ("section", "there", "new", "conflict"),
    [
        pytest.param(
            "funding",
            funded("grant_number", "A-1"),
            funded("grant_number", "A-1", type="award", start_date=a_date("2020")),
            True,
            id="fundings with the same identifier",
        ),
        pytest.param(
            "funding",
            funded("grant_number", "A-1"),
            funded("grant_number", "a-1"),
            False,
            id="fundings keep their case",
        ),
        pytest.param(
            "funding",
            funded("doi", "10.1/a"),
            funded("doi", "https://doi.org/10.1/a"),
            False,
            id="fundings are not normalised",
        ),
        pytest.param(
            "funding",
            funded("grant_number", "A-1", PART),
            funded("grant_number", "A-1", PART),
            False,
            id="fundings that are parts",
        ),
        pytest.param(
            "peer-review",
            reviewed("source-work-id", "r-1"),
            reviewed("source-work-id", "R-1", review_completion_date=a_date("2020"), review_group_id="issn:0028-0836"),
            True,
            id="reviews with the same identifier",
        ),
        pytest.param(
            "peer-review",
            reviewed("source-work-id", "r-1"),
            reviewed("source-work-id", "r-2"),
            False,
            id="reviews alike but for the identifier",
        ),
        pytest.param(
            "peer-review",
            reviewed("source-work-id", "r-1", subject_external_identifier=identifier("doi", "10.1/a")),
            reviewed("source-work-id", "r-2", subject_external_identifier=identifier("doi", "10.1/a")),
            False,
            id="reviews of one subject",
        ),
        pytest.param(
            "research-resource",
            proposed("proposal-id", "p-1"),
            proposed("proposal-id", "P-1"),
            True,
            id="resources with the same proposal",
        ),
        pytest.param(
            "research-resource",
            proposed("proposal-id", "p-1", resource_item=[a_resource_item()]),
            proposed("proposal-id", "p-2", resource_item=[a_resource_item()]),
            False,
            id="resources with the same items",
        ),
        pytest.param("keywords", {"content": "moa"}, {"content": "moa"}, True, id="keywords"),
        pytest.param("keywords", {"content": "moa"}, {"content": "Moa"}, False, id="keywords in another case"),
        pytest.param("other-names", {"content": "J. Moa"}, {"content": "J. Moa"}, True, id="names"),
        pytest.param("other-names", {"content": "J. Moa"}, {"content": "J Moa"}, False, id="names written otherwise"),
        pytest.param(
            "researcher-urls",
            a_researcher_url(url_name="Moa"),
            a_researcher_url(url_name="Kakapo"),
            True,
            id="urls with other names",
        ),
        pytest.param(
            "researcher-urls", a_researcher_url(), a_researcher_url("https://example.org/moa/"), False, id="other urls"
        ),
        pytest.param(
            "external-identifiers",
            a_person_identifier("A"),
            a_person_identifier("A", external_id_url={"value": "https://example.org/other"}),
            True,
            id="identifiers with other urls",
        ),
        pytest.param(
            "external-identifiers",
            a_person_identifier("A"),
            a_person_identifier("a"),
            False,
            id="identifiers in another case",
        ),
        pytest.param("address", {"country": {"value": "NZ"}}, {"country": {"value": "NZ"}}, False, id="countries"),
    ],
)
def test_two_items(person: Person, section: str, there: JsonObject, new: JsonObject, *, conflict: bool) -> None:
    """What is compared, and what is not, when the second one is posted."""
    person.has_added(section, there)
    response = person.post(section, new)
    assert response.status_code == (409 if conflict else 201)
    assert not conflict or response.json()["error-code"] == (9021 if SECTIONS[section].is_activity else 9030)


@pytest.mark.parametrize(
    ("section", "document", "posted", "put"),
    [
        pytest.param(
            "keywords", {"content": "moa"}, "'moa' of type 'keyword'", "'moa' of type 'keyword'", id="keyword"
        ),
        pytest.param(
            "other-names", {"content": "Ann"}, "'Ann' of type 'other-name'", "'Ann' of type 'otherName'", id="name"
        ),
        pytest.param(
            "researcher-urls",
            a_researcher_url("https://a.org"),
            "'https://a.org' of type 'researcher-url'",
            "'https://a.org' of type 'researcher-url'",
            id="url",
        ),
        pytest.param(
            "external-identifiers",
            a_person_identifier("A"),
            "'https://example.org/staff/A' of type 'external-identifier'",
            "'https://example.org/staff/A' of type 'external-identifier'",
            id="identifier, of which the url is named",
        ),
    ],
)
def test_the_text_of_9030(person: Person, section: str, document: JsonObject, posted: str, put: str) -> None:
    """The element and its type, which POST and PUT do not always call the same."""
    person.has_added(section, document)
    refused = person.post(section, document)
    assert error_of(refused) == (409, 9030)
    assert refused.json()["developer-message"] == f"The element {posted} is duplicated. "
    key = next(iter(document))
    other = {**document, key: {"value": "https://b.org"} if key == "url" else "B"}
    second = person.has_added(section, other)
    refused = person.put(section, second, document)
    assert error_of(refused) == (409, 9030)
    assert refused.json()["developer-message"] == f"The element {put} is duplicated. "


@pytest.mark.parametrize(
    ("section", "first", "second", "status"),
    [
        pytest.param("funding", a_funding("1"), a_funding("2"), 409, id="fundings"),
        pytest.param("peer-review", a_peer_review("1"), a_peer_review("2"), 409, id="peer reviews"),
        pytest.param("research-resource", a_research_resource("1"), a_research_resource("2"), 200, id="not resources"),
        pytest.param("address", {"country": {"value": "NZ"}}, {"country": {"value": "AU"}}, 200, id="not countries"),
    ],
)
def test_updates_are_compared_too(
    person: Person, section: str, first: JsonObject, second: JsonObject, status: int
) -> None:
    """A PUT may keep what it has; whether it may take what another one has depends on the section."""
    put_code = person.has_added(section, first)
    other = person.has_added(section, second)
    assert person.put(section, put_code, first).status_code == 200
    assert person.put(section, other, first).status_code == status


@pytest.mark.parametrize(
    ("section", "document"),
    [
        pytest.param("funding", a_funding(), id="funding"),
        pytest.param("peer-review", a_peer_review(), id="peer review"),
        pytest.param("research-resource", a_research_resource(), id="research resource"),
        pytest.param("keywords", {"content": "moa"}, id="keyword"),
        pytest.param("researcher-urls", a_researcher_url(), id="url"),
        pytest.param("external-identifiers", a_person_identifier(), id="identifier"),
    ],
)
def test_items_of_others_never_conflict(person: Person, section: str, document: JsonObject) -> None:
    """Neither the researcher's own nor another client's."""
    person.control.add_item(person.orcid, section, document)
    person.control.add_item(person.orcid, section, document, client_id=OTHER)
    put_code = person.has_added(section, document)
    person.delete(section, put_code)
    person.has_added(section, document)


OURS = Source(client_id="APP-0RCIDSYNCSANDBOX")
ORCID = "0000-0002-1825-0097"
FOR_HER = Source(client_id=OURS.client_id, assertion_origin_orcid=ORCID)


def conflicts(
    section: str,
    there: JsonObject,
    new: JsonObject,
    version: str,
    *,
    bulk: bool = False,
    source: Source = OURS,
) -> bool:
    """Whether a new document of ours conflicts with one of `source` by the rule of a version."""
    row = SECTIONS[section]
    record = Record(ORCID, None, "public", claims_of)
    record.put(Item(1, section, source, "public", 1, 1, read_content(row, there)), 1)
    check = check_bulk_duplicates if bulk else check_duplicates
    try:
        check(record, row, OURS, read_content(row, new), version)
    except OrcidError:
        return True
    return False


def by(kind: str, value: str, relationship: str | None) -> JsonObject:
    """A work with this identifier."""
    return a_work(external_ids=identifiers(identifier(kind, value, relationship)))


@pytest.mark.parametrize(
    ("there", "new", "in_2_1", "in_3_0"),
    [
        pytest.param(("doi", "10.1/a", "self"), ("doi", "10.1/a", "self"), True, True, id="the same"),
        pytest.param(("doi", "10.1/A", "self"), ("doi", "10.1/a", "self"), False, True, id="another case"),
        pytest.param(("doi", "10.1/a", None), ("doi", "10.1/a", None), True, True, id="no relationship"),
        pytest.param(("doi", "10.1/a", "self"), ("doi", "10.1/a", None), False, False, id="self and none"),
        pytest.param(("doi", "10.1/a", "part-of"), ("doi", "10.1/a", "part-of"), False, False, id="parts"),
        pytest.param(("doi", "10.1/a", "funded-by"), ("doi", "10.1/a", "funded-by"), True, False, id="funders"),
        pytest.param(("doi", "10.1/a", "version-of"), ("doi", "10.1/a", "version-of"), True, False, id="versions"),
    ],
)
def test_two_works_by_version(
    there: tuple[str, str, str | None], new: tuple[str, str, str | None], *, in_2_1: bool, in_3_0: bool
) -> None:
    """v2.1 compares raw values and wants equal relationships that are not `part-of`."""
    assert conflicts("work", by(*there), by(*new), V2_1) is in_2_1
    assert conflicts("work", by(*there), by(*new), V3_0) is in_3_0


@pytest.mark.parametrize(
    ("relationship", "in_2_1", "in_3_0"),
    [
        pytest.param("self", True, True, id="self"),
        pytest.param("version-of", True, True, id="a version"),
        pytest.param(None, True, False, id="none"),
        pytest.param("part-of", False, False, id="a part"),
        pytest.param("funded-by", False, False, id="a funder"),
    ],
)
def test_a_bulk_by_version(relationship: str | None, *, in_2_1: bool, in_3_0: bool) -> None:
    """What a new `self` of a bulk conflicts with."""
    there, new = by("doi", "10.1/a", relationship), by("doi", "10.1/a", "self")
    assert conflicts("work", there, new, V2_1, bulk=True) is in_2_1
    assert conflicts("work", there, new, V3_0, bulk=True) is in_3_0


def test_whose_behalf_matters_in_v3_0_only() -> None:
    """An item that the client wrote on the user's behalf is its own in v2.1, and another source's in v3.0."""
    assert conflicts("work", a_work(), a_work(), V2_1, source=FOR_HER)
    assert not conflicts("work", a_work(), a_work(), V3_0, source=FOR_HER)
    assert conflicts("keywords", {"content": "moa"}, {"content": "moa"}, V2_1, source=FOR_HER)
    assert not conflicts("work", a_work(), a_work(), V2_1, source=Source(client_id=OTHER))


def test_affiliations_of_v2_1_never_conflict() -> None:
    """They have no identifiers there, so that equal ones pile up."""
    there = an_employment(external_ids=identifiers(identifier("source-work-id", "1")), organization=an_organization())
    assert not conflicts("employment", there, an_employment(), V2_1)
