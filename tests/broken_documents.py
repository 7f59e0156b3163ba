"""What ORCID refuses and no document of ours can be, with its answer to a POST (API_FACTS section 5, v3.0 JSON).

One row per rule and code of a section, for the stand-in alone: parts that our documents always have (an identifier of
our own, a relationship, an address), or never (put-codes, blank texts, e-mails), and organizations and groups that
only ORCID can tell it does not know. What a document of ours can break is in tests/mappers/broken_events.py.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.people import (
    AFFILIATIONS,
    JsonObject,
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
    identifier,
    identifiers,
)

DOI = identifier("doi", "10.5555/moa")
CREDITED = {"contributor-orcid": None, "credit-name": {"value": "Ann"}, "contributor-email": None}


@dataclass(frozen=True)
class BrokenDocument:
    """A document that ORCID refuses; `name` says what is wrong with it."""

    name: str
    section: str
    body: JsonObject
    code: int
    status: int = 400


def named_by(source: str, name: str) -> JsonObject:
    """An organization with this identifier."""
    identified = {"disambiguated-organization-identifier": name, "disambiguation-source": source}
    return an_organization(disambiguated_organization=identified)


def contributed(**changes: Any) -> JsonObject:
    """A list of one contributor."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return {"contributor": [{**CREDITED, **changed}]}


def in_role(role: str) -> JsonObject:
    """A list of one contributor with this role."""
    return contributed(contributor_attributes={"contributor-role": role})


def hosted(organization: JsonObject) -> JsonObject:
    """A list of hosts of one."""
    return {"organization": [organization]}


def titled(**parts: Any) -> JsonObject:
    """A title with more than its main part."""
    return {"title": {"value": "Moa"}, **{name.replace("_", "-"): value for name, value in parts.items()}}


_UNNAMED = an_organization(disambiguated_organization=None)
_UNKNOWN = named_by("ROR", "https://example.org/none")

WORKS = (
    ("no title", a_work(title=None), 9047),
    ("a translated title without language", a_work(title=titled(translated_title={"value": "Moa"})), 9047),
    ("a blank journal title", a_work(journal_title={"value": ""}), 9047),
    ("no type", a_work(type=None), 9047),
    ("a month without zero", a_work(publication_date=a_date("2024-3")), 9049),
    ("a citation without value", a_work(citation={"citation-type": "bibtex"}), 9047),
    ("no identifier", a_work(external_ids=None), 9023),
    ("an empty list of identifiers", a_work(external_ids=identifiers()), 9023),
    ("an identifier without relationship", a_work(external_ids=identifiers(identifier("doi", "10.1/a", None))), 9023),
    ("no self identifier", a_work(external_ids=identifiers(identifier("doi", "10.1/a", "part-of"))), 9023),
    ("an empty name", a_work(contributors=contributed(credit_name={"value": ""})), 9047),
    ("an odd e-mail", a_work(contributors=contributed(contributor_email={"value": "ann"})), 9047),
    (
        "an iD by http",
        a_work(contributors=contributed(contributor_orcid={"uri": "http://orcid.org/0000-0002-1825-0097"})),
        9047,
    ),
    ("a put-code", a_work() | {"put-code": 1}, 9024),
    ("an unknown key", a_work(colour="red"), 9047),
)

PROFESSIONAL = (("neither organization nor other identifier", an_employment(organization=_UNNAMED), 9062),)
"""The five other affiliations."""

EVERY_AFFILIATION = (
    ("a put-code", an_employment() | {"put-code": 1}, 9024),
    ("an organization without address", an_employment(organization=an_organization(address=None)), 9047),
    ("an organization that ORCID does not know", an_employment(organization=_UNKNOWN), 9045),
    ("an empty department", an_employment(department_name=""), 9047),
    ("an empty role", an_employment(role_title=" "), 9047),
    ("an identifier without type", an_employment(external_ids=identifiers(identifier("", "x"))), 9047),
)

FUNDINGS = (
    ("no title", a_funding(title=None), 9022),
    ("no type", a_funding(type=None), 9047),
    ("no identifier", a_funding(external_ids=None), 9023),
    ("an identifier without relationship", a_funding(external_ids=identifiers(identifier("doi", "1", None))), 9023),
    ("a put-code", a_funding() | {"put-code": 1}, 9024),
    ("no organization", a_funding(organization=None), 9047),
    ("an organization that ORCID does not know", a_funding(organization=_UNKNOWN), 9045),
)

PEER_REVIEWS = (
    ("no role", a_peer_review(reviewer_role=None), 9047),
    ("no type", a_peer_review(review_type=None), 9047),
    ("no identifiers", a_peer_review(review_identifiers=None), 9047),
    ("an empty list of identifiers", a_peer_review(review_identifiers=identifiers()), 9023),
    ("a put-code", a_peer_review() | {"put-code": 1}, 9024),
    (
        "an identifier without relationship",
        a_peer_review(review_identifiers=identifiers(identifier("doi", "10.1/a", None))),
        9023,
    ),
    (
        "a version of nothing",
        a_peer_review(review_identifiers=identifiers(identifier("doi", "10.1/a", "version-of"))),
        9023,
    ),
    ("a subject without title", a_peer_review(subject_name={"subtitle": {"value": "x"}}), 9047),
    ("a blank container", a_peer_review(subject_container_name={"value": " "}), 9047),
    ("no date", a_peer_review(review_completion_date=None), 9047),
    ("no organization", a_peer_review(convening_organization=None), 9047),
    ("an organization that ORCID does not know", a_peer_review(convening_organization=_UNKNOWN), 9045),
    ("no group", a_peer_review(review_group_id=None), 9047),
    ("a group that does not exist", a_peer_review(review_group_id="orcid-generated:nobody"), 9020),
)

RESEARCH_RESOURCES = (
    ("no proposal", a_research_resource(proposal=None), 9047),
    ("a proposal without title", a_research_resource(proposal=a_proposal(title=None)), 9047),
    (
        "a proposal with an empty list of hosts",
        a_research_resource(proposal=a_proposal(hosts={"organization": []})),
        9047,
    ),
    ("a proposal without identifiers", a_research_resource(proposal=a_proposal(external_ids=None)), 9047),
    ("a proposal with no identifier", a_research_resource(proposal=a_proposal(external_ids=identifiers())), 9023),
    ("a resource without name", a_research_resource(resource_item=[a_resource_item(resource_name=None)]), 9047),
    (
        "a resource with no identifier",
        a_research_resource(resource_item=[a_resource_item(external_ids=identifiers())]),
        9023,
    ),
    (
        "a resource's host that ORCID does not know",
        a_research_resource(resource_item=[a_resource_item(hosts=hosted(_UNKNOWN))]),
        9045,
    ),
    ("a put-code", a_research_resource() | {"put-code": 1}, 9024),
)

KEYWORDS = (
    ("no content", {"content": None}, 9047),
    ("an empty content", {"content": ""}, 9020),
    ("a put-code", {"content": "moa", "put-code": 1}, 9024),
)

OTHER_NAMES = (
    ("no content", {"content": None}, 9047),
    ("a put-code", {"content": "J. Moa", "put-code": 1}, 9024),
)

RESEARCHER_URLS = (
    ("no url", {"url-name": "Moa"}, 9047),
    ("an empty name", a_researcher_url(url_name=""), 9047),
    ("a put-code", a_researcher_url() | {"put-code": 1}, 9024),
)

ADDRESSES = (
    ("no country", {"country": None}, 9047),
    ("an empty country", {"country": {"value": None}}, 9020),
    ("a put-code", {"country": {"value": "NZ"}, "put-code": 1}, 9024),
)

PERSON_IDENTIFIERS = (
    ("no type", a_person_identifier(external_id_type=None), 9047),
    ("no value", a_person_identifier(external_id_value=None), 9047),
    ("no url", a_person_identifier(external_id_url=None), 9020),
    ("no relationship", a_person_identifier(external_id_relationship=None), 9020),
    ("another relationship", a_person_identifier(external_id_relationship="part-of"), 9020),
    ("an unknown relationship", a_person_identifier(external_id_relationship="same"), 9047),
    ("a put-code", a_person_identifier() | {"put-code": 1}, 9024),
)

_BY_SECTION = {
    "work": WORKS,
    "employment": EVERY_AFFILIATION,
    **dict.fromkeys(AFFILIATIONS[2:], PROFESSIONAL),
    "membership": EVERY_AFFILIATION + PROFESSIONAL,
    "funding": FUNDINGS,
    "peer-review": PEER_REVIEWS,
    "research-resource": RESEARCH_RESOURCES,
    "keywords": KEYWORDS,
    "other-names": OTHER_NAMES,
    "researcher-urls": RESEARCHER_URLS,
    "address": ADDRESSES,
    "external-identifiers": PERSON_IDENTIFIERS,
}

BROKEN_DOCUMENTS = tuple(
    BrokenDocument(name, section, body, code) for section, rows in _BY_SECTION.items() for name, body, code in rows
)
"""Every row."""

AS_PARAMETERS = [pytest.param(broken, id=f"{broken.section}: {broken.name}") for broken in BROKEN_DOCUMENTS]
"""The same for `pytest.mark.parametrize`."""
