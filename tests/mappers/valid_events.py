"""Events as hypothesis makes them up: the data of any event of CONTRACT.md section 4 that keeps ORCID's rules.

Every person's id in them begins with `PERSON`, which stands nowhere else, so a document that holds it tells one.
"""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from mappers.vocabularies.activity_terms import (
    CITATION_TYPES,
    FUNDING_TYPES,
    GROUP_TYPES,
    RESOURCE_TYPES,
    REVIEW_TYPES,
    REVIEWER_ROLES,
    SUBJECT_TYPES,
)
from mappers.vocabularies.coar import BY_CODE, BY_LABEL
from mappers.vocabularies.contributor_roles import FUNDING_ROLES, WORK_ROLES
from mappers.vocabularies.countries import COUNTRIES
from mappers.vocabularies.currencies import CURRENCIES
from mappers.vocabularies.identifier_types import FUNDED_BY_TYPES, IDENTIFIER_TYPES
from mappers.vocabularies.languages import LANGUAGES
from mappers.vocabularies.work_types import WORK_TYPES
from tests.mappers.builders import Json

PERSON = "Qz7PERSON"
SUBJECT = "Qz7SUBJECT"
"""For the subjects of events; stands in no data either."""

Strategy = st.SearchStrategy


def texts(limit: int) -> Strategy[str]:
    """Texts that XML can carry, seldom as long as ORCID takes, perhaps with white space around them."""
    characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    short = st.text(characters | st.sampled_from("\t\n <>&\"'"), min_size=1, max_size=8).filter(
        lambda text: text.strip()
    )
    bare = st.text("abcdé ü", min_size=1, max_size=5).filter(lambda text: text.strip())
    return short | short.map(lambda text: f" {text}\n") | bare.map(lambda text: (text * limit)[:limit])


def terms(known: frozenset[str]) -> Strategy[str]:
    """The terms of a vocabulary, in some spellings of them."""
    return st.sampled_from(sorted(known)).flatmap(
        lambda term: st.sampled_from(
            [term, f" {term}", term.upper()]
            + ([term.replace("-", "_"), term.replace("-", " ")] if "://" not in term else [])
        )
    )


def data(required: dict[str, Strategy[object]], **optional: Strategy[object]) -> Strategy[Json]:
    """An object with these fields; an optional one may be missing, or null."""
    return st.fixed_dictionaries(required, optional={name: st.none() | one for name, one in optional.items()})


PEOPLE = st.integers(0, 3).map(lambda number: {"id": f"{PERSON}-{number}"})
URLS = st.sampled_from(
    ["http://example.org", "https://example.org:8080/å/ø?q=1&r=2#x", " https://example.org/a%20b ", "ftp://[::1]/"]
)
DAYS = st.builds(
    lambda day, length: day.isoformat()[:length],
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.sampled_from([4, 7, 10]),
)
PERIODS = st.tuples(DAYS, DAYS).map(lambda pair: dict(zip(("start_date", "end_date"), sorted(pair), strict=True)))
"""A start and an end that begins with it, or comes after."""
LANGUAGE_TERMS = st.sampled_from([*sorted(LANGUAGES), "en-GB", "he", "zh-Hant", "ger", "French", "yid"])
COUNTRY_TERMS = st.sampled_from([*sorted(COUNTRIES), "nz", "DEU", "New Zealand", "kosovo"])
ROR = st.sampled_from(["https://ror.org/05gvnxz63", "05gvnxz63", "ror.org/02mhbdp94/"])
LISTS = st.sampled_from(
    [("grid", "grid.455335.1"), ("FUNDREF", "100000001"), ("Ringgold", "385488"), ("LEI", "x" * 20)]
)
NAMED: dict[str, Strategy[object]] = {"name": texts(4000)}
PLACE: dict[str, Strategy[object]] = {"city": texts(4000), "country": COUNTRY_TERMS}
ANY_PLACE: Strategy[Json] = data(PLACE, region=texts(4000)) | st.just({})
PLACED = data(NAMED | PLACE, region=texts(4000))
SOMEWHERE = st.builds(lambda named, place: named | place, data(NAMED), ANY_PLACE)
IDENTITY = ROR.map(lambda ror: {"ror": ror}) | LISTS.map(
    lambda pair: {"identifier_source": pair[0], "identifier": pair[1]}
)


def _with(organizations: Strategy[Json], identities: Strategy[Json]) -> Strategy[Json]:
    return st.builds(lambda organization, identity: organization | identity, organizations, identities)


EMPLOYERS = _with(PLACED, IDENTITY)
"""Organizations with place and identifier."""
LISTED = _with(SOMEWHERE, IDENTITY)
"""Organizations with an identifier."""
ORGANIZATIONS = SOMEWHERE | LISTED
VALUES = texts(200)
RELATIONSHIPS = st.sampled_from(["self", "part-of", "VERSION_OF", " "])
IDENTIFIERS = data(
    {"type": terms(IDENTIFIER_TYPES - FUNDED_BY_TYPES), "value": VALUES}, url=URLS, relationship=RELATIONSHIPS
) | data(
    {"type": st.sampled_from(sorted(FUNDED_BY_TYPES)), "value": VALUES},
    url=URLS,
    relationship=RELATIONSHIPS | st.just("funded-by"),
)
TITLES = data({"value": texts(1000), "language": LANGUAGE_TERMS})
ORCIDS = st.sampled_from(["0000-0002-1825-0097", "https://orcid.org/0000-0002-1694-233X"])

AFFILIATIONS = st.builds(
    lambda one, period: period | one,
    data(
        {"person": PEOPLE, "kind": st.sampled_from(["employment", "education"]), "organization": EMPLOYERS},
        role_title=texts(4000),
        department=texts(4000),
        url=URLS,
    )
    | data(
        {
            "person": PEOPLE,
            "kind": st.sampled_from(["qualification", "invited-position", "distinction", "membership", "service"]),
            "organization": ORGANIZATIONS,
        },
        role_title=texts(4000),
        department=texts(4000),
        url=URLS,
    ),
    PERIODS | DAYS.map(lambda day: {"end_date": day}) | st.just({}),
)
PERSONS = data(
    {"person": PEOPLE},
    other_names=st.lists(texts(255) | st.just(" "), max_size=3),
    keywords=st.lists(texts(255), max_size=4),
    websites=st.lists(data({"url": URLS}, name=texts(350)), max_size=3),
    country=COUNTRY_TERMS,
    identifiers=st.lists(data({"type": texts(255), "value": texts(255), "url": URLS}), max_size=3),
)
CONTRIBUTORS = data(
    {},
    person=PEOPLE,
    orcid=ORCIDS,
    name=texts(150),
    role=terms(WORK_ROLES),
    sequence=st.sampled_from(["first", "ADDITIONAL"]),
)
PUBLICATIONS = data(
    {
        "title": texts(1000),
        "type": terms(WORK_TYPES) | st.sampled_from([*BY_CODE, *BY_LABEL, "article", "posted-content", "thesis"]),
        "contributors": st.lists(CONTRIBUTORS, max_size=4),
    },
    identifiers=st.lists(IDENTIFIERS, max_size=3),
    subtitle=texts(1000),
    translated_title=TITLES,
    container_title=texts(1000),
    publication_date=DAYS,
    abstract=texts(5000),
    url=URLS,
    language=LANGUAGE_TERMS,
    country=COUNTRY_TERMS,
    citation=data({"type": terms(CITATION_TYPES - {"formatted-unspecified"}), "value": texts(9000)}),
)
AMOUNTS = st.builds(
    lambda value, currency: {"value": value, "currency": currency},
    st.integers(0, 10**12)
    | st.decimals(0, 10**9, places=2).map(float)
    | st.sampled_from(["1000", "1e3", "1000.50", ".5", "-1", " 12 "])
    | st.integers(0, 10**12).map(lambda cents: str(Decimal(cents) / 100)),
    st.sampled_from(sorted(CURRENCIES)) | st.just("nzd"),
)
FUNDINGS = st.builds(
    lambda one, period: one | period,
    data(
        {
            "title": texts(1000),
            "type": terms(FUNDING_TYPES),
            "holders": st.lists(
                data({"person": PEOPLE}, role=terms(FUNDING_ROLES), name=texts(150), orcid=ORCIDS), max_size=3
            ),
            "funder": LISTED,
        },
        identifiers=st.lists(IDENTIFIERS, max_size=3),
        amount=AMOUNTS,
        description=texts(5000),
        url=URLS,
        translated_title=TITLES,
        organization_defined_type=texts(255),
    ),
    PERIODS | DAYS.map(lambda day: {"start_date": day}) | st.just({}),
)
GROUP_IDS = st.sampled_from(["issn:1741-4857", "ISSN: 17414857", "issn:0378-5955"]) | st.from_regex(
    r"\A(ringgold|orcid-generated|fundref|publons):[0-9a-zA-Z._~:/?#@!$&'()*+,;=-]{2,20}\Z"
)
PEER_REVIEWS = data(
    {
        "person": PEOPLE,
        "role": terms(REVIEWER_ROLES),
        "type": terms(REVIEW_TYPES),
        "completion_date": DAYS,
        "group": data({"id": GROUP_IDS}, name=texts(1000), type=terms(GROUP_TYPES), description=texts(1000)),
        "organization": ORGANIZATIONS,
    },
    identifiers=st.lists(IDENTIFIERS, max_size=3),
    subject=data(
        {},
        name=texts(1000),
        type=terms(SUBJECT_TYPES),
        url=URLS,
        container=texts(1000),
        identifier=IDENTIFIERS,
    ),
    url=URLS,
)
HOSTS = st.lists(LISTED, min_size=1, max_size=2) | LISTED.map(lambda one: [one] * 10)
PROPOSALS = st.builds(
    lambda one, period: one | period,
    data({"title": texts(1000), "hosts": HOSTS, "identifiers": st.lists(IDENTIFIERS, max_size=3)}, url=URLS),
    PERIODS | st.just({}),
)
RESEARCH_RESOURCES = data(
    {
        "holders": st.lists(data({"person": PEOPLE}), max_size=3),
        "proposal": PROPOSALS,
        "resources": st.lists(
            data(
                {
                    "name": texts(1000),
                    "type": terms(RESOURCE_TYPES),
                    "hosts": HOSTS,
                    "identifiers": st.lists(IDENTIFIERS, min_size=1, max_size=3),
                },
                url=URLS,
            ),
            min_size=1,
            max_size=2,
        ),
    }
)
VALID_DATA: dict[str, Strategy[Json]] = {
    "hr.affiliation.changed": AFFILIATIONS,
    "hr.person.changed": PERSONS,
    "publication.changed": PUBLICATIONS,
    "funding.changed": FUNDINGS,
    "peer-review.changed": PEER_REVIEWS,
    "research-resource.changed": RESEARCH_RESOURCES,
}
"""The data of right events, by the events' types."""
