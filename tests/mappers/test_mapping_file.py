"""The mapping file: what it may hold, and all its faults at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.documents import Relationship
from mappers.mapping import MAPPING_NUMBER, mapping_revision
from mappers.mapping_file import EMPTY, MappingFaults, parse_mapping
from mappers.sections import Section

FORMAT = """
[formats.rows]
topics = ["rows"]
type = "'publication.changed'"
source = "'/rows'"
subject = "id"

"""
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
wins = ["start_date", "unit"]

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

[sections.keywords]
enabled = false

[sections.work]
visibility = "limited"

[[exclusions]]
people = ["E9"]
sources = ["/hr"]
sections = ["employment", "education"]
action = "withdraw"

[leavers]
action = "freeze"
after_days = 90

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


def test_a_relationship_is_kept_by_orcids_name_of_the_identifier_type() -> None:
    """However the file spells it: it would not be found by another, and be lost without a word."""
    found = parse_mapping("[relationships]\nDOI = 'version-of'\ngrant-number = 'self'")

    assert found.relationships == {"doi": Relationship.VERSION_OF, "grant_number": Relationship.SELF}


def test_what_planning_goes_by_is_read() -> None:
    """Sections, exclusions, leavers and what a source wins, with sections as sections and fields as documents' own."""
    found = parse_mapping(WHOLE)

    assert [name for name, entry in found.sections.items() if not entry.enabled] == [Section.KEYWORDS]
    assert (found.visibility_of(Section.WORK), found.visibility_of(Section.KEYWORDS)) == ("limited", None)
    assert found.visibility_of(Section.FUNDING) is None
    assert found.exclusions[0].sections == [Section.EMPLOYMENT, Section.EDUCATION]
    assert found.leavers is not None
    assert (found.leavers.action, found.leavers.after_days, found.leavers.sections) == ("freeze", 90, list(Section))
    assert found.sources["/hr"].document_fields == ("start_date", "department_name", "organization")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a = ", "is not TOML: Invalid value (at end of document)", id="not-toml"),
        pytest.param("colour = 1", "colour: is not a setting of the mapping file", id="unknown-setting"),
        pytest.param("[units.A]\ncolour = 1", "units.A.colour: is not a setting of the mapping file", id="within"),
        pytest.param("name = 1", "name: 1 is wrong: input should be a valid string", id="wrong-type"),
        pytest.param("[organization]\ncity = 'Boston'", "organization.name: is missing", id="no-name"),
        pytest.param(
            "[organization]\nname = 'X'\ncountry = 'Narnia'",
            "organization.country: Narnia is not a country code that ORCID knows",
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
        pytest.param(
            "[relationships]\nisnb = 'self'",
            "relationships: isnb is not an identifier type that ORCID knows",
            id="relationship-of-what",
        ),
        pytest.param(
            "[relationships]\nDOI = 'self'\ndoi = 'part-of'",
            "relationships: has a term twice, but for spelling",
            id="relationship-twice",
        ),
        pytest.param("[units.A]\ndepartment = ' '", "units.A.department:   is blank (ORCID 9047)", id="department"),
        pytest.param("[units.' A']", 'units." A":  A has a space at its start or end', id="unit-name"),
        pytest.param('[sources."/hr "]', 'sources."/hr ": /hr  has a space at its start or end', id="source-name"),
        pytest.param("[pilot]\npeople = ['']", 'pilot.people.0: "" is empty', id="pilot"),
        pytest.param("[work_types]\nX='book'\nx='book'", "work_types: has a term twice, but for case", id="twice"),
        pytest.param("[sections.works]", "sections.works: works is not a section of an ORCID record", id="section"),
        pytest.param("[sections.work]\nenabled = 0", "sections.work.enabled: 0 is wrong: input should", id="enabled"),
        pytest.param("[sections.work]\nvisibility = 'me'", "sections.work.visibility: me is wrong", id="visibility"),
        pytest.param("[sources.a]\nwins = ['role']\n[sources.a.b]", "sources.a.b: is not a setting", id="source"),
        pytest.param(
            "[sources.a]\nwins = ['identifiers']",
            "sources.a.wins.0: identifiers is not a field of an event that one source can win",
            id="wins",
        ),
        pytest.param("[[exclusions]]\npeople = ['a']", "exclusions.0.action: is missing", id="no-action"),
        pytest.param(
            "[[exclusions]]\naction = 'withdraw'", "exclusions.0: names no people, sources or sections", id="everything"
        ),
        pytest.param(
            "[[exclusions]]\nsections = ['jobs']\naction = 'freeze'",
            "exclusions.0.sections.0: jobs is not a section",
            id="excluded-section",
        ),
        pytest.param("[leavers]\nafter_days = 3", "leavers.action: is missing", id="leavers"),
        pytest.param("[leavers]\naction = 'keep'\nafter_days = -1", "leavers.after_days: -1 is wrong", id="days"),
        pytest.param("[leavers]\naction = 'keep'\nsections = []", "leavers.sections: a list is wrong", id="no-section"),
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


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("[work_types]", "# a comment\n[work_types]"), id="comment"),
        pytest.param(('name = "Example University"\n\n', 'name = "Another"\n\n'), id="name"),
        pytest.param(("precedence = 2", "precedence = 3"), id="precedence"),
        pytest.param(('wins = ["start_date", "unit"]', 'wins = ["title"]'), id="wins"),
        pytest.param(("hr-2019", "hr-2020"), id="namespace"),
        pytest.param(('order = "sequence"', 'order = "time"'), id="order"),
        pytest.param(("enabled = false", "enabled = true"), id="section"),
        pytest.param(('visibility = "limited"', 'visibility = "private"'), id="visibility"),
        pytest.param(('action = "withdraw"', 'action = "freeze"'), id="exclusion"),
        pytest.param(("after_days = 90", "after_days = 30"), id="leavers"),
        pytest.param(('"E2"', '"E3"'), id="pilot"),
        pytest.param(("[pilot]", FORMAT + "[pilot]"), id="format"),
    ],
)
def test_what_changes_no_document_maps_nothing_again(change: tuple[str, str]) -> None:
    """Planning, or the next event, goes by these: the revision stays."""
    changed = WHOLE.replace(*change, 1)

    assert changed != WHOLE
    assert parse_mapping(changed).revision == parse_mapping(WHOLE).revision


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(('city = "Boston"', 'city = "Galway"'), id="organization"),
        pytest.param(('"Physics"', '"Maths"'), id="unit"),
        pytest.param(("dissertation-thesis", "report"), id="work-type"),
        pytest.param(("wosuid", "eid"), id="identifier-type"),
        pytest.param(('eng = "en"', 'eng = "fr"'), id="language"),
        pytest.param(('UK = "GB"', 'UK = "UA"'), id="country"),
        pytest.param(("co-inventor", "other-inventor"), id="role"),
        pytest.param(('isbn = "self"', 'isbn = "part-of"'), id="relationship"),
        pytest.param(("[pilot]", '[currencies]\nEuro = "EUR"\n[pilot]'), id="currency"),
    ],
)
def test_what_changes_documents_maps_again(change: tuple[str, str]) -> None:
    """The revision follows every term and organization."""
    changed = WHOLE.replace(*change, 1)

    assert changed != WHOLE
    assert parse_mapping(changed).revision != parse_mapping(WHOLE).revision


def test_a_setting_that_is_not_set_is_no_part_of_the_revision() -> None:
    """So what this program learns to read in a later release maps nobody again."""
    assert parse_mapping("[languages]\n[units]").revision == EMPTY.revision


def test_the_mapping_revision_holds_number_and_digest() -> None:
    """The code's number stands before the colon, the file's digest behind it."""
    assert mapping_revision(EMPTY) == f"{MAPPING_NUMBER}:{EMPTY.revision}"
