"""ORCID's rules for research resources (API_FACTS.md 5.6).

A rule that a proposal can't break here: an identifier (9023), for one without carries our own; a resource does not.
"""

from collections.abc import Callable

from mappers.documents import Organization, ResearchResource
from mappers.rules.parts import (
    Refusals,
    external_ids,
    is_identified,
    organization_texts,
    refusal,
    required,
    start_before_end,
    term,
    translated_title,
    web_address,
)
from mappers.vocabularies.activity_terms import RESOURCE_TYPES

MAX_HOSTS = 10
"""How many hosts a proposal or a resource may have."""


def _hosts(field: str, hosts: tuple[Organization, ...]) -> Refusals:
    if not hosts:
        yield refusal(field, "", "is missing: at least one host", 9047)
    if len(hosts) > MAX_HOSTS:
        yield refusal(field, "", f"has {len(hosts)} hosts, more than {MAX_HOSTS}", 9047)
    for place, host in enumerate(hosts):
        yield from organization_texts(f"{field}[{place}]", host)
        yield from is_identified(f"{field}[{place}]", host, "a host")


def _proposal(resource: ResearchResource) -> Refusals:
    yield from external_ids("proposal.identifiers", resource.external_ids)
    yield from _hosts("proposal.hosts", resource.hosts)
    yield from start_before_end("proposal.start_date", resource.start_date, resource.end_date)


def _resources(resource: ResearchResource) -> Refusals:
    if not resource.resources:
        yield refusal("resources", "", "is missing: at least one resource", 9047)
    for place, one in enumerate(resource.resources):
        field = f"resources[{place}]"
        if not one.external_ids:
            yield refusal(f"{field}.identifiers", "", "is missing: a resource needs an identifier", 9023)
        yield from external_ids(f"{field}.identifiers", one.external_ids)
        yield from _hosts(f"{field}.hosts", one.hosts)
        yield from required(f"{field}.name", one.name, 1000, 9047)
        yield from term(f"{field}.type", one.type, RESOURCE_TYPES, "a resource type", missing=9047, unknown=9047)
        yield from web_address(f"{field}.url", one.url)


def _texts(resource: ResearchResource) -> Refusals:
    yield from required("proposal.title", resource.title, 1000, 9047)
    yield from translated_title("proposal.translated_title", resource.translated_title)
    yield from web_address("proposal.url", resource.url)


RESEARCH_RESOURCE_RULES: tuple[Callable[[ResearchResource], Refusals], ...] = (_proposal, _resources, _texts)
"""In the order in which ORCID asks them."""
