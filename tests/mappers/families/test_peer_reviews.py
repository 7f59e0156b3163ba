"""Peer reviews: from an event to the peer review wanted, and the group it belongs to."""

from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import ExternalId, PeerReview, Relationship
from mappers.groups import GroupIdRecord
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from mappers.wanted import WantedItem
from tests.mappers.builders import mapped, peer_review_data

MAPPING = parse_mapping("""
[reviewer_roles]
referee = "reviewer"
[review_types]
report = "evaluation"
[group_types]
periodical = "journal"
[work_types]
memoir = "book"
[funding_types]
stipend = "salary-award"
""")


def item(mapping: MappingFile = EMPTY, **changes: Any) -> WantedItem:
    """The one item of an event."""
    (found,) = mapped(peer_review_data(**changes), mapping, type="peer-review.changed")
    return found


def peer_review(mapping: MappingFile = EMPTY, **changes: Any) -> PeerReview:
    """The peer review of an event."""
    found = item(mapping, **changes)
    assert isinstance(found.document, PeerReview), found.refusal
    return found.document


def test_a_peer_review_has_its_fields_in_their_places() -> None:
    """Each field of section 4 has its place in the document."""
    found = peer_review(
        identifiers=[{"type": "doi", "value": "10.1/review"}],
        url="https://example.org/review",
        subject={
            "name": "On kiwis",
            "type": "article-journal",
            "url": "https://example.org/kiwi",
            "container": "Journal of Kiwis",
            "identifier": {"type": "DOI", "value": "10.1/kiwi", "relationship": "version-of"},
        },
    )

    assert (found.reviewer_role, found.review_type) == ("reviewer", "review")
    assert (found.completion_date, found.review_group_id) == (FuzzyDate(2026, 2), "issn:1741-4857")
    assert found.organization.name == "Example University"
    assert found.external_ids == (ExternalId(type="doi", value="10.1/review"),)
    assert found.url == "https://example.org/review"
    assert (found.subject_name, found.subject_type) == ("On kiwis", "journal-article")
    assert (found.subject_url, found.subject_container_name) == ("https://example.org/kiwi", "Journal of Kiwis")
    assert found.subject_external_id == ExternalId(type="doi", value="10.1/kiwi", relationship=Relationship.VERSION_OF)


def test_a_peer_review_needs_no_subject() -> None:
    """Reviews are often anonymous."""
    found = peer_review(subject=...)

    assert (found.subject_name, found.subject_type, found.subject_external_id) == (None, None, None)


def test_the_group_goes_with_the_item() -> None:
    """With what the event says of it, in ORCID's spelling."""
    group = {"id": " publons:12 ", "name": " Panel ", "type": "Peer_Review Service", "description": ""}

    assert item(group=group).group == GroupIdRecord(id="publons:12", name="Panel", type="peer-review service")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("issn:1741-4857", "issn:1741-4857", id="as-orcid-spells-it"),
        pytest.param("ISSN: 17414857", "issn:1741-4857", id="upper-case-without-dash"),
        pytest.param("issn:0000-006x", "issn:0000-006X", id="check-character"),
        pytest.param("Orcid-Generated:Moa", "orcid-generated:Moa", id="prefix-in-other-case"),
    ],
)
def test_a_group_is_spelled_as_orcid_does(text: str, expected: str) -> None:
    """Document and group name it alike."""
    found = item(group={"id": text})

    assert isinstance(found.document, PeerReview), found.refusal
    assert found.group is not None
    assert found.document.review_group_id == found.group.id == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("research-resource-proposal", "research-resource-proposal", id="proposal"),
        pytest.param("Salary award", "salary-award", id="funding"),
        pytest.param("posted-content", "preprint", id="crossref"),
        pytest.param("memoir", "book", id="mapping-file-work-type"),
        pytest.param("stipend", "salary-award", id="mapping-file-funding-type"),
    ],
)
def test_a_subject_is_a_work_a_funding_or_a_proposal(kind: str, expected: str) -> None:
    """ORCID's subject types are its work types and a few more."""
    assert peer_review(MAPPING, subject={"type": kind}).subject_type == expected


def test_the_mapping_file_decides_before_the_usual() -> None:
    """Its roles, review types and group types."""
    found = item(MAPPING, role="Referee", type="Report", group={"id": "publons:12", "type": "Periodical"})

    assert isinstance(found.document, PeerReview), found.refusal
    assert (found.document.reviewer_role, found.document.review_type) == ("reviewer", "evaluation")
    assert found.group == GroupIdRecord(id="publons:12", type="journal")
