"""Research resource events (`research-resource`): their data, and the research resource for each of its holders."""

from typing import Annotated

from pydantic import Field

from mappers.documents import Organization, ResearchResource, Resource
from mappers.drafts import Draft, read_date
from mappers.events.data import MAX_LIST, DateForm, Identifiers, OrganizationData, Part, Person, Text, trimmed
from mappers.events.people_in_data import FORGOTTEN
from mappers.families.external_ids import external_ids
from mappers.mapping_file import MappingFile
from mappers.organizations import organization
from mappers.sections import Section
from mappers.vocabularies.activity_terms import RESOURCE_TYPE_SPELLINGS
from mappers.vocabularies.terms import known_term

Hosts = Annotated[list[OrganizationData], Field(max_length=MAX_LIST)]


class ResourceHolderData(Part):
    """One of our people to whom the resources were granted."""

    person: Person


class ProposalData(Part):
    """The proposal by which the resources were granted."""

    title: Text
    hosts: Hosts
    identifiers: Identifiers
    start_date: DateForm | None = None
    end_date: DateForm | None = None
    url: Text | None = None


class ResourceData(Part):
    """One resource that was granted."""

    name: Text
    type: Text
    hosts: Hosts
    identifiers: Identifiers
    url: Text | None = None


class ResearchResourceData(Part):
    """The data of `research-resource.changed`."""

    holders: Annotated[list[ResourceHolderData], Field(max_length=MAX_LIST)]
    proposal: ProposalData
    resources: Annotated[list[ResourceData], Field(max_length=MAX_LIST)]


def draft_research_resource(data: ResearchResourceData, mapping: MappingFile) -> tuple[Draft, ...]:
    """One research resource with the same content for each of its holders."""
    ours = tuple(dict.fromkeys(one.person.id for one in data.holders if one.person.id != FORGOTTEN))
    if not ours:
        return ()
    return (Draft(section=Section.RESEARCH_RESOURCE, persons=ours, build=lambda: _research_resource(data, mapping)),)


def _research_resource(data: ResearchResourceData, mapping: MappingFile) -> ResearchResource:
    proposal = data.proposal
    return ResearchResource(
        title=proposal.title.strip(),
        hosts=_hosts("proposal.hosts", proposal.hosts, mapping),
        resources=tuple(_resource(f"resources[{place}]", one, mapping) for place, one in enumerate(data.resources)),
        external_ids=external_ids("proposal.identifiers", proposal.identifiers, mapping),
        start_date=read_date("proposal.start_date", proposal.start_date),
        end_date=read_date("proposal.end_date", proposal.end_date),
        url=trimmed(proposal.url),
    )


def _resource(field: str, data: ResourceData, mapping: MappingFile) -> Resource:
    return Resource(
        name=data.name.strip(),
        type=known_term(data.type, RESOURCE_TYPE_SPELLINGS, mapping.resource_types),
        hosts=_hosts(f"{field}.hosts", data.hosts, mapping),
        external_ids=external_ids(f"{field}.identifiers", data.identifiers, mapping),
        url=trimmed(data.url),
    )


def _hosts(field: str, hosts: list[OrganizationData], mapping: MappingFile) -> tuple[Organization, ...]:
    return tuple(organization(one, mapping.countries, f"{field}[{place}]") for place, one in enumerate(hosts))
