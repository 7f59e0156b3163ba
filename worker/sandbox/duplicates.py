"""A duplicate: an own item that shares an identifier with the new one (API_FACTS section 4, the v3.0 rule).

Each item claims its identifiers; a new one looks for claims of its own source. Normalised values are compared when
the new value can be normalised, else raw values.
"""

from collections.abc import Iterator, Sequence

from worker.sandbox.documents import external_ids
from worker.sandbox.errors import OrcidError
from worker.sandbox.identifiers import normalise
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Claim, Item, Record, Source

CLAIMING = frozenset({None, "self", "version-of"})
"""Relationships that can ever conflict; `version-of` only with a work of a bulk (section 1.4)."""


def claims_of(item: Item) -> Iterator[Claim]:
    """What an item on a record holds: each identifier by its normalised and by its raw value."""
    for identifier in external_ids(item.document):
        kind, value = identifier["external-id-type"], identifier["external-id-value"]
        relationship = identifier["external-id-relationship"]
        if relationship in CLAIMING and kind and value:
            yield item.section, item.source, relationship, kind, "raw", value
            if normalised := normalise(kind, value):
                yield item.section, item.source, relationship, kind, "normalised", normalised


def check_duplicates(
    record: Record, section: str, source: Source, document: JsonObject, *, itself: int | None = None
) -> None:
    """9021 when an own item of the section has the same `self` identifier (or the same with no relationship)."""
    _refuse(record, itself, _wanted(section, source, document, {"self": ("self",), None: (None,)}))


def check_bulk_duplicates(record: Record, section: str, source: Source, document: JsonObject) -> None:
    """9021 by the rule of a bulk: a new `self` also conflicts with an own `version-of` (section 1.4)."""
    _refuse(record, None, _wanted(section, source, document, {"self": ("self", "version-of")}))


def _wanted(
    section: str,
    source: Source,
    document: JsonObject,
    conflicts: dict[str | None, Sequence[str | None]],
) -> Iterator[Claim]:
    for identifier in external_ids(document):
        kind, value = identifier["external-id-type"], identifier["external-id-value"]
        if not kind or not value:
            continue
        normalised = normalise(kind, value)
        form = ("normalised", normalised) if normalised else ("raw", value)
        for relationship in conflicts.get(identifier["external-id-relationship"], ()):
            yield section, source, relationship, kind, *form


def _refuse(record: Record, itself: int | None, wanted: Iterator[Claim]) -> None:
    holders = set(record.claimed_by(wanted)) - {itself}
    if holders:
        raise OrcidError(9021, putCode=min(holders))
