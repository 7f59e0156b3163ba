"""Funding events (`funding`): their data, and the funding that each becomes for every one of our people on it."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from mappers.documents import Amount, Contributor, Funding
from mappers.drafts import Draft, read_date, read_orcid_id
from mappers.events.data import (
    MAX_LIST,
    DateForm,
    Identifiers,
    OrganizationData,
    Part,
    Person,
    Text,
    TranslatedTitleData,
    trimmed,
)
from mappers.events.people_in_data import FORGOTTEN
from mappers.families.external_ids import external_ids
from mappers.families.titles import translated_title
from mappers.mapping_file import MappingFile
from mappers.organizations import organization
from mappers.sections import Section
from mappers.vocabularies.activity_terms import FUNDING_TYPE_SPELLINGS
from mappers.vocabularies.contributor_roles import FUNDING_ROLES, contributor_role
from mappers.vocabularies.currencies import currency_code
from mappers.vocabularies.terms import known_term


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


class HolderData(Part):
    """One of our people whom the funding was given to. Name and iD are printed with the role where they are given."""

    person: Person
    role: Text | None = None
    name: Text | None = None
    orcid: Text | None = None


class AmountData(Part):
    """An amount of money; its value as text or as a number."""

    value: Annotated[Text, BeforeValidator(_as_text)] | None = None
    currency: Text | None = None


class FundingData(Part):
    """The data of `funding.changed`."""

    title: Text
    type: Text
    holders: Annotated[list[HolderData], Field(max_length=MAX_LIST)]
    funder: OrganizationData
    identifiers: Identifiers | None = None
    amount: AmountData | None = None
    start_date: DateForm | None = None
    end_date: DateForm | None = None
    description: Text | None = None
    url: Text | None = None
    translated_title: TranslatedTitleData | None = None
    organization_defined_type: Text | None = None


def draft_funding(data: FundingData, mapping: MappingFile) -> tuple[Draft, ...]:
    """One funding with the same content for each of its holders."""
    ours = dict.fromkeys(one.person.id for one in data.holders)
    ours.pop(FORGOTTEN, None)
    return (Draft(section=Section.FUNDING, persons=tuple(ours), build=lambda: _funding(data, mapping)),) if ours else ()


def _funding(data: FundingData, mapping: MappingFile) -> Funding:
    return Funding(
        title=data.title.strip(),
        type=known_term(data.type, FUNDING_TYPE_SPELLINGS, mapping.funding_types),
        organization=organization(data.funder, mapping.countries, "funder"),
        translated_title=translated_title(data.translated_title, mapping.languages),
        organization_defined_type=trimmed(data.organization_defined_type),
        short_description=trimmed(data.description),
        amount=_amount(data.amount, mapping),
        url=trimmed(data.url),
        start_date=read_date("start_date", data.start_date),
        end_date=read_date("end_date", data.end_date),
        external_ids=external_ids("identifiers", data.identifiers, mapping),
        contributors=tuple(_contributor(f"holders[{place}]", one, mapping) for place, one in enumerate(data.holders)),
    )


def _amount(data: AmountData | None, mapping: MappingFile) -> Amount | None:
    value, currency = (trimmed(data.value), trimmed(data.currency)) if data else (None, None)
    if value is None and currency is None:
        return None
    return Amount(value=value or "", currency=currency_code(currency or "", mapping.currencies))


def _contributor(field: str, data: HolderData, mapping: MappingFile) -> Contributor:
    role = trimmed(data.role)
    return Contributor(
        name=trimmed(data.name),
        orcid=read_orcid_id(f"{field}.orcid", trimmed(data.orcid)),
        role=contributor_role(role, FUNDING_ROLES, mapping.funding_roles) if role else None,
    )
