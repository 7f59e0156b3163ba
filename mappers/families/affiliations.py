"""Affiliation events (`hr.affiliation`): their data, and the affiliation that each becomes."""

from typing import Literal

from mappers.documents import Affiliation, Organization
from mappers.drafts import Draft, Refused, read_date
from mappers.events.data import DateForm, OrganizationData, Part, Person, Text, trimmed
from mappers.mapping_file import MappingFile, Unit
from mappers.organizations import organization
from mappers.sections import Section


class AffiliationData(Part):
    """The data of `hr.affiliation.changed`. The kinds are spelled as their sections."""

    person: Person
    kind: Literal[
        "employment", "education", "qualification", "invited-position", "distinction", "membership", "service"
    ]
    role_title: Text | None = None
    department: Text | None = None
    start_date: DateForm | None = None
    end_date: DateForm | None = None
    url: Text | None = None
    organization: OrganizationData | None = None
    unit: Text | None = None


def draft_affiliation(data: AffiliationData, mapping: MappingFile) -> tuple[Draft, ...]:
    """One affiliation, of the section that its kind names."""
    looked_up = None
    if data.organization is None:
        unit = trimmed(data.unit)
        looked_up = ("unit", unit) if unit else ("organization", "")
    return (
        Draft(
            section=Section(data.kind),
            persons=(data.person.id,),
            build=lambda: _affiliation(data, mapping),
            looked_up=looked_up,
        ),
    )


def _affiliation(data: AffiliationData, mapping: MappingFile) -> Affiliation:
    unit = _unit(data, mapping)
    found = Affiliation(
        organization=_organization(data, unit, mapping),
        department_name=trimmed(data.department) or unit.department,
        role_title=trimmed(data.role_title),
        start_date=read_date("start_date", data.start_date),
        end_date=read_date("end_date", data.end_date),
        url=trimmed(data.url),
    )
    return found.model_copy(update={"section": Section(data.kind)})


def _unit(data: AffiliationData, mapping: MappingFile) -> Unit:
    """The unit that the event names, unless it brings its organization itself."""
    code = trimmed(data.unit)
    if data.organization is not None or code is None:
        return Unit()
    if code not in mapping.units:
        raise Refused("unit", code, "is not a unit of the mapping file")
    return mapping.units[code]


def _organization(data: AffiliationData, unit: Unit, mapping: MappingFile) -> Organization:
    """The event's organization, else the unit's, else the mapping file's default."""
    if data.organization is not None:
        return organization(data.organization, mapping.countries)
    found = unit.organization or mapping.organization
    if found is None:
        raise Refused("organization", "", "is missing, and the mapping file has no default (ORCID 9046)")
    return found.document
