"""Organizations: from an event or the mapping file to the organization of a document."""

from collections.abc import Mapping

from mappers.documents import Organization
from mappers.drafts import Refused
from mappers.events.data import OrganizationData, trimmed
from mappers.vocabularies.countries import country_code
from mappers.vocabularies.organization_ids import ROR_URL, SOURCES, organization_id


def organization(data: OrganizationData, countries: Mapping[str, str], field: str = "organization") -> Organization:
    """The organization that an event has in `field`; raises Refused naming what of it can't be understood."""
    name = trimmed(data.name)
    if name is None:
        raise Refused(f"{field}.name", "", "is missing: an organization needs its name (ORCID 9046)")
    identifier, source = _identifier(data, field)
    return Organization(
        name=name,
        city=trimmed(data.city),
        region=trimmed(data.region),
        country=country_code(country, countries) if (country := trimmed(data.country)) else None,
        identifier=identifier,
        identifier_source=source,
    )


def _identifier(data: OrganizationData, field: str) -> tuple[str | None, str | None]:
    """Identifier and list: `ror` before `identifier`."""
    if ror := trimmed(data.ror):
        if not ROR_URL.fullmatch(found := organization_id(ror, "ROR")):
            raise Refused(f"{field}.ror", ror, "is not a ROR id (such as https://ror.org/05gvnxz63; ORCID 9045)")
        return found, "ROR"
    identifier, source = trimmed(data.identifier), trimmed(data.identifier_source)
    if identifier is None:
        return None, None
    if source is None:
        known = ", ".join(sorted(SOURCES))
        raise Refused(
            f"{field}.identifier_source", "", f"is missing: an identifier needs its list ({known}; ORCID 9045)"
        )
    return organization_id(identifier, source.upper()), source.upper()
