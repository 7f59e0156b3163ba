"""A reply: an item, a summary or a list as ORCID writes them in JSON (API_FACTS sections 1.5 and 6)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from worker.sandbox.documents import external_ids
from worker.sandbox.identifiers import with_normalised
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item, Source

HOST: Final = "orcid.org"
_WORK_SUMMARY: Final = ("title", "external-ids", "url", "type", "publication-date", "journal-title")
Names = Callable[[str], str | None]
"""The name of a source by its client id or iD."""


def full_item(orcid: str, item: Item, names: Names, *, path: bool = True) -> JsonObject:
    """The whole item; `path` is null in the reply to a PUT and in a bulk."""
    head = _head(item, names)
    where = item_path(orcid, item) if path else None
    if item.section == "work":
        return {**head, "path": where, **_content(item), "visibility": item.visibility}
    return {**head, **_content(item), "display-index": "1", "visibility": item.visibility, "path": where}


def summary(orcid: str, item: Item, names: Names) -> JsonObject:
    """The item as it stands in a list."""
    if item.section != "work":
        return full_item(orcid, item, names)
    head = _head(item, names)
    content = _content(item)
    return {
        "put-code": head.pop("put-code"),
        **head,
        **{key: content[key] for key in _WORK_SUMMARY},
        "visibility": item.visibility,
        "path": item_path(orcid, item),
        "display-index": "1",
    }


def grouped_works(orcid: str, items: Sequence[Item], names: Names) -> JsonObject:
    """The works of a record, those that share an identifier in one group."""
    groups = [
        {**_group_head(members), "work-summary": [summary(orcid, item, names) for item in members]}
        for members in grouped(items)
    ]
    return {"last-modified-date": _latest(items), "group": groups, "path": f"/{orcid}/works"}


def grouped_affiliations(orcid: str, plural: str, items: Sequence[Item], names: Names) -> JsonObject:
    """The affiliations of one kind, those that share an identifier in one group."""
    groups = [
        {
            **_group_head(members),
            "summaries": [{f"{item.section}-summary": summary(orcid, item, names)} for item in members],
        }
        for members in grouped(items)
    ]
    return {"last-modified-date": _latest(items), "affiliation-group": groups, "path": f"/{orcid}/{plural}"}


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


def item_path(orcid: str, item: Item) -> str:
    """Where the item is, without host and version."""
    return f"/{orcid}/{item.section}/{item.put_code}"


def source_json(source: Source, names: Names) -> JsonObject:
    """Who made the item, as ORCID shows it (section 6.1)."""
    origin_name = names(source.assertion_origin_orcid or source.assertion_origin_client_id or "")
    return {
        "source-orcid": _identity(source.orcid, ""),
        "source-client-id": _identity(source.client_id, "client/"),
        "source-name": _value(names(source.client_id or source.orcid or "")),
        "assertion-origin-orcid": _identity(source.assertion_origin_orcid, ""),
        "assertion-origin-client-id": _identity(source.assertion_origin_client_id, "client/"),
        "assertion-origin-name": _value(origin_name),
    }


def _head(item: Item, names: Names) -> JsonObject:
    return {
        "created-date": {"value": item.created},
        "last-modified-date": {"value": item.modified},
        "source": source_json(item.source, names),
        "put-code": item.put_code,
    }


def _content(item: Item) -> JsonObject:
    document = item.document
    if document["external-ids"] is None:
        return document
    shown = [with_normalised(identifier) for identifier in external_ids(document)]
    return {**document, "external-ids": {"external-id": shown}}


def _group_head(members: Sequence[Item]) -> JsonObject:
    shown: dict[tuple[str, str], JsonObject] = {}
    for item in members:
        for identifier in external_ids(item.document):
            if identifier["external-id-relationship"] in {"self", "version-of"}:
                key = (identifier["external-id-type"], identifier["external-id-value"])
                shown.setdefault(key, with_normalised(identifier))
    return {"last-modified-date": _latest(members), "external-ids": {"external-id": list(shown.values())}}


def _grouping_keys(item: Item) -> set[tuple[str, str]]:
    keys = set()
    for identifier in external_ids(item.document):
        if identifier["external-id-relationship"] in {"self", "version-of"}:
            shown = with_normalised(identifier)
            normalised = shown["external-id-normalized"]
            value = shown["external-id-value"] if normalised is None else normalised["value"]
            keys.add((shown["external-id-type"], value))
    return keys


def _latest(items: Sequence[Item]) -> JsonObject | None:
    return {"value": max(item.modified for item in items)} if items else None


def _identity(identifier: str | None, folder: str) -> JsonObject | None:
    if identifier is None:
        return None
    return {"uri": f"https://{HOST}/{folder}{identifier}", "path": identifier, "host": HOST}


def _value(text: Any) -> JsonObject | None:
    return None if text is None else {"value": text}
