"""Publications: from an event to the work wanted on each of our people's records."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.dates import FuzzyDate
from mappers.documents import (
    Citation,
    Contributor,
    ExternalId,
    Relationship,
    TranslatedTitle,
    Work,
    digest,
    dump,
)
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from tests.mappers.builders import mapped, publication_data

MAPPING = parse_mapping("[work_types]\nmemoir = 'book'\n[relationships]\nissn = 'self'")


def publication(mapping: MappingFile = EMPTY, **changes: Any) -> Work:
    """The work of an event; the same for all of our people."""
    first, *others = mapped(publication_data(**changes), mapping, type="publication.changed")
    assert all(one.document == first.document for one in others)
    assert isinstance(first.document, Work), first.refusal
    return first.document


def test_each_of_our_people_gets_the_work_once() -> None:
    """A guest gets none, and who is listed twice gets one."""
    ours = [{"person": {"id": person}} for person in ("E2", "E1", "E2")]

    items = mapped(publication_data(contributors=[*ours, {"name": "Guest"}]), type="publication.changed")

    assert [item.key.person for item in items] == ["E2", "E1"]


def test_a_publication_of_others_wants_nothing() -> None:
    """Without one of our people there is nobody to tell."""
    assert mapped(publication_data(contributors=[{"name": "Guest"}]), type="publication.changed") == ()


def test_a_publication_has_its_fields_in_their_places() -> None:
    """Each field of section 4 has its place in the document."""
    found = publication(
        subtitle="A bird",
        translated_title={"value": "Über Moas", "language": "de-DE"},
        container_title="Journal of Moas",
        publication_date="2026-02",
        abstract="Large.",
        url="https://example.org/moa",
        language="en-NZ",
        country="nz",
        citation={"type": "BIBTEX", "value": "@article{moa}"},
    )

    assert found == Work(
        title="On moas",
        type="journal-article",
        subtitle="A bird",
        translated_title=TranslatedTitle(value="Über Moas", language="de"),
        journal_title="Journal of Moas",
        short_description="Large.",
        citation=Citation(type="bibtex", value="@article{moa}"),
        publication_date=FuzzyDate(2026, 2),
        external_ids=(ExternalId(type="doi", value="10.1234/abc"),),
        url="https://example.org/moa",
        contributors=(
            Contributor(name="Garcia, Sofia", role="author", sequence="first"),
            Contributor(name="Kea, Tui", sequence="additional"),
            Contributor(name="Guest, Ann", orcid="0000-0002-1825-0097"),
        ),
        language_code="en",
        country="NZ",
    )


def test_no_internal_id_reaches_a_work() -> None:
    """Neither the person's id nor the record's stands in the document, nor a contributor who is nothing but an id."""
    ours = [{"person": {"id": "E-SECRET"}}, {"person": {"id": "E-OTHER"}, "name": "Kea, Tui"}]

    found = publication(contributors=ours)

    assert found.contributors == (Contributor(name="Kea, Tui"),)
    assert not any(secret in dump(found) for secret in ("E-SECRET", "E-OTHER", "APPT-1"))


@pytest.mark.parametrize(
    ("identifier", "work_type", "expected"),
    [
        pytest.param({"type": "issn", "value": "1234-5679"}, "journal-article", Relationship.PART_OF, id="by-type"),
        pytest.param({"type": "doi", "value": "10.1/a"}, "journal-article", Relationship.SELF, id="else-self"),
        pytest.param(
            {"type": "doi", "value": "10.1/a", "relationship": "VERSION_OF"}, "book", Relationship.VERSION_OF, id="said"
        ),
        pytest.param({"type": "doi", "value": "10.1/a", "relationship": " "}, "book", Relationship.SELF, id="blank"),
    ],
)
def test_what_an_identifier_says(identifier: dict[str, str], work_type: str, expected: Relationship) -> None:
    """What the event says first, then by type, else `self`."""
    found = publication(identifiers=[identifier], type=work_type).external_ids

    assert [one.relationship for one in found] == [expected]


def test_the_mapping_file_decides_before_the_usual() -> None:
    """Its relationships and types come first."""
    found = publication(MAPPING, identifiers=[{"type": "ISSN", "value": "1234-5679"}], type="Memoir")

    assert (found.type, found.external_ids[0].relationship) == ("book", Relationship.SELF)


def test_an_identifier_given_twice_is_said_once() -> None:
    """Two spellings of one DOI are one identifier; the same DOI in another relationship is another."""
    twice = [{"type": "doi", "value": value} for value in ("10.1/A", "https://doi.org/10.1/a")]
    other = {"type": "doi", "value": "10.1/A", "relationship": "part-of"}

    found = publication(identifiers=[*twice, other]).external_ids

    assert [(one.value, one.relationship) for one in found] == [
        ("10.1/A", Relationship.SELF),
        ("10.1/A", Relationship.PART_OF),
    ]


def test_a_refused_work_is_refused_for_everyone() -> None:
    """Each of our people's items says why."""
    items = mapped(publication_data(type="poem"), type="publication.changed")

    assert len({item.key.person for item in items}) == 2
    assert len({item.refusal for item in items}) == 1


SPACES = st.text(" \t\n", max_size=3)


@given(before=SPACES, after=SPACES, upper=st.booleans(), prefix=st.sampled_from(["", "doi:", "https://doi.org/"]))
def test_the_digest_does_not_see_spelling(before: str, after: str, prefix: str, *, upper: bool) -> None:
    """White space, and the case and prefix of a DOI, are no difference."""
    doi = "10.1234/ABC" if upper else "10.1234/abc"

    found = publication(
        title=f"{before}On{after or ' '}moas{after}",
        identifiers=[{"type": "doi", "value": f"{before}{prefix}{doi}{after}"}],
    )

    assert digest(found) == digest(publication())
