"""Families of record events: for each entity the model of its data, and what it wants on records. The one registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from mappers.drafts import Draft
from mappers.events.data import Data
from mappers.families.affiliations import AffiliationData, draft_affiliation
from mappers.families.departures import DepartureData, draft_departure
from mappers.families.fundings import FundingData, draft_funding
from mappers.families.merges import MergeData, draft_merge
from mappers.families.peer_reviews import PeerReviewData, draft_peer_review
from mappers.families.person_facts import PersonData, draft_person
from mappers.families.publications import PublicationData, draft_publication
from mappers.families.research_resources import ResearchResourceData, draft_research_resource
from mappers.mapping_file import MappingFile


@dataclass(frozen=True, slots=True)
class Family(Generic[Data]):
    """How events `ENTITY.changed` are read and mapped. `drafts` never raises; the drafts' `build` may raise Refused."""

    model: type[Data]
    drafts: Callable[[Data, MappingFile], tuple[Draft, ...]]


FAMILIES: Mapping[str, Family[Any]] = {
    "hr.affiliation": Family(AffiliationData, draft_affiliation),
    "hr.person.left": Family(DepartureData, draft_departure),
    "hr.person.merged": Family(MergeData, draft_merge),
    "hr.person": Family(PersonData, draft_person),
    "publication": Family(PublicationData, draft_publication),
    "funding": Family(FundingData, draft_funding),
    "peer-review": Family(PeerReviewData, draft_peer_review),
    "research-resource": Family(ResearchResourceData, draft_research_resource),
}
