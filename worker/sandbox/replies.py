"""A reply: an item or its summary as ORCID writes them in JSON (API_FACTS sections 1.5 and 6)."""

from collections.abc import Callable
from typing import Any, Final

from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item, Source
from worker.sandbox.sections.documents import listed_ids
from worker.sandbox.sections.identifiers import with_normalised, without_normalised
from worker.sandbox.sections.table import SECTIONS

HOST: Final = "orcid.org"
_UNORDERED: Final = frozenset({"work", "funding", "peer-review"})
"""Sections whose full items have no display-index."""
_WORK_SUMMARY: Final = ("title", "external-ids", "url", "type", "publication-date", "journal-title")
_FUNDING_SUMMARY: Final = ("title", "external-ids", "url", "type", "start-date", "end-date", "organization")
Names = Callable[[str], str | None]
"""The name of a source by its client id or iD."""


def full_item(orcid: str, item: Item, names: Names, *, path: bool = True) -> JsonObject:
    """The whole item; `path` is null in the reply to a PUT of an activity and in a bulk."""
    head = _head(item, names)
    where = item_path(orcid, item)
    if not SECTIONS[item.section].is_activity:
        return _person_item(item, head, where)
    shown = where if path else None
    if item.section in _UNORDERED:
        return {**head, "path": shown, **content_of_reply(item), "visibility": item.visibility}
    return {**head, **content_of_reply(item), "display-index": "1", "visibility": item.visibility, "path": shown}


def summary(orcid: str, item: Item, names: Names) -> JsonObject:
    """The item as it stands in a list; items of the person stand there as they are."""
    shorten = _SUMMARIES.get(item.section)
    if shorten is None:
        return full_item(orcid, item, names)
    head = _head(item, names)
    return {
        "put-code": head.pop("put-code"),
        **head,
        **shorten(content_of_reply(item)),
        "visibility": item.visibility,
        "path": item_path(orcid, item),
        "display-index": "1",
    }


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


def content_of_reply(item: Item) -> JsonObject:
    """The item's document with the normalised form beside each identifier; ORCID normalises none of a funding."""
    document = item.document
    match item.section:
        case "funding":
            return _with_ids(document, "external-ids", without_normalised)
        case "peer-review":
            subject = document["subject-external-identifier"]
            shown = None if subject is None else with_normalised(subject)
            return {**_with_ids(document, "review-identifiers"), "subject-external-identifier": shown}
        case "research-resource":
            resources = [_with_ids(resource, "external-ids") for resource in document["resource-item"]]
            return {"proposal": _with_ids(document["proposal"], "external-ids"), "resource-item": resources}
        case section if SECTIONS[section].is_activity:
            return _with_ids(document, "external-ids")
        case _:
            return document


def _person_item(item: Item, head: JsonObject, path: str) -> JsonObject:
    put_code = head.pop("put-code")
    end = {"visibility": item.visibility, "path": path, "put-code": put_code, "display-index": 1}
    return {**head, **item.document, **end}


def _with_ids(part: JsonObject, key: str, show: Callable[[JsonObject], JsonObject] = with_normalised) -> JsonObject:
    if part[key] is None:
        return part
    return {**part, key: {"external-id": [show(identifier) for identifier in listed_ids(part[key])]}}


def _picked(*keys: str) -> Callable[[JsonObject], JsonObject]:
    return lambda content: {key: content[key] for key in keys}


def _short_review(content: JsonObject) -> JsonObject:
    return {
        "reviewer-role": content["reviewer-role"],
        "external-ids": content["review-identifiers"],
        "review-url": content["review-url"],
        "review-type": content["review-type"],
        "completion-date": content["review-completion-date"],
        "review-group-id": content["review-group-id"],
        "convening-organization": content["convening-organization"],
    }


def _identity(identifier: str | None, folder: str) -> JsonObject | None:
    if identifier is None:
        return None
    return {"uri": f"https://{HOST}/{folder}{identifier}", "path": identifier, "host": HOST}


def _value(text: Any) -> JsonObject | None:
    return None if text is None else {"value": text}


_SUMMARIES: Final[dict[str, Callable[[JsonObject], JsonObject]]] = {
    "work": _picked(*_WORK_SUMMARY),
    "funding": _picked(*_FUNDING_SUMMARY),
    "peer-review": _short_review,
    "research-resource": _picked("proposal"),
}
