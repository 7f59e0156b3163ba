"""Mapping: from a source record's data to the items wanted on ORCID records."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mappers.documents import Document, Work
from mappers.drafts import Draft, Refused
from mappers.families import FAMILIES
from mappers.mapping_file import MappingFile
from mappers.rules import check
from mappers.wanted import ItemKey, Refusal, SourceKey, WantedItem

MAPPING_NUMBER = 1
"""Grows when this code maps the same data to other documents: a new number maps all records again, and calls nobody."""


def mapping_revision(mapping: MappingFile) -> str:
    """What a source record was mapped by: the code's number, a colon, the mapping file's digest."""
    return f"{MAPPING_NUMBER}:{mapping.revision}"


def map_record(record: SourceKey, data: Mapping[str, Any], mapping: MappingFile) -> tuple[WantedItem, ...]:
    """The items that a source record stands for. `data` is what `parse` gave, now or when the store last took it.

    Raises pydantic's ValidationError for data that no `parse` gave.
    """
    family = FAMILIES[record.entity]
    drafts = family.drafts(family.model.model_validate(data), mapping)
    return tuple(item for draft in drafts for item in _items(draft, record))


def _items(draft: Draft, record: SourceKey) -> tuple[WantedItem, ...]:
    """The draft's document, or the reason why there can be none, for each of its people."""
    document: Document | None = None
    try:
        document = draft.build()
        refusal = check(document)
    except Refused as refused:
        refusal = refused.refusal
    if refusal is not None:
        document, refusal = None, _at_its_origin(refusal, draft)
    elif document is not None:
        document = _tidied(document)
    keys = (ItemKey(person, draft.section, record, draft.part) for person in draft.persons)
    return tuple(WantedItem(key, document, refusal) for key in keys)


def _at_its_origin(refusal: Refusal, draft: Draft) -> Refusal:
    """The refusal of an organization that came from the mapping file names what looked it up there."""
    if draft.looked_up is None or not refusal.field.startswith("organization."):
        return refusal
    field, value = draft.looked_up
    said = " ".join(filter(None, (refusal.field, refusal.value, refusal.rule)))
    return replace(refusal, field=field, value=value, rule=f"stands in the mapping file, where {said}")


def _tidied(document: Document) -> Document:
    """The document without what says nothing: an identifier given twice, a contributor without name and iD."""
    changes: dict[str, Any] = {}
    once = {(one.identity, one.relationship): one for one in reversed(document.external_ids)}
    if len(once) < len(document.external_ids):
        changes["external_ids"] = tuple(reversed(once.values()))
    if isinstance(document, Work) and not all(one.name or one.orcid for one in document.contributors):
        changes["contributors"] = tuple(one for one in document.contributors if one.name or one.orcid)
    return document.model_copy(update=changes) if changes else document
