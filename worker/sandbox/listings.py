"""A list of a section as ORCID writes it in JSON, with its groups (API_FACTS section 1.5)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item
from worker.sandbox.replies import Names, full_item, summary
from worker.sandbox.sections.documents import external_ids
from worker.sandbox.sections.identifiers import with_normalised, without_normalised
from worker.sandbox.sections.table import Section

_GROUPING: Final = frozenset({"self", "version-of"})


def listing(section: Section, orcid: str, items: Sequence[Item], names: Names) -> JsonObject:
    """The list of a section: activities that share an identifier in one group, items of the person as they are."""
    head = {"last-modified-date": latest(items)}
    path = f"/{orcid}/{section.plural}"
    if not section.is_activity:
        return {**head, section.element: [full_item(orcid, item, names) for item in items], "path": path}

    def short(item: Item) -> JsonObject:
        return summary(orcid, item, names)

    if section.family == "affiliation":
        affiliations = [_affiliations(members, short) for members in grouped(items)]
        return {**head, "affiliation-group": affiliations, "path": path}
    if section.name == "peer-review":
        return {**head, "group": _reviews(items, short), "path": path}
    key = f"{section.name}-summary"
    groups = [{**_group_head(members), key: [*map(short, members)]} for members in grouped(items)]
    return {**head, "group": groups, "path": path}


def grouped(items: Iterable[Item]) -> list[list[Item]]:
    """Items in groups: two belong together when they share a normalised `self` or `version-of` identifier."""
    groups: dict[int, list[Item]] = {}
    group_of: dict[tuple[str, str], int] = {}
    for number, item in enumerate(items):
        keys = _grouping_keys(item)
        joined = {group_of[key] for key in keys if key in group_of}
        target = min(joined, default=number)
        members = groups.setdefault(target, [])
        for other in joined - {target}:
            members.extend(groups.pop(other))
            group_of = {key: target if group == other else group for key, group in group_of.items()}
        members.append(item)
        group_of.update(dict.fromkeys(keys, target))
    return list(groups.values())


def latest(items: Sequence[Item]) -> JsonObject | None:
    """When the latest of the items changed."""
    return {"value": max(item.modified for item in items)} if items else None


def _affiliations(members: Sequence[Item], short: Callable[[Item], JsonObject]) -> JsonObject:
    return {**_group_head(members), "summaries": [{f"{item.section}-summary": short(item)} for item in members]}


def _reviews(items: Sequence[Item], short: Callable[[Item], JsonObject]) -> list[JsonObject]:
    """Peer reviews by their group-id, and in each by their identifiers."""
    by_group: dict[str, list[Item]] = {}
    for item in items:
        by_group.setdefault(item.document["review-group-id"], []).append(item)
    return [
        {
            "last-modified-date": latest(members),
            "external-ids": {"external-id": [_group_identifier(group_id)]},
            "peer-review-group": [
                {**_group_head(same), "peer-review-summary": [*map(short, same)]} for same in grouped(members)
            ],
        }
        for group_id, members in by_group.items()
    ]


def _group_identifier(group_id: str) -> JsonObject:
    return {
        "external-id-type": "peer-review",
        "external-id-value": group_id,
        "external-id-normalized": None,
        "external-id-normalized-error": None,
        "external-id-url": None,
        "external-id-relationship": None,
    }


def _group_head(members: Sequence[Item]) -> JsonObject:
    shown: dict[tuple[str, str], JsonObject] = {}
    for item in members:
        for identifier in external_ids(item.document):
            if identifier["external-id-relationship"] in _GROUPING:
                key = (identifier["external-id-type"], identifier["external-id-value"])
                shown.setdefault(key, _shown(item, identifier))
    return {"last-modified-date": latest(members), "external-ids": {"external-id": list(shown.values())}}


def _grouping_keys(item: Item) -> set[tuple[str, str]]:
    keys = set()
    for identifier in external_ids(item.document):
        if identifier["external-id-relationship"] in _GROUPING:
            shown = _shown(item, identifier)
            normalised = shown["external-id-normalized"]
            value = shown["external-id-value"] if normalised is None else normalised["value"]
            keys.add((shown["external-id-type"], value))
    return keys


def _shown(item: Item, identifier: JsonObject) -> JsonObject:
    return without_normalised(identifier) if item.section == "funding" else with_normalised(identifier)
