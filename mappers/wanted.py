"""What an event makes us want: items, each named by its key, with the document that shall stand on the record."""

from dataclasses import dataclass

from mappers.documents import Document
from mappers.groups import GroupIdRecord
from mappers.sections import Section


@dataclass(frozen=True, slots=True, order=True)
class SourceKey:
    """A source record. `entity` is the event type without its suffix: `/hr` may have two things called 1024."""

    source: str
    entity: str
    subject: str

    def __str__(self) -> str:
        return f"{self.source} {self.entity} {self.subject}"


@dataclass(frozen=True, slots=True, order=True)
class ItemKey:
    """One item that a source record stands for. `part` is what ORCID compares in lists (a keyword); else empty."""

    person: str
    section: Section
    record: SourceKey
    part: str = ""

    def __hash__(self) -> int:  # asked for most of all: one call, and none for the record
        return hash((self.person, self.record.subject, self.part))

    def __str__(self) -> str:
        return f"{self.person} {self.section} {self.record}{' ' if self.part else ''}{self.part}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why ORCID would not take a document: the field as spelled in the event, its value, the rule."""

    field: str
    value: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value} {self.rule}" if self.value else f"{self.field}: {self.rule}"


@dataclass(frozen=True, slots=True)
class WantedItem:
    """An item and the document wanted on the record, or the reason why there can be none.

    `group` is what the event says of the group that a peer review belongs to.
    """

    key: ItemKey
    document: Document | None
    refusal: Refusal | None = None
    group: GroupIdRecord | None = None
