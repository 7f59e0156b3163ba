"""Mapping: from a source record's data to the items wanted on ORCID records."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mappers.documents import (
    Affiliation,
    Document,
    ExternalId,
    Funding,
    PeerReview,
    Relationship,
    ResearchResource,
    Work,
)
from mappers.drafts import Draft, Refused
from mappers.families.registry import FAMILIES
from mappers.mapping_file import MappingFile
from mappers.rules import check, check_group
from mappers.wanted import ItemKey, Refusal, SourceKey, WantedItem

MAPPING_NUMBER = 2
"""Grows when this code maps the same data to other documents: a new number maps all records again, and calls nobody."""


def mapping_revision(mapping: MappingFile) -> str:
    """What a source record was mapped by: the code's number, a colon, the mapping file's digest."""
    return f"{MAPPING_NUMBER}:{mapping.revision}"


def map_record(record: SourceKey, data: Mapping[str, Any], mapping: MappingFile) -> tuple[WantedItem, ...]:
    """The items that a source record stands for. `data` is what `parse` gave, now or when the store last took it.

    Of several with one key, the first that is not refused counts; else the first.
    Raises pydantic's ValidationError for data that no `parse` gave.
    """
    family = FAMILIES[record.entity]
    drafts = family.drafts(family.model.model_validate(data), mapping)
    items: dict[ItemKey, WantedItem] = {}
    for draft in drafts:
        for item in _items(draft, record):
            if item.key not in items or (items[item.key].refusal and not item.refusal):
                items[item.key] = item
    return tuple(items.values())


def _items(draft: Draft, record: SourceKey) -> tuple[WantedItem, ...]:
    """The draft's document, or the reason why there can be none, for each of its people."""
    document, refusal = _document(draft)
    group = None if refusal else draft.group
    keys = (ItemKey(person, draft.section, record, draft.part) for person in draft.persons)
    return tuple(WantedItem(key, document, refusal, group) for key in keys)


def _document(draft: Draft) -> tuple[Document, None] | tuple[None, Refusal]:
    try:
        document = draft.build()
    except Refused as refused:
        return None, refused.refusal
    refusal = check(document) or (check_group(draft.group) if draft.group else None)
    return (None, _at_its_origin(refusal, draft)) if refusal else (_tidied(document), None)


def _at_its_origin(refusal: Refusal, draft: Draft) -> Refusal:
    """The refusal names the event's field, and of an organization of the mapping file what looked it up there."""
    if draft.field:
        return replace(refusal, field=".".join(filter(None, (draft.field, refusal.field))))
    if draft.looked_up is None or not refusal.field.startswith("organization."):
        return refusal
    field, value = draft.looked_up
    said = " ".join(filter(None, (refusal.field, refusal.value, refusal.rule)))
    return replace(refusal, field=field, value=value, rule=f"stands in the mapping file, where {said}")


def _tidied(document: Document) -> Document:
    """The document without what says nothing: an identifier given twice, a contributor who is but our own person."""
    match document:
        case Work():
            named = tuple(one for one in document.contributors if one.name or one.orcid)
            return document.model_copy(update={"external_ids": _once(document.external_ids), "contributors": named})
        case Funding():
            named = tuple(one for one in document.contributors if one.name or one.orcid or one.role)
            return document.model_copy(update={"external_ids": _once(document.external_ids), "contributors": named})
        case ResearchResource():
            resources = tuple(
                one.model_copy(update={"external_ids": _once(one.external_ids)}) for one in document.resources
            )
            return document.model_copy(update={"external_ids": _once(document.external_ids), "resources": resources})
        case Affiliation() | PeerReview():
            return document.model_copy(update={"external_ids": _once(document.external_ids)})
        case _:
            return document


def _once(identifiers: tuple[ExternalId, ...]) -> tuple[ExternalId, ...]:
    """The identifiers, each once: the first of those that are one to ORCID."""
    once: dict[tuple[str, Relationship], ExternalId] = {}
    for one in identifiers:
        once.setdefault((one.identity, one.relationship), one)
    return tuple(once.values())
