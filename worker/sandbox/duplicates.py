"""A duplicate: an own item that shares an identifier, or its content, with the new one (API_FACTS section 4).

Each item claims what it would be found by; a new one looks for claims of its own source. In v3.0 normalised values are
compared when the new value can be normalised, else raw ones; in v2.1 and for fundings always raw ones.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Claim, Item, Record, Source
from worker.sandbox.sections.documents import external_ids
from worker.sandbox.sections.identifiers import normalise
from worker.sandbox.sections.table import SECTIONS, Section
from worker.sandbox.versions import V2_1, V3_0

Conflicts = dict[str | None, Sequence[str | None]]
"""Which relationships of standing items a new one's relationship conflicts with."""

ALIKE: Final[Conflicts] = {"self": ("self",), None: (None,)}
ALIKE_2_1: Final[Conflicts] = {**ALIKE, "version-of": ("version-of",), "funded-by": ("funded-by",)}
IN_BULK: Final[Conflicts] = {"self": ("self", "version-of")}
IN_BULK_2_1: Final[Conflicts] = {"self": ("self", "version-of", None)}


def claims_of(item: Item) -> Iterator[Claim]:
    """What an item on a record holds: each identifier by its normalised and by its raw value, or its content."""
    section = SECTIONS[item.section]
    if not section.is_activity:
        yield from _content_claims(section, item.source, item.document)
        return
    for identifier in external_ids(item.document):
        kind, value = identifier["external-id-type"], identifier["external-id-value"]
        relationship = identifier["external-id-relationship"]
        if relationship != "part-of" and kind and value:
            yield item.section, item.source, relationship, kind, "raw", value
            if section.normalises and (normalised := normalise(kind, value)):
                yield item.section, item.source, relationship, kind, "normalised", normalised


def check_duplicates(
    record: Record,
    section: Section,
    source: Source,
    document: JsonObject,
    version: str = V3_0,
    *,
    itself: int | None = None,
) -> None:
    """Raise what tells of an own item of the section that is the same; `itself` is the item that a PUT is about.

    9021 for activities: in v3.0 both relationships are `self` or none, in v2.1 they are equal and not `part-of`.
    9030 for items of the person, with the word and value that ORCID puts into the text.
    """
    if not section.is_activity:
        _check_content(record, section, source, document, version=version, itself=itself)
    elif itself is None or section.compares_updates:
        conflicts = ALIKE if version == V3_0 else ALIKE_2_1
        _refuse(record, itself, _wanted(record, section, source, document, version=version, conflicts=conflicts))


def check_bulk_duplicates(
    record: Record, section: Section, source: Source, document: JsonObject, version: str = V3_0
) -> None:
    """9021 by the rule of a bulk: a new `self` also conflicts with an own `version-of` (section 1.4).

    In v2.1 it conflicts with anything but `part-of` and `funded-by`.
    """
    conflicts = IN_BULK if version == V3_0 else IN_BULK_2_1
    _refuse(record, None, _wanted(record, section, source, document, version=version, conflicts=conflicts))


def _wanted(
    record: Record, section: Section, source: Source, document: JsonObject, *, version: str, conflicts: Conflicts
) -> Iterator[Claim]:
    for identifier in external_ids(document):
        kind, value = identifier["external-id-type"], identifier["external-id-value"]
        if not kind or not value:
            continue
        normalised = normalise(kind, value) if section.normalises and version == V3_0 else ""
        form = ("normalised", normalised) if normalised else ("raw", value)
        for relationship in conflicts.get(identifier["external-id-relationship"], ()):
            for alike in _alike(source, record.orcid, version):
                yield section.name, alike, relationship, kind, *form


def _content_claims(section: Section, source: Source, document: JsonObject) -> Iterator[Claim]:
    if section.identity is not None:
        kind, value = section.identity(document)
        yield section.name, source, None, kind, "raw", value


def _check_content(
    record: Record, section: Section, source: Source, document: JsonObject, *, version: str, itself: int | None
) -> None:
    wanted = (
        claim for alike in _alike(source, record.orcid, version) for claim in _content_claims(section, alike, document)
    )
    if set(record.claimed_by(wanted)) - {itself}:
        created, updated = section.duplicate_words
        value = document[section.duplicate_key]
        shown = value["value"] if isinstance(value, dict) else value
        raise OrcidError(9030, value=shown, type=created if itself is None else updated)


def _alike(source: Source, orcid: str, version: str) -> tuple[Source, ...]:
    """The sources that count as this one: v2.1 does not look at whose behalf a client wrote on (section 2.3)."""
    if version != V2_1 or source.client_id is None:
        return (source,)
    return Source(client_id=source.client_id), Source(client_id=source.client_id, assertion_origin_orcid=orcid)


def _refuse(record: Record, itself: int | None, wanted: Iterator[Claim]) -> None:
    holders = set(record.claimed_by(wanted)) - {itself}
    if holders:
        raise OrcidError(9021, putCode=min(holders))
