"""Organizations: from an event or the mapping file to the organization of a document."""

from collections.abc import Mapping

from mappers.countries import country_code
from mappers.documents import Organization
from mappers.drafts import Refused
from mappers.event_data import OrganizationData, trimmed
from mappers.organization_ids import ROR_URL, SOURCES, organization_id


def organization(data: OrganizationData, countries: Mapping[str, str]) -> Organization:
    """The organization; raises Refused naming the field, as of an event, that can't be understood."""
    name = trimmed(data.name)
    if name is None:
        raise Refused("organization.name", "", "is missing: an organization needs its name (ORCID 9046)")
    identifier, source = _identifier(data)
    return Organization(
        name=name,
        city=trimmed(data.city),
        region=trimmed(data.region),
        country=country_code(country, countries) if (country := trimmed(data.country)) else None,
        identifier=identifier,
        identifier_source=source,
    )


def _identifier(data: OrganizationData) -> tuple[str | None, str | None]:
    """Identifier and list: `ror` before `identifier`."""
    if ror := trimmed(data.ror):
        if not ROR_URL.fullmatch(found := organization_id(ror, "ROR")):
            raise Refused("organization.ror", ror, "is not a ROR id (such as https://ror.org/05gvnxz63)")
        return found, "ROR"
    identifier, source = trimmed(data.identifier), trimmed(data.identifier_source)
    if identifier is None:
        return None, None
    if source is None:
        known = ", ".join(sorted(SOURCES))
        raise Refused("organization.identifier_source", "", f"is missing: an identifier needs its list ({known})")
    return organization_id(identifier, source.upper()), source.upper()
