"""Vocabularies: ORCID's lists, and the ways into them."""

import re

import pycountry
import pytest

from mappers.contributor_roles import WORK_ROLES, contributor_role
from mappers.countries import COUNTRIES, country_code
from mappers.documents import Relationship
from mappers.identifier_types import FUNDED_BY_TYPES, IDENTIFIER_TYPES, identifier_type, usual_relationship
from mappers.languages import LANGUAGES, language_code
from mappers.organization_ids import organization_id
from mappers.work_types import WORK_TYPES, work_type

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
        pytest.param("my own", "book", id="mapping-file"),
        pytest.param("book", "report", id="mapping-file-before-orcid"),
        pytest.param("poem", "poem", id="unknown"),
    ],
)
def test_a_work_type_is_found(term: str, expected: str) -> None:
    """Known terms are translated; an unknown one comes back to be refused by its name."""
    assert work_type(term, {"my own": "book", "book": "report"}) == expected


def test_every_translation_ends_in_orcids_list() -> None:
    """No row of the tables leads to a type that ORCID refuses."""
    terms = re.findall(r"[a-z-]+", "article figure map speech reference-entry book-part proceedings periodical")

    assert {work_type(term, {}) for term in terms} <= WORK_TYPES


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
        pytest.param("eng", "en", id="mapping-file"),
        pytest.param("tlh", "tlh", id="unknown"),
        pytest.param("en-", "en-", id="broken"),
        pytest.param("English", "English", id="word"),
    ],
)
def test_a_language_is_found(tag: str, expected: str) -> None:
    """BCP 47 becomes ORCID's code; what it has none for comes back."""
    assert language_code(tag, {"eng": "en"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("us", "US", id="lower-case"),
        pytest.param("XK", "XK", id="kosovo"),
        pytest.param("uk", "GB", id="mapping-file"),
        pytest.param("Atlantis", "ATLANTIS", id="unknown"),
    ],
)
def test_a_country_is_found(term: str, expected: str) -> None:
    """Codes in upper case, or by the mapping file."""
    assert country_code(term, {"uk": "GB"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("Author", "author", id="own"),
        pytest.param("CHAIR_OR_TRANSLATOR", "chair-or-translator", id="v2-json"),
        pytest.param(
            "https://credit.niso.org/contributor-roles/Data-Curation",
            "http://credit.niso.org/contributor-roles/data-curation/",
            id="credit-https",
        ),
        pytest.param(
            "Writing \u2013 review & editing",
            "http://credit.niso.org/contributor-roles/writing-review-editing/",
            id="credit-label",
        ),
        pytest.param("inventor", "co-inventor", id="mapping-file"),
        pytest.param("boss", "boss", id="unknown"),
    ],
)
def test_a_role_is_found(term: str, expected: str) -> None:
    """ORCID's own roles and CRediT's, in the forms that systems write."""
    assert contributor_role(term, {"inventor": "co-inventor"}) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("DOI", "doi", id="upper-case"),
        pytest.param("grant_number", "grant_number", id="orcids-underscore"),
        pytest.param("Grant-Number", "grant_number", id="dash"),
        pytest.param("source_work_id", "source-work-id", id="underscores"),
        pytest.param("wos", "wosuid", id="mapping-file"),
        pytest.param("Foo_Bar", "foo-bar", id="unknown"),
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
