"""Families of record events: for each entity the model of its data, and what it wants on records. The one registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from mappers.affiliations import AffiliationData, draft_affiliation
from mappers.drafts import Draft
from mappers.event_data import Data
from mappers.mapping_file import MappingFile
from mappers.publications import PublicationData, draft_publication


@dataclass(frozen=True, slots=True)
class Family(Generic[Data]):
    """How events `ENTITY.changed` are read and mapped. `drafts` never raises; the drafts' `build` may raise Refused."""

    model: type[Data]
    drafts: Callable[[Data, MappingFile], tuple[Draft, ...]]


FAMILIES: Mapping[str, Family[Any]] = {
    "hr.affiliation": Family(AffiliationData, draft_affiliation),
    "publication": Family(PublicationData, draft_publication),
}
