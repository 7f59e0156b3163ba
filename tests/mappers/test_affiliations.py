"""Affiliations: from an event to the item wanted."""

from typing import Any

import pytest
from pydantic import ValidationError

from mappers.dates import FuzzyDate
from mappers.documents import (
    Affiliation,
    dump,
)
from mappers.mapping import map_record
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from tests.mappers.builders import affiliation_data, mapped, organization_data, refusal

MAPPING = parse_mapping("""
[organization]
name = "Example University"
city = "Boston"
country = "US"
ror = "05gvnxz63"
[units.PHYS]
department = "Physics"
[units.MED]
[units.MED.organization]
name = "Example Hospital"
ror = "02mhbdp94"
[work_types]
memoir = "book"
[relationships]
issn = "self"
""")


def affiliation(mapping: MappingFile = EMPTY, **changes: Any) -> Affiliation:
    """The one affiliation of an event."""
    (item,) = mapped(affiliation_data(**changes), mapping)
    assert isinstance(item.document, Affiliation), item.refusal
    return item.document


def test_an_affiliation_is_one_item_of_its_person() -> None:
    """The key names person, section and source record; the document holds neither person nor record."""
    (item,) = mapped(affiliation_data())

    assert item.key == ItemKey("E1024", Section.EMPLOYMENT, SourceKey("/hr", "hr.affiliation", "APPT-1"))
    assert item.document is not None
    assert not any(secret in dump(item.document) for secret in ("E1024", "APPT-1"))


def test_an_affiliation_has_its_fields_in_their_places() -> None:
    """Each field of section 4 has its place in the document."""
    found = affiliation(end_date="2021-06", url="https://example.edu/physics")

    assert found.organization.identifier == "https://ror.org/05gvnxz63"
    assert (found.organization.identifier_source, found.organization.country) == ("ROR", "US")
    assert (found.department_name, found.role_title) == ("Physics", "Lecturer")
    assert (found.start_date, found.end_date) == (FuzzyDate(2019, 9, 1), FuzzyDate(2021, 6))
    assert (found.url, found.external_ids) == ("https://example.edu/physics", ())


def test_blank_texts_are_left_out() -> None:
    """ORCID refuses blank texts; a source that writes them means nothing by it."""
    found = affiliation(department=" ", role_title="", url="  ")

    assert (found.department_name, found.role_title, found.url) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "organization", "department"),
    [
        pytest.param({"organization": ...}, "Example University", "Biology", id="default"),
        pytest.param(
            {"organization": ..., "unit": "PHYS", "department": ...}, "Example University", "Physics", id="unit"
        ),
        pytest.param({"organization": ..., "unit": "PHYS"}, "Example University", "Biology", id="own-department-first"),
        pytest.param({"unit": "nonsense"}, "Own", "Biology", id="own-organization-first"),
    ],
)
def test_where_the_organization_comes_from(changes: dict[str, Any], organization: str, department: str) -> None:
    """The event's own, else its unit's, else the default."""
    data = affiliation_data(organization=organization_data(name="Own"), department="Biology") | changes

    found = mapped(data, MAPPING)[0].document

    assert isinstance(found, Affiliation)
    assert (found.organization.name, found.department_name) == (organization, department)


AFFILIATION_REFUSALS = [
    pytest.param({"start_date": "2024-02-31"}, "start_date", "2024-02-31", "does not exist", id="no-such-day"),
    pytest.param({"end_date": "2024-13"}, "end_date", "2024-13", "does not exist", id="no-such-month"),
    pytest.param({"end_date": "1899"}, "end_date", "1899", "1900 to 2100", id="year-too-early"),
    pytest.param(
        {"end_date": "2018"}, "end_date", "2018", "is before the start_date, 2019-09-01", id="end-before-start"
    ),
    pytest.param({"url": "example.org"}, "url", "example.org", "is not a web address", id="url-without-scheme"),
    pytest.param({"organization": ...}, "organization", "", "the mapping file has no default", id="no-organization"),
    pytest.param({"organization": ..., "unit": "X"}, "unit", "X", "is not a unit", id="unknown-unit"),
    pytest.param({"organization": {}}, "organization.name", "", "is missing", id="no-organization-name"),
]


@pytest.mark.parametrize(("changes", "field", "value", "rule"), AFFILIATION_REFUSALS)
def test_a_refused_affiliation_names_field_value_and_rule(
    changes: dict[str, Any], field: str, value: str, rule: str
) -> None:
    """What has the right shape and breaks a rule is an item that says so."""
    found = refusal(affiliation_data(**changes))

    assert (found.field, found.value) == (field, value)
    assert rule in found.rule


ORGANIZATION_REFUSALS = [
    pytest.param({"ror": "12345"}, "ror", "12345", "is not a ROR id", id="ror-form"),
    pytest.param({"ror": None}, "ror", "", "is missing", id="no-identifier"),
    pytest.param({"ror": None, "identifier": "1"}, "identifier_source", "", "is missing", id="no-source"),
    pytest.param(
        {"ror": None, "identifier": "1", "identifier_source": "isni"},
        "identifier_source",
        "ISNI",
        "is not one",
        id="isni",
    ),
    pytest.param({"city": None}, "city", "", "is missing", id="no-city"),
    pytest.param({"country": ""}, "country", "", "is missing", id="no-country"),
    pytest.param({"country": "USA"}, "country", "USA", "is not a country code", id="alpha-3"),
]


@pytest.mark.parametrize(("changes", "field", "value", "rule"), ORGANIZATION_REFUSALS)
def test_a_refused_organization_is_named_in_the_event(
    changes: dict[str, Any], field: str, value: str, rule: str
) -> None:
    """An employer needs name, place and identifier, each in ORCID's terms."""
    found = refusal(affiliation_data(organization=organization_data(**changes)))

    assert (found.field, found.value) == (f"organization.{field}", value)
    assert rule in found.rule


def test_a_unit_that_lacks_something_is_named_as_the_event_knows_it() -> None:
    """The operator reads which unit of the mapping file has to be mended."""
    found = refusal(affiliation_data(organization=..., unit="MED"), MAPPING)

    assert (found.field, found.value) == ("unit", "MED")
    assert "mapping file" in found.rule
    assert "organization.city is missing" in found.rule


def test_data_that_no_parse_gave_is_an_error_of_ours() -> None:
    """The store never holds such data; if it does, that has to be seen."""
    with pytest.raises(ValidationError):
        map_record(SourceKey("/hr", "hr.affiliation", "1"), {"kind": "employment"}, EMPTY)
