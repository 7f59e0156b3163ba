"""Affiliations: from an event to the item wanted."""

from typing import Any

import pytest

from mappers.dates import FuzzyDate
from mappers.documents import (
    Affiliation,
    dump,
)
from mappers.mapping_file import EMPTY, MappingFile, parse_mapping
from mappers.sections import AFFILIATIONS, Section
from mappers.wanted import ItemKey, SourceKey
from tests.mappers.builders import affiliation_data, mapped, organization_data

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


@pytest.mark.parametrize("kind", sorted(section.value for section in AFFILIATIONS))
def test_the_kind_is_the_section(kind: str) -> None:
    """All seven kinds become an affiliation of their section."""
    found = affiliation(kind=kind)

    assert found == affiliation().model_copy(update={"section": Section(kind)})


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        pytest.param("membership", {"ror": None}, id="without-identifier"),
        pytest.param("service", {"ror": None, "city": None, "region": None, "country": None}, id="name-alone"),
        pytest.param("distinction", {"city": None, "region": None}, id="country-alone"),
    ],
)
def test_what_orcid_does_not_ask_of_other_kinds(kind: str, changes: dict[str, Any]) -> None:
    """Only employers and schools need place and identifier; our own external-id does for the rest (9062)."""
    assert affiliation(kind=kind, organization=organization_data(**changes)).section == kind


def test_an_unknown_unit_is_refused_by_its_code() -> None:
    """Never guessed."""
    (item,) = mapped(affiliation_data(organization=..., unit="X"))

    assert str(item.refusal) == "unit: X is not a unit of the mapping file"


def test_a_unit_that_lacks_something_is_named_as_the_event_knows_it() -> None:
    """The operator reads which unit of the mapping file has to be mended."""
    (item,) = mapped(affiliation_data(organization=..., unit="MED"), MAPPING)

    assert item.refusal is not None
    assert (item.refusal.field, item.refusal.value) == ("unit", "MED")
    assert "mapping file" in item.refusal.rule
    assert "organization.city is missing" in item.refusal.rule
