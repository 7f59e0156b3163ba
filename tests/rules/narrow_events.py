"""Events that keep v3.0's rules and break one of v2.1's (API_FACTS.md 5.1, 5.3, 5.9, 6.2): a row for each."""

from dataclasses import dataclass

from tests.mappers.builders import (
    Json,
    affiliation_data,
    funding_data,
    organization_data,
    peer_review_data,
    person_data,
    publication_data,
    research_resource_data,
)

UNKNOWN = (400, 9047)
"""v2.1's answer to a word or a key that it does not know, and to a missing one that it wants."""
NOWHERE = (404, 9001)
"""v2.1's answer in a section that it does not have."""
DOI = {"type": "doi", "value": "10.1234/abc"}
VERSION = {"type": "doi", "value": "10.1234/older", "relationship": "version-of"}
CREDIT = "http://credit.niso.org/contributor-roles/software/"
NEW_SECTIONS = ("qualification", "invited-position", "distinction", "membership", "service")
ALONE: Json = {"other_names": [], "keywords": [], "websites": [], "country": None, "identifiers": []}
SOMEWHERE = {"city": None, "region": None}


@dataclass(frozen=True, slots=True)
class NarrowEvent:
    """An event, what v2.1 lacks of its document or else leaves out, and v2.1's answer to the whole document."""

    name: str
    type: str
    data: Json
    lacks: str = ""
    drops: str = ""
    answer: tuple[int, int] = UNKNOWN


NARROW_EVENTS = (
    *(
        NarrowEvent(
            kind,
            "hr.affiliation.changed",
            affiliation_data(kind=kind),
            lacks=f"v2.1 has no section {kind}",
            answer=NOWHERE,
        )
        for kind in NEW_SECTIONS
    ),
    NarrowEvent(
        "research-resource",
        "research-resource.changed",
        research_resource_data(),
        lacks="v2.1 has no section research-resource",
        answer=NOWHERE,
    ),
    NarrowEvent(
        "work-type", "publication.changed", publication_data(type="preprint"), lacks="v2.1 has no work type preprint"
    ),
    NarrowEvent(
        "url-name",
        "hr.person.changed",
        person_data(**ALONE) | {"websites": [{"url": "https://example.org"}]},
        lacks="v2.1 takes no researcher-url without a url-name",
    ),
    NarrowEvent(
        "funder-city",
        "funding.changed",
        funding_data(funder=organization_data(city=None)),
        lacks="v2.1 takes no organization without a city",
    ),
    NarrowEvent(
        "funder-country",
        "funding.changed",
        funding_data(funder=organization_data(country=None)),
        lacks="v2.1 takes no organization without a country",
    ),
    NarrowEvent(
        "convener-place",
        "peer-review.changed",
        peer_review_data(organization=organization_data(**SOMEWHERE, country=None)),
        lacks="v2.1 takes no organization without a city and a country",
    ),
    NarrowEvent("affiliation-url", "hr.affiliation.changed", affiliation_data(url="https://example.org"), drops="url"),
    NarrowEvent(
        "work-relationship",
        "publication.changed",
        publication_data(identifiers=[DOI, VERSION]),
        drops="external-ids",
    ),
    NarrowEvent(
        "work-funded-by",
        "publication.changed",
        publication_data(identifiers=[DOI, {"type": "grant_number", "value": "1"}]),
        drops="external-ids",
    ),
    NarrowEvent(
        "work-credit-role",
        "publication.changed",
        publication_data(contributors=[{"person": {"id": "E1024"}, "name": "Garcia, Sofia", "role": CREDIT}]),
        drops="contributor-role",
    ),
    NarrowEvent("currency", "funding.changed", funding_data(amount={"value": "1", "currency": "BYN"}), drops="amount"),
    NarrowEvent(
        "funding-relationship", "funding.changed", funding_data(identifiers=[DOI, VERSION]), drops="external-ids"
    ),
    NarrowEvent(
        "funding-credit-role",
        "funding.changed",
        funding_data(holders=[{"person": {"id": "E1024"}, "name": "Garcia, Sofia", "role": CREDIT}]),
        drops="contributor-role",
    ),
    NarrowEvent(
        "review-relationship",
        "peer-review.changed",
        peer_review_data(identifiers=[DOI, VERSION]),
        drops="review-identifiers",
    ),
    NarrowEvent(
        "subject-relationship",
        "peer-review.changed",
        peer_review_data(subject={"name": "On kiwis", "identifier": VERSION}),
        drops="subject-external-identifier",
    ),
    NarrowEvent(
        "subject-type",
        "peer-review.changed",
        peer_review_data(subject={"name": "On kiwis", "type": "preprint"}),
        drops="subject-type",
    ),
    NarrowEvent(
        "subject-type-of-a-funding",
        "peer-review.changed",
        peer_review_data(subject={"name": "On kiwis", "type": "grant"}),
        drops="subject-type",
    ),
)
"""All of them."""
