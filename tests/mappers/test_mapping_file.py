"""The mapping file: what it may hold, and all its faults at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.documents import Relationship
from mappers.mapping import MAPPING_NUMBER, mapping_revision
from mappers.mapping_file import EMPTY, MappingFaults, parse_mapping

WHOLE = """
name = "Example University"

[organization]
name = "Example University"
city = "Boston"
country = "us"
ror = "05gvnxz63"

[units.PHYS]
department = "Physics"

[units.MED.organization]
name = "Example Hospital"
identifier = "grid.455335.1"
identifier_source = "grid"

[sources."/hr"]
namespace = "hr-2019"
order = "sequence"
precedence = 2

[work_types]
"Master's Thesis" = "dissertation-thesis"

[identifier_types]
"WoS" = "wosuid"

[languages]
eng = "en"

[countries]
UK = "GB"

[roles]
inventor = "co-inventor"

[relationships]
isbn = "self"

[pilot]
people = ["E1", "E2"]
"""


def test_a_whole_file_is_read() -> None:
    """Each table is there under its own name; organizations are ready for documents, terms folded."""
    found = parse_mapping(WHOLE)

    assert found.organization is not None
    assert found.organization.document.identifier == "https://ror.org/05gvnxz63"
    assert found.organization.document.country == "US"
    assert found.units["MED"].organization is not None
    assert found.units["MED"].organization.document.identifier_source == "GRID"
    assert found.sources["/hr"].order == "sequence"
    assert found.work_types == {"master's thesis": "dissertation-thesis"}
    assert found.relationships == {"isbn": Relationship.SELF}
    assert found.pilot.people == ["E1", "E2"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a = ", "is not TOML: Invalid value (at end of document)", id="not-toml"),
        pytest.param("colour = 1", "colour: is not a setting of the mapping file", id="unknown-setting"),
        pytest.param("[units.A]\ncolour = 1", "units.A.colour: is not a setting of the mapping file", id="within"),
        pytest.param("name = 1", "name: 1 is wrong: input should be a valid string", id="wrong-type"),
        pytest.param("[organization]\ncity = 'Boston'", "organization.name: is missing", id="no-name"),
        pytest.param(
            "[organization]\nname = 'X'\ncountry = 'USA'",
            "organization.country: USA is not a country code that ORCID knows",
            id="country",
        ),
        pytest.param("[units.A.organization]\nname='X'\nror='x'", "units.A.organization.ror: x is not a ROR", id="ror"),
        pytest.param('[sources."/hr"]\norder = "age"', 'sources."/hr".order: age is wrong: input should', id="order"),
        pytest.param("[work_types]\nfoo = 'bar'", "work_types.foo: bar is not a work type", id="work-type"),
        pytest.param("[identifier_types]\nfoo = 'DOI'", "identifier_types.foo: DOI is not an identifier", id="id-type"),
        pytest.param("[languages]\nfoo = 'he'", "languages.foo: he is not a language code", id="language"),
        pytest.param("[countries]\nfoo = 'UK'", "countries.foo: UK is not a country code", id="country-map"),
        pytest.param("[roles]\nfoo = 'boss'", "roles.foo: boss is not a contributor role", id="role"),
        pytest.param(
            "[relationships]\nisbn = 'x'", "relationships.isbn: x is wrong: input should be", id="relationship"
        ),
        pytest.param("[pilot]\npeople = ['']", 'pilot.people.0: "" is empty', id="pilot"),
    ],
)
def test_a_fault_names_its_setting(text: str, fault: str) -> None:
    """Path, value and what is wrong, on one line."""
    with pytest.raises(MappingFaults) as caught:
        parse_mapping(text)

    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(fault)


def test_all_faults_are_told_at_once() -> None:
    """One run is enough to find them all."""
    with pytest.raises(MappingFaults) as caught:
        parse_mapping("name = 1\ncolour = 2\n[work_types]\na = 'b'\nc = 'd'")

    assert len(caught.value.faults) == 4
    assert str(caught.value).count("\n") == 3


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever the file holds, it is a mapping or its faults."""
    try:
        parse_mapping(text)
    except MappingFaults as error:
        assert error.faults  # noqa: PT017


def test_the_revision_follows_what_maps() -> None:
    """Comments, sources and the pilot change no document, so they change no revision; a term does."""
    whole = parse_mapping(WHOLE)
    other = parse_mapping("# a comment" + WHOLE.replace("precedence = 2", "precedence = 3").replace('"E2"', '"E3"'))

    assert whole.revision == other.revision
    assert whole.revision != parse_mapping(WHOLE.replace("Physics", "Maths")).revision
    assert whole.revision != EMPTY.revision


def test_the_mapping_revision_holds_number_and_digest() -> None:
    """The code's number stands before the colon, the file's digest behind it."""
    assert mapping_revision(EMPTY) == f"{MAPPING_NUMBER}:{EMPTY.revision}"
