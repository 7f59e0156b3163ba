"""Identifiers: iDs with their checksum, and values as ORCID compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.identifiers import normalised, opaque_id, parse_orcid_id


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
        pytest.param("doi", "10.1234/a&amp;b", "10.1234/a", id="doi-escaped"),
        pytest.param("doi", "work:doi", "work:doi", id="doi-unreadable"),
        pytest.param("arxiv", "https://arxiv.org/abs/2001.12345v2", "arXiv:2001.12345v2", id="arxiv"),
        pytest.param("isbn", "978-3-16-148410-0", "9783161484100", id="isbn"),
        pytest.param("isbn", "123", "123", id="isbn-unreadable"),
        pytest.param("issn", "1234567x", "1234-567X", id="issn"),
        pytest.param("pmid", "PMID: 12345", "12345", id="pmid"),
        pytest.param("pmc", "PMC1234567", "1234567", id="pmc"),
        pytest.param("uri", "example.org/A", "http://example.org/A", id="uri-without-scheme"),
        pytest.param("source-work-id", "ABC", "abc", id="lower-case"),
        pytest.param("doi", "10." * 30_000, "10." * 30_000, id="endless"),
        pytest.param("ark", "ark:/1/A", "ark:/1/A", id="case-sensitive"),
    ],
)
def test_a_value_is_normalised_as_orcid_does(kind: str, value: str, expected: str) -> None:
    """API_FACTS.md 4.1."""
    assert normalised(kind, value) == expected


@given(kind=st.sampled_from(["doi", "arxiv", "isbn", "issn", "pmid", "pmc", "bibcode", "rrid", "uri"]), value=st.text())
def test_normalising_twice_changes_nothing(kind: str, value: str) -> None:
    """A normalised value is normal, unless ORCID's rule itself finds nothing to keep."""
    once = normalised(kind, value)

    assert normalised(kind, once) == once


def test_the_opaque_id_tells_nothing_and_is_stable() -> None:
    """26 lower-case characters, the same for the same record for ever."""
    found = opaque_id("/hr", "hr.affiliation", "APPT-1")

    assert found == opaque_id("/hr", "hr.affiliation", "APPT-1") != opaque_id("/hr", "hr.person", "APPT-1")
    assert (len(found), found.isalnum(), found) == (26, True, found.lower())
