"""Identifiers: iDs with their checksum, and values as ORCID compares them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.identifiers import normalised, opaque_id, parse_orcid_id
from mappers.vocabularies.identifier_types import IDENTIFIER_TYPES


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0000-0002-1825-0097", id="bare"),
        pytest.param("0000000218250097", id="without-dashes"),
        pytest.param("https://orcid.org/0000-0002-1825-0097", id="url"),
        pytest.param("http://sandbox.orcid.org/0000-0002-1825-0097/", id="sandbox-url"),
        pytest.param(" 0000-0002-1825-0097 ", id="spaces"),
    ],
)
def test_an_id_is_read_in_every_form(text: str) -> None:
    """It becomes bare, with dashes."""
    assert parse_orcid_id(text) == "0000-0002-1825-0097"


def test_the_check_character_may_be_x() -> None:
    """Lower case too."""
    assert parse_orcid_id("0000-0002-1694-233x") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("0000-0002-1825-0098", "last character does not match", id="checksum"),
        pytest.param("0000-0002-1825-009", "four groups", id="short"),
        pytest.param("https://example.org/0000-0002-1825-0097", "four groups", id="another-host"),
        pytest.param("https://evilorcid.org/0000-0002-1825-0097", "four groups", id="look-alike-host"),
        pytest.param("\u0660000-0002-1825-0097", "four groups", id="other-digits"),
        pytest.param("", "four groups", id="empty"),
    ],
)
def test_what_is_no_id_is_refused(text: str, rule: str) -> None:
    """Shape or checksum."""
    with pytest.raises(ValueError, match=rule):
        parse_orcid_id(text)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        pytest.param("doi", "https://doi.org/10.1234/ABC", "10.1234/abc", id="doi-url"),
        pytest.param("doi", "doi:10.1/ABC", "10.1/abc", id="doi-prefix"),
        pytest.param("doi", "10.1000.10/A(b)<c>", "10.1000.10/a(b)<c>", id="doi-odd-characters"),
        pytest.param("doi", "10.1/a b", "10.1/a", id="doi-ends-at-a-space"),
        pytest.param("doi", '10.1/a"b', "10.1/a", id="doi-ends-at-a-quote"),
        pytest.param("doi", "10.1/a'b", "10.1/a", id="doi-ends-at-an-apostrophe"),
        pytest.param("doi", "10.1234/a&amp;b", "10.1234/a", id="doi-ends-at-an-ampersand"),
        pytest.param("doi", "10.1/a&lt;b&#x41;", "10.1/a<ba", id="doi-escaped-as-xml"),
        pytest.param("doi", "10.1/a&sect;b", "10.1/a", id="doi-escaped-as-html-is-not"),
        pytest.param("doi", "work:doi", "work:doi", id="doi-unreadable"),
        pytest.param("arxiv", "https://arxiv.org/abs/2001.12345v2", "arXiv:2001.12345v2", id="arxiv"),
        pytest.param("arxiv", "arXiv:0704.0001", "arXiv:0704.0001", id="arxiv-four-digits"),
        pytest.param("arxiv", "math.GT/0309136", "arXiv:math.gt/0309136", id="arxiv-old"),
        pytest.param("arxiv", "moa", "moa", id="arxiv-unreadable"),
        pytest.param("isbn", "978-3-16-148410-0", "9783161484100", id="isbn-13"),
        pytest.param("isbn", "ISBN 0-8044-2957-x", "080442957X", id="isbn-10"),
        pytest.param("isbn", "123", "123", id="isbn-unreadable"),
        pytest.param("issn", "1234567x", "1234-567X", id="issn"),
        pytest.param("issn", "ISSN: 1741-4857", "1741-4857", id="issn-prefix"),
        pytest.param("issn", "123", "123", id="issn-unreadable"),
        pytest.param("pmid", "PMID: 12345", "12345", id="pmid"),
        pytest.param("pmid", "\u0661\u0662", "\u0661\u0662", id="pmid-other-digits"),
        pytest.param("pmc", "PMC1234567", "1234567", id="pmc"),
        pytest.param("pmc", "PMC1234", "PMC1234", id="pmc-short"),
        pytest.param("bibcode", "2001ApJ...550..212N", "2001ApJ...550..212N", id="bibcode"),
        pytest.param("bibcode", "https://x.org/2001ApJ...550..212N", "2001ApJ...550..212N", id="bibcode-url"),
        pytest.param("rrid", "see RRID:SCR_007358", "RRID:SCR_007358", id="rrid"),
        pytest.param("rrid", "SCR_007358", "SCR_007358", id="rrid-unreadable"),
        pytest.param("uri", "example.org/A", "http://example.org/A", id="uri-without-scheme"),
        pytest.param("uri", "https://example.org/A", "https://example.org/A", id="uri"),
        pytest.param("source-work-id", " ABC ", "abc", id="other-lower-case"),
        pytest.param("grant_number", "NZ-Moa 17", "nz-moa 17", id="other-inner-space"),
        pytest.param("doi", "10." * 30_000, "10." * 30_000, id="endless"),
        *(
            pytest.param(kind, "aBc:1/A", "aBc:1/A", id=f"case-sensitive-{kind}")
            for kind in ("ark", "ethos", "ol", "empiar", "emdb", "k10plus", "cgn")
        ),
    ],
)
def test_a_value_is_normalised_as_orcid_does(kind: str, value: str, expected: str) -> None:
    """API_FACTS.md 4.1, row by row; what ORCID can't normalise it compares as it was sent."""
    assert normalised(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "piece"), [("arxiv", "a"), ("arxiv", "a-"), ("doi", "10.1"), ("bibcode", "1999"), ("rrid", "RRID:")]
)
def test_values_made_to_be_slow_are_not(kind: str, piece: str) -> None:
    """An event of the greatest size, full of them, must not hold up the others."""
    began = time.process_time()
    for length in range(100, 2000, 4):
        normalised(kind, piece * (length // len(piece)))

    assert time.process_time() - began < 1


NEAR_MISSES = st.from_regex(
    r"(https?://)?(doi:|RRID: ?|PMC|arXiv:)?(10\.[0-9]{1,4}/[a-zA-Z&;#\"' ]{0,6}|[0-9]{3,8}[./-]?[0-9xX]{1,6}|.{0,5})"
)


@given(kind=st.sampled_from(sorted(IDENTIFIER_TYPES)), value=st.text(max_size=30) | NEAR_MISSES)
def test_normalising_twice_changes_nothing(kind: str, value: str) -> None:
    """A normalised value is normal, unless ORCID's rule itself finds nothing to keep."""
    once = normalised(kind, value)

    assert normalised(kind, once) == once


def test_the_opaque_id_tells_nothing_and_is_stable() -> None:
    """26 lower-case characters, the same for the same record for ever."""
    found = opaque_id("/hr", "hr.affiliation", "APPT-1")

    assert found == opaque_id("/hr", "hr.affiliation", "APPT-1") != opaque_id("/hr", "hr.person", "APPT-1")
    assert (len(found), found.isalnum(), found) == (26, True, found.lower())
