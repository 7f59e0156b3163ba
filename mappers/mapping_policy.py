"""What the mapping file says about planning: sources, sections, pilot, exclusions, leavers. It changes no document."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mappers.events.data import Name
from mappers.events.fields import WINNABLE, document_fields
from mappers.sections import Section


class Entry(BaseModel):
    """A table of the mapping file: what it does not name is a fault."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _section(text: Any) -> Section:
    if not isinstance(text, str) or text not in set(Section):
        raise PydanticCustomError("unknown_term", "is not a section of an ORCID record")
    return Section(text)


def _winnable(field: str) -> str:
    if field not in WINNABLE:
        raise PydanticCustomError("unknown_term", "is not a field of an event that one source can win")
    return field


SectionName = Annotated[Section, BeforeValidator(_section)]
Visibility = Literal["public", "limited", "registered-only", "private"]


class Source(Entry):
    """A source of events: namespace of our own identifiers, what orders its events, which source wins a slot."""

    namespace: Name | None = None
    order: Literal["sequence", "time"] | None = None
    precedence: int = 0
    """Of two items that ORCID would count as one, that of the source with the greater number stands."""
    wins: list[Annotated[str, AfterValidator(_winnable)]] = Field(default_factory=list)
    """Fields of events that are this source's to say in such an item, whichever of the two stands."""

    @property
    def document_fields(self) -> tuple[str, ...]:
        """The fields of documents that the source wins."""
        return document_fields(self.wins)


class SectionEntry(Entry):
    """A section: off, nothing is written in it. The visibility is sent on create only."""

    enabled: bool = True
    visibility: Visibility | None = None


class ExclusionEntry(Entry):
    """Items left as they stand (freeze) or taken off (withdraw): of these people, sources and sections.

    A list that is not given does not narrow; one has to be.
    """

    people: list[Name] = Field(default_factory=list)
    sources: list[Name] = Field(default_factory=list)
    sections: list[SectionName] = Field(default_factory=list)
    action: Literal["freeze", "withdraw"]

    @model_validator(mode="after")
    def _narrows(self) -> Self:
        if not (self.people or self.sources or self.sections):
            raise PydanticCustomError("whole", "names no people, sources or sections, so it would exclude everything")
        return self


class Leavers(Entry):
    """What becomes of the items of who left, so many days after: kept up, left as they stand, or taken off."""

    action: Literal["keep", "freeze", "withdraw"]
    sections: list[SectionName] = Field(default_factory=lambda: list(Section), min_length=1)
    after_days: Annotated[int, Field(ge=0, le=36_500)] = 0


class Pilot(Entry):
    """The people that a pilot is limited to (ORCID_SYNC_SEND=pilot)."""

    people: list[Name] = Field(default_factory=list)
