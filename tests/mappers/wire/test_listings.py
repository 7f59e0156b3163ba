"""ORCID's lists: each section's items, however the version groups them (API_FACTS.md 1.5)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.dates import FuzzyDate
from mappers.documents import (
    Activity,
    Address,
    Document,
    Funding,
    Keyword,
    OtherName,
    PeerReview,
    PersonExternalId,
    ResearcherUrl,
    ResearchResource,
    self_ids,
)
from mappers.forms import Form, Version
from mappers.sections import Section
from mappers.wire.bodies import message_name
from mappers.wire.reading import read_listing, source_client, without_own_ids
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write
from tests.mappers.builders import employment, work
from tests.mappers.documents_of import DOCUMENTS

OWN = "abcdefghijklmnopqrstuvwxyz"
Json = dict[str, Any]


def summary(document: Document, version: Version, put_code: int, own_id: str | None = None) -> Json:
    """An item as a list of ORCID's shows it, as ours."""
    item: Json = json.loads(write(document, Form(version), own_id=own_id))
    if "review-identifiers" in item:
        item["external-ids"] = item.pop("review-identifiers")
    return item | {"put-code": put_code, "source": {"source-client-id": {"path": "APP-1"}}, "display-index": "1"}


def listing(section: Section, version: Version, items: list[Json]) -> Json:
    """The list of a section."""
    key = f"{section}-summary"
    if section.is_of_person:
        return {message_name(section): items}
    if section.is_affiliation:
        grouped = [{"external-ids": None, "summaries": [{key: one}]} for one in items]
        return {key: items} if version is Version.V2_1 else {"affiliation-group": grouped}
    if section is Section.PEER_REVIEW and version is Version.V3_0:
        return {"group": [{"peer-review-group": [{key: [one]}]} for one in items]}
    return {"group": [{"external-ids": None, key: items}]}


@given(document=DOCUMENTS, version=st.sampled_from(Version), own=st.none() | st.just(OWN))
def test_an_item_is_known_again_in_a_list(document: Document, version: Version, own: str | None) -> None:
    """By all that ORCID compares, our own identifier included; whole where a list tells all of it."""
    carried = document if version is Version.V3_0 else narrowed(document).document
    if carried is None:
        return
    section = document.section

    first, second = read_listing(
        section, listing(section, version, [summary(document, version, put_code, own) for put_code in (7, 8)])
    )

    has_place = isinstance(document, Activity) and not (section.is_affiliation and version is Version.V2_1)
    assert (first.put_code, second.put_code, first.client_id) == (7, 8, "APP-1")
    assert first.self_ids == self_ids(carried) | ({f"source-work-id:{own}"} if own and has_place else set())
    assert (first.document is not None) == section.lists_whole_items
    if first.document is not None:
        assert without_own_ids(first.document, [own] if own else [])[0] == carried


PLACE = employment().organization
REVIEW = PeerReview(
    reviewer_role="chair",
    review_type="review",
    completion_date=FuzzyDate(2020),
    review_group_id="issn:1234-5679",
    organization=PLACE,
)


@pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])
@pytest.mark.parametrize(
    ("document", "kind", "title"),
    [
        pytest.param(work(), "journal-article", "On moas", id="work"),
        pytest.param(employment(), "Lecturer", "Example University", id="employment"),
        pytest.param(
            Funding(title="Moas", type="salary-award", organization=PLACE), "salary-award", "Moas", id="funding"
        ),
        pytest.param(REVIEW, "chair", "Example University", id="peer-review"),
        pytest.param(ResearchResource(title="Beam", hosts=(), resources=()), "", "Beam", id="research-resource"),
        pytest.param(OtherName(content="S. Garcia"), "", "S. Garcia", id="other-name"),
        pytest.param(Keyword(content="moa"), "", "moa", id="keyword"),
        pytest.param(ResearcherUrl(url="https://a.org", name="Site"), "Site", "https://a.org", id="researcher-url"),
        pytest.param(Address(country="NZ"), "", "NZ", id="address"),
        pytest.param(PersonExternalId(type="Loop", value="1", url="https://a.org"), "Loop", "1", id="external-id"),
    ],
)
def test_a_list_says_what_an_item_is(document: Document, kind: str, title: str, version: Version) -> None:
    """For people: terms in v3.0's spelling."""
    section = document.section
    if section.is_in(version):
        (found,) = read_listing(section, listing(section, version, [summary(document, version, 7)]))

        assert (found.kind, found.title) == (kind, title)


@pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])
def test_an_item_that_cannot_be_read_hides_no_other(version: Version) -> None:
    """Another client's affiliation may be anything; it is listed without its document."""
    odd = summary(employment(), version, 8) | {"start-date": {"year": {"value": "20"}}}
    body = listing(Section.EMPLOYMENT, version, [odd, summary(employment(), version, 7)])

    first, second = read_listing(Section.EMPLOYMENT, body)

    assert (first.put_code, first.document) == (8, None)
    assert (second.put_code, second.document) == (7, employment())


def test_an_identifier_without_a_relationship_is_no_fault() -> None:
    """The sample of a list has such."""
    item = summary(work(), Version.V3_0, 7)
    del item["external-ids"]["external-id"][0]["external-id-relationship"]

    (found,) = read_listing(Section.WORK, {"group": [{"work-summary": item}]})

    assert found.self_ids == frozenset()


@pytest.mark.parametrize(
    ("item", "client"),
    [
        pytest.param({"source": {"source-client-id": {"path": "APP-1"}}}, "APP-1", id="client"),
        pytest.param({"source": {"source-client-id": None, "source-orcid": {}}}, None, id="researcher"),
        pytest.param({"source": []}, None, id="unreadable"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_the_client_of_an_item(item: Any, client: str | None) -> None:
    """None where it was no client, or can't be told."""
    assert source_client(item) == client
