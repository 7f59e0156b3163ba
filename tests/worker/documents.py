"""Documents of every section, for tests that don't care what else is in them."""

from collections.abc import Iterable

from mappers.dates import FuzzyDate
from mappers.documents import (
    Address,
    Affiliation,
    Document,
    ExternalId,
    Funding,
    Keyword,
    Organization,
    OtherName,
    PeerReview,
    PersonExternalId,
    ResearcherUrl,
    ResearchResource,
    Resource,
    Work,
)
from mappers.sections import Section

UNIVERSITY = Organization(
    name="Example University",
    city="Boston",
    country="US",
    identifier="https://ror.org/05gvnxz63",
    identifier_source="ROR",
)


def a_document(section: Section, identifiers: Iterable[str] = (), *, title: str = "Moa") -> Document:
    """A document with these `self` identifiers, that says `title` somewhere."""
    ids = tuple(ExternalId(type="uri", value=f"https://example.org/{one}") for one in identifiers)
    match section:
        case Section.WORK:
            return Work(title=title, type="journal-article", external_ids=ids)
        case Section.FUNDING:
            return Funding(title=title, type="grant", organization=UNIVERSITY, external_ids=ids)
        case Section.PEER_REVIEW:
            return PeerReview(
                reviewer_role="reviewer",
                review_type="review",
                completion_date=FuzzyDate(2025),
                review_group_id="orcid-generated:kelp",
                organization=UNIVERSITY,
                subject_name=title,
                external_ids=ids,
            )
        case Section.RESEARCH_RESOURCE:
            resource = Resource(name="Beam time", type="infrastructures", hosts=(UNIVERSITY,))
            return ResearchResource(title=title, hosts=(UNIVERSITY,), resources=(resource,), external_ids=ids)
        case Section.KEYWORDS:
            return Keyword(content=title)
        case Section.OTHER_NAMES:
            return OtherName(content=title)
        case Section.RESEARCHER_URLS:
            return ResearcherUrl(url="https://example.org/~moa", name=title)
        case Section.ADDRESS:
            return Address(country="NZ")
        case Section.EXTERNAL_IDENTIFIERS:
            return PersonExternalId(type="Moa ID", value=title, url="https://example.org/moa")
        case _:
            return Affiliation(section=section, organization=UNIVERSITY, role_title=title, external_ids=ids)
