"""Documents of every section as hypothesis makes them up: any that keep ORCID's rules (API_FACTS.md 5)."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from mappers.dates import FuzzyDate
from mappers.documents import (
    Address,
    Affiliation,
    Amount,
    Citation,
    Contributor,
    Document,
    ExternalId,
    Funding,
    Keyword,
    Organization,
    OtherName,
    PeerReview,
    PersonExternalId,
    Relationship,
    ResearcherUrl,
    ResearchResource,
    Resource,
    TranslatedTitle,
    Work,
)
from mappers.groups import GroupIdRecord
from mappers.sections import AFFILIATIONS, Section
from mappers.vocabularies.activity_terms import (
    CITATION_TYPES,
    FUNDING_TYPES,
    GROUP_TYPES,
    RESOURCE_TYPES,
    REVIEW_TYPES,
    REVIEWER_ROLES,
    SUBJECT_TYPES,
)
from mappers.vocabularies.contributor_roles import FUNDING_ROLES, WORK_ROLES
from mappers.vocabularies.countries import COUNTRIES
from mappers.vocabularies.identifier_types import FUNDED_BY_TYPES, IDENTIFIER_TYPES
from mappers.vocabularies.languages import LANGUAGES
from mappers.vocabularies.terms import words
from mappers.vocabularies.work_types import WORK_TYPES

Strategy = st.SearchStrategy

CURRENCIES = words("EUR NZD USD BYN VES")
"""The last two are younger than v2.1."""
ORGANIZATION_IDS = {
    "ROR": "https://ror.org/05gvnxz63",
    "GRID": "grid.455335.1",
    "RINGGOLD": "385488",
    "FUNDREF": "http://dx.doi.org/10.13039/100000001",
}


def one_of(terms: frozenset[str]) -> Strategy[str]:
    """Any of a vocabulary's terms."""
    return st.sampled_from(sorted(terms))


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r <>&\"'"),
    min_size=1,
    max_size=10,
).filter(lambda text: text.strip() != "")
"""Texts that XML can carry."""
MAYBE = st.none() | TEXTS
URLS = st.sampled_from(["http://example.org", "https://example.org:8080/å/ø?q=1&r=2#x", "https://example.org/a%20b"])
MAYBE_URL = st.none() | URLS
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
DATES = st.builds(
    lambda day, precision: FuzzyDate(*(day.year, day.month, day.day)[:precision]), DAYS, st.integers(1, 3)
)
TITLES = st.none() | st.builds(TranslatedTitle, value=TEXTS, language=one_of(LANGUAGES))
IDENTIFIERS = st.builds(
    ExternalId,
    type=one_of(IDENTIFIER_TYPES - FUNDED_BY_TYPES),
    value=TEXTS,
    relationship=st.sampled_from([Relationship.SELF, Relationship.PART_OF, Relationship.VERSION_OF]),
    url=MAYBE_URL,
) | st.builds(
    ExternalId, type=one_of(FUNDED_BY_TYPES), value=TEXTS, relationship=st.sampled_from(Relationship), url=MAYBE_URL
)
ITSELF = st.builds(ExternalId, type=one_of(IDENTIFIER_TYPES), value=TEXTS, url=MAYBE_URL)
IDS = st.builds(lambda one, others: (one, *others), ITSELF, st.lists(IDENTIFIERS, max_size=3))
"""Identifiers with at least one `self`."""
IDS_OF_OTHERS = st.lists(IDENTIFIERS, max_size=3).map(tuple)
IDENTIFIED = st.builds(
    lambda source, **parts: Organization(identifier_source=source, identifier=ORGANIZATION_IDS[source], **parts),
    st.sampled_from(sorted(ORGANIZATION_IDS)),
    name=TEXTS,
    city=TEXTS,
    region=MAYBE,
    country=one_of(COUNTRIES),
)
"""Organizations with a place and an identifier."""
ANYWHERE = IDENTIFIED | st.builds(
    Organization,
    name=TEXTS,
    country=st.none() | one_of(COUNTRIES),
    identifier=st.just("385488"),
    identifier_source=st.just("RINGGOLD"),
)
"""Organizations with an identifier, perhaps without a place, as v3.0 takes them for most sections."""

GROUP_IDS = st.from_regex(r"\A(ringgold|orcid-generated|fundref|publons):[0-9a-z._~-]{2,8}\Z")


def periods(*, open_start: bool) -> Strategy[tuple[FuzzyDate | None, FuzzyDate | None]]:
    """Start and end, in order: none, a start, or both; with `open_start` an end alone."""
    both = st.tuples(DATES, DATES).map(lambda pair: (pair[1], pair[0]) if pair[0].is_after(pair[1]) else pair)
    ends = st.tuples(st.none(), DATES) if open_start else st.nothing()
    return st.just((None, None)) | st.tuples(DATES, st.none()) | both | ends


def contributors(roles: frozenset[str], **parts: Strategy[Any]) -> Strategy[tuple[Contributor, ...]]:
    """Contributors with these roles."""
    orcids = st.sampled_from([None, "0000-0002-1825-0097"])
    emails = st.sampled_from([None, "a@example.org"])
    one = st.builds(Contributor, name=MAYBE, orcid=orcids, role=st.none() | one_of(roles), email=emails, **parts)
    return st.lists(one.filter(lambda one: one != Contributor()), max_size=3).map(tuple)


def _affiliation(section: Section, organization: Strategy[Organization]) -> Strategy[Document]:
    return st.builds(
        lambda period, **parts: Affiliation.model_validate(
            {"section": section, "start_date": period[0], "end_date": period[1], **parts}
        ),
        periods(open_start=True),
        organization=organization,
        department_name=MAYBE,
        role_title=MAYBE,
        url=MAYBE_URL,
        external_ids=IDS_OF_OTHERS,
    )


WORKS = st.builds(
    Work,
    title=TEXTS,
    type=one_of(WORK_TYPES),
    subtitle=MAYBE,
    translated_title=TITLES,
    journal_title=MAYBE,
    short_description=MAYBE,
    citation=st.none() | st.builds(Citation, type=one_of(CITATION_TYPES), value=TEXTS),
    publication_date=st.none() | DATES,
    external_ids=IDS,
    url=MAYBE_URL,
    contributors=contributors(WORK_ROLES, sequence=st.sampled_from([None, "first", "additional"])),
    language_code=st.none() | one_of(LANGUAGES),
    country=st.none() | one_of(COUNTRIES),
)
FUNDINGS = st.builds(
    lambda period, **parts: Funding(start_date=period[0], end_date=period[1], **parts),
    periods(open_start=False),
    title=TEXTS,
    type=one_of(FUNDING_TYPES),
    organization=ANYWHERE,
    translated_title=TITLES,
    organization_defined_type=MAYBE,
    short_description=MAYBE,
    amount=st.none() | st.builds(Amount, value=st.integers(0, 10**9).map(str), currency=one_of(CURRENCIES)),
    url=MAYBE_URL,
    external_ids=IDS,
    contributors=contributors(FUNDING_ROLES),
)


def _reviewed(document: PeerReview) -> PeerReview:
    """A subject's other titles need its name."""
    nameless = {"subject_subtitle": None, "subject_translated_name": None}
    return document if document.subject_name else document.model_copy(update=nameless)


PEER_REVIEWS = st.builds(
    PeerReview,
    reviewer_role=one_of(REVIEWER_ROLES),
    review_type=one_of(REVIEW_TYPES),
    completion_date=DATES,
    review_group_id=st.just("issn:1741-4857") | GROUP_IDS,
    organization=ANYWHERE,
    external_ids=IDS,
    url=MAYBE_URL,
    subject_external_id=st.none() | IDENTIFIERS,
    subject_container_name=MAYBE,
    subject_type=st.none() | one_of(SUBJECT_TYPES),
    subject_name=MAYBE,
    subject_subtitle=MAYBE,
    subject_translated_name=TITLES,
    subject_url=MAYBE_URL,
).map(_reviewed)
HOSTS = st.lists(ANYWHERE, min_size=1, max_size=3).map(tuple)
RESOURCES = st.builds(
    Resource,
    name=TEXTS,
    type=one_of(RESOURCE_TYPES),
    hosts=HOSTS,
    external_ids=IDS,
    url=MAYBE_URL,
)
RESEARCH_RESOURCES = st.builds(
    lambda period, **parts: ResearchResource(start_date=period[0], end_date=period[1], **parts),
    periods(open_start=False),
    title=TEXTS,
    hosts=HOSTS,
    resources=st.lists(RESOURCES, min_size=1, max_size=2).map(tuple),
    translated_title=TITLES,
    external_ids=IDS,
    url=MAYBE_URL,
)
DOCUMENTS_OF: dict[Section, Strategy[Any]] = {
    Section.WORK: WORKS,
    Section.FUNDING: FUNDINGS,
    Section.PEER_REVIEW: PEER_REVIEWS,
    Section.RESEARCH_RESOURCE: RESEARCH_RESOURCES,
    Section.OTHER_NAMES: st.builds(OtherName, content=TEXTS),
    Section.KEYWORDS: st.builds(Keyword, content=TEXTS),
    Section.RESEARCHER_URLS: st.builds(ResearcherUrl, url=URLS, name=MAYBE),
    Section.ADDRESS: st.builds(Address, country=one_of(COUNTRIES)),
    Section.EXTERNAL_IDENTIFIERS: st.builds(PersonExternalId, type=TEXTS, value=TEXTS, url=URLS),
    **{
        section: _affiliation(section, IDENTIFIED if section in {Section.EMPLOYMENT, Section.EDUCATION} else ANYWHERE)
        for section in AFFILIATIONS
    },
}
DOCUMENTS: Strategy[Document] = st.sampled_from(Section).flatmap(DOCUMENTS_OF.__getitem__)
GROUPS = st.builds(
    GroupIdRecord,
    id=GROUP_IDS,
    name=TEXTS,
    type=one_of(GROUP_TYPES),
    description=MAYBE,
)
