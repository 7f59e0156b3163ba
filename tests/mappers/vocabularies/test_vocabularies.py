"""Vocabularies: ORCID's lists, and the ways into them."""

import re

import pycountry
import pytest

from mappers.documents import Relationship
from mappers.vocabularies.activity_terms import (
    CITATION_TYPES,
    FUNDING_TYPE_SPELLINGS,
    FUNDING_TYPES,
    GROUP_TYPES,
    RESOURCE_TYPES,
    REVIEW_TYPES,
    REVIEWER_ROLES,
    SUBJECT_TYPES,
)
from mappers.vocabularies.coar import BY_CODE, BY_LABEL
from mappers.vocabularies.contributor_roles import CREDIT_ROLES, FUNDING_ROLES, WORK_ROLES, contributor_role
from mappers.vocabularies.countries import COUNTRIES, country_code
from mappers.vocabularies.currencies import CURRENCIES, currency_code
from mappers.vocabularies.identifier_types import FUNDED_BY_TYPES, IDENTIFIER_TYPES, identifier_type, usual_relationship
from mappers.vocabularies.languages import LANGUAGES, language_code
from mappers.vocabularies.organization_ids import organization_id
from mappers.vocabularies.terms import known_term
from mappers.vocabularies.work_types import WORK_TYPES, work_type
from mappers.wire.v2_1 import CURRENCIES_OF_V2_1

ORCID_COUNTRIES = """
    AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO BN BG BF BI KH
    CM CA CV KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG SV GQ ER EE ET FK FO FJ FI FR
    GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM VA HN HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO
    KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MK MG MW MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ
    MM NA NR NP NL NC NZ NI NE NG NU NF MP NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM
    VC WS SM ST SA SN RS SC SL SG SX SK SI SB SO ZA GS SS ES LK SD SR SJ SZ SE CH SY TJ TZ TH TL TG TK TO TT TN TR TM
    TC TV UG UA AE GB US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW TW XK
"""


def test_the_countries_are_orcids() -> None:
    """Those of pycountry and Kosovo are what ORCID knows (API_FACTS.md 5.9)."""
    assert set(ORCID_COUNTRIES.split()) == COUNTRIES
    assert len(pycountry.countries) + 1 == len(COUNTRIES)


def test_the_lists_have_their_sizes() -> None:
    """A word lost from a list would refuse right events."""
    sizes = len(WORK_TYPES), len(IDENTIFIER_TYPES), len(WORK_ROLES), len(LANGUAGES)

    assert sizes == (59, 52, 25, 186)
    assert FUNDED_BY_TYPES < IDENTIFIER_TYPES
    assert (len(CREDIT_ROLES), len(FUNDING_ROLES), len(CITATION_TYPES)) == (14, 18, 9)
    assert (len(FUNDING_TYPES), len(SUBJECT_TYPES), len(RESOURCE_TYPES)) == (4, 64, 4)
    assert (len(REVIEWER_ROLES), len(REVIEW_TYPES), len(GROUP_TYPES)) == (5, 2, 8)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("journal-article", "journal-article", id="orcid"),
        pytest.param(" Journal Article ", "journal-article", id="orcid-with-spaces"),
        pytest.param("JOURNAL_ARTICLE", "journal-article", id="orcid-v2-json"),
        pytest.param("article-journal", "journal-article", id="csl-and-alias"),
        pytest.param("dataset", "data-set", id="alias-dataset"),
        pytest.param("standard", "standards-and-policy", id="alias-standard"),
        pytest.param("chapter", "book-chapter", id="csl-chapter"),
        pytest.param("thesis", "dissertation-thesis", id="csl-thesis"),
        pytest.param("motion_picture", "moving-image", id="csl-motion-picture"),
        pytest.param("paper-conference", "conference-paper", id="csl-conference"),
        pytest.param("dissertation", "dissertation-thesis", id="crossref-dissertation"),
        pytest.param("posted-content", "preprint", id="crossref-preprint"),
        pytest.param("proceedings-article", "conference-paper", id="crossref-conference"),
        pytest.param("monograph", "book", id="crossref-monograph"),
        pytest.param("http://purl.org/coar/resource_type/c_6501", "journal-article", id="coar-uri"),
        pytest.param("https://purl.org/coar/resource_type/R60J-J5BD/", "conference-presentation", id="coar-https"),
        pytest.param("c_db06", "dissertation-thesis", id="coar-code"),
        pytest.param("r60j-j5bd", "conference-presentation", id="coar-code-lower-case"),
        pytest.param("Doctoral thesis", "dissertation-thesis", id="coar-label"),
        pytest.param("PCT application", "patent", id="coar-label-upper-case"),
        pytest.param("peer-review", "review", id="crossref-and-coar"),
        pytest.param("c_0857", "c_0857", id="coar-without-counterpart"),
        pytest.param("journal", "journal", id="crossref-without-counterpart"),
        pytest.param("my own", "book", id="mapping-file"),
        pytest.param("book", "report", id="mapping-file-before-orcid"),
        pytest.param("poem", "poem", id="unknown"),
    ],
)
def test_a_work_type_is_found(term: str, expected: str) -> None:
    """Known terms are translated; an unknown one comes back to be refused by its name."""
    assert work_type(term, {"my own": "book", "book": "report"}) == expected


def test_every_translation_ends_in_orcids_list() -> None:
    """No row of the tables leads to a type that ORCID refuses, and no two rows disagree."""
    terms = re.findall(r"[a-z-]+", "article figure map speech song reference-entry book-part proceedings periodical")

    assert {work_type(term, {}) for term in terms} <= WORK_TYPES
    assert {*BY_CODE.values(), *BY_LABEL.values()} <= WORK_TYPES
    assert {label: work_type(label, {}) for label in BY_LABEL} == BY_LABEL
    assert {code: work_type(code, {}) for code in BY_CODE} == BY_CODE
    assert len(BY_CODE) == len(BY_LABEL) == 90


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param("en", "en", id="plain"),
        pytest.param("en-GB", "en", id="region"),
        pytest.param("EN_us", "en", id="underscore"),
        pytest.param("he", "iw", id="hebrew"),
        pytest.param("id-ID", "in", id="indonesian"),
        pytest.param("yi", "ji", id="yiddish"),
        pytest.param("zh", "zh_CN", id="chinese"),
        pytest.param("zh-Hant-HK", "zh_TW", id="traditional-chinese"),
        pytest.param("zh_TW", "zh_TW", id="orcids-own"),
        pytest.param("mi", "mi", id="maori"),
        pytest.param("his own", "en", id="mapping-file"),
        pytest.param("eng", "en", id="iso-639-3"),
        pytest.param("ger", "de", id="iso-639-2-bibliographic"),
        pytest.param("heb", "iw", id="three-letter-hebrew"),
        pytest.param("chi", "zh_CN", id="three-letter-chinese"),
        pytest.param("por-BR", "pt", id="three-letter-with-region"),
        pytest.param("English", "en", id="name"),
        pytest.param(" bangla", "bn", id="common-name"),
        pytest.param("Yiddish", "ji", id="name-of-a-renamed"),
        pytest.param("in", "in", id="orcids-own-old-code"),
        pytest.param("tlh", "tlh", id="unknown"),
        pytest.param("cmn", "cmn", id="three-letter-without-counterpart"),
        pytest.param("sh", "sh", id="two-letter-without-counterpart"),
        pytest.param("en-", "en-", id="broken"),
        pytest.param("Elvish", "Elvish", id="unknown-name"),
    ],
)
def test_a_language_is_found(tag: str, expected: str) -> None:
    """BCP 47, ISO 639 and exact English names become ORCID's code; what it has none for comes back."""
    assert language_code(tag, {"his own": "en"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("us", "US", id="lower-case"),
        pytest.param("XK", "XK", id="kosovo"),
        pytest.param("Kosovo", "XK", id="kosovo-by-name"),
        pytest.param("uk", "GB", id="mapping-file"),
        pytest.param("nzl", "NZ", id="alpha-3"),
        pytest.param("new zealand", "NZ", id="name"),
        pytest.param("South Korea", "KR", id="common-name"),
        pytest.param("Korea, Republic of", "KR", id="iso-name"),
        pytest.param("Korea", "Korea", id="ambiguous"),
        pytest.param(" Atlantis", "Atlantis", id="unknown"),
    ],
)
def test_a_country_is_found(term: str, expected: str) -> None:
    """By code or exact name, or by the mapping file; another comes back."""
    assert country_code(term, {"uk": "GB"}) == expected


@pytest.mark.parametrize(
    ("term", "known", "expected"),
    [
        pytest.param("Author", WORK_ROLES, "author", id="own"),
        pytest.param("CHAIR_OR_TRANSLATOR", WORK_ROLES, "chair-or-translator", id="v2-json"),
        pytest.param(
            "https://credit.niso.org/contributor-roles/Data-Curation",
            WORK_ROLES,
            "http://credit.niso.org/contributor-roles/data-curation/",
            id="credit-https",
        ),
        pytest.param(
            "Writing \u2013 review & editing",
            FUNDING_ROLES,
            "http://credit.niso.org/contributor-roles/writing-review-editing/",
            id="credit-label",
        ),
        pytest.param("Co Lead", FUNDING_ROLES, "co-lead", id="of-a-funding"),
        pytest.param("author", FUNDING_ROLES, "author", id="not-of-a-funding"),
        pytest.param("inventor", WORK_ROLES, "co-inventor", id="mapping-file"),
        pytest.param("inventor", FUNDING_ROLES, "inventor", id="mapping-file-for-works"),
        pytest.param("boss", WORK_ROLES, "boss", id="unknown"),
    ],
)
def test_a_role_is_found(term: str, known: frozenset[str], expected: str) -> None:
    """ORCID's own roles and CRediT's, in the forms that systems write."""
    assert contributor_role(term, known, {"inventor": "co-inventor"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("EUR", "EUR", id="own"),
        pytest.param(" nzd", "NZD", id="lower-case"),
        pytest.param("DEM", "DEM", id="former"),
        pytest.param("pounds", "GBP", id="mapping-file"),
        pytest.param("UYW", "UYW", id="newer-than-orcid"),
        pytest.param("euro", "euro", id="unknown"),
    ],
)
def test_a_currency_is_found(term: str, expected: str) -> None:
    """By code, or by the mapping file; another comes back."""
    assert currency_code(term, {"pounds": "GBP"}) == expected


def test_the_currencies_are_orcids() -> None:
    """Java's, which hold all of v2.1's and are no fewer than ISO 4217's."""
    assert len(CURRENCIES) == 232
    assert CURRENCIES_OF_V2_1 < CURRENCIES
    assert {"UYW", "XAD"}.isdisjoint(CURRENCIES)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("Salary_Award", "salary-award", id="spelling"),
        pytest.param("stipend", "salary-award", id="mapping-file"),
        pytest.param("gift", "gift", id="unknown"),
    ],
)
def test_a_term_is_found(term: str, expected: str) -> None:
    """The small vocabularies are read alike."""
    assert known_term(term, FUNDING_TYPE_SPELLINGS, {"stipend": "salary-award"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("DOI", "doi", id="upper-case"),
        pytest.param("grant_number", "grant_number", id="orcids-underscore"),
        pytest.param("Grant-Number", "grant_number", id="dash"),
        pytest.param("source_work_id", "source-work-id", id="underscores"),
        pytest.param("wos", "wosuid", id="mapping-file"),
        pytest.param("other id", "other-id", id="space"),
        pytest.param("Foo_Bar", "Foo_Bar", id="unknown"),
    ],
)
def test_an_identifier_type_is_found(term: str, expected: str) -> None:
    """ORCID compares types exactly, so they are spelled as its list does."""
    assert identifier_type(term, {"wos": "wosuid"}) == expected


@pytest.mark.parametrize(
    ("kind", "work", "expected"),
    [
        pytest.param("doi", "journal-article", Relationship.SELF, id="doi"),
        pytest.param("issn", "journal-article", Relationship.PART_OF, id="issn"),
        pytest.param("isbn", "book", Relationship.SELF, id="isbn-of-a-book"),
        pytest.param("isbn", "book-chapter", Relationship.PART_OF, id="isbn-of-a-chapter"),
        pytest.param("isbn", "conference-paper", Relationship.PART_OF, id="isbn-of-a-paper"),
        pytest.param("grant_number", "book", Relationship.FUNDED_BY, id="grant-number"),
        pytest.param("hal", "book", Relationship.VERSION_OF, id="mapping-file"),
    ],
)
def test_a_missing_relationship_goes_by_type(kind: str, work: str, expected: Relationship) -> None:
    """What an identifier says when its event doesn't."""
    assert usual_relationship(kind, work, {"hal": Relationship.VERSION_OF}) is expected


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        pytest.param("ROR", "https://ror.org/05gvnxz63", "https://ror.org/05gvnxz63", id="ror"),
        pytest.param("ROR", "ror.org/05GVNXZ63/", "https://ror.org/05gvnxz63", id="ror-short"),
        pytest.param("ROR", "05gvnxz63", "https://ror.org/05gvnxz63", id="ror-bare"),
        pytest.param("ROR", "grid.455335.1", "grid.455335.1", id="not-ror"),
        pytest.param("FUNDREF", "https://doi.org/10.13039/100000001", "http://dx.doi.org/10.13039/100000001", id="doi"),
        pytest.param("FUNDREF", "100000001", "http://dx.doi.org/10.13039/100000001", id="fundref-bare"),
        pytest.param("FUNDREF", "nsf", "nsf", id="not-fundref"),
        pytest.param("GRID", " GRID.455335.1", "grid.455335.1", id="grid"),
        pytest.param("LEI", "5493001kjtiigc8y1r12", "5493001KJTIIGC8Y1R12", id="lei"),
        pytest.param("RINGGOLD", "385488 ", "385488", id="ringgold"),
    ],
)
def test_an_organizations_identifier_is_spelled_as_orcid_does(source: str, text: str, expected: str) -> None:
    """ORCID looks these up exactly."""
    assert organization_id(text, source) == expected
