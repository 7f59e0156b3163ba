"""Merges (`hr.person.merged`): two ids of one person. They want no item of their own."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from mappers.drafts import Draft
from mappers.events.data import Name, Part
from mappers.mapping_file import MappingFile


def _id(value: Any) -> Any:
    """A person may be given as everywhere else, too: `{"id": "E1024"}`."""
    return value.get("id") if isinstance(value, dict) else value


PersonId = Annotated[Name, BeforeValidator(_id)]


class MergeData(Part):
    """The data of `hr.person.merged`."""

    model_config = ConfigDict(serialize_by_alias=True)

    from_: PersonId = Field(alias="from")
    into: PersonId


def draft_merge(_data: MergeData, _mapping: MappingFile) -> tuple[Draft, ...]:
    """Nothing: what the records of the one said is the other's from then on."""
    return ()
