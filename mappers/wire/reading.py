"""ORCID's JSON as it is read: items and lists of every section, in v3.0's and v2.1's spelling (API_FACTS.md 1.5, 6).

Nothing in it is trusted: whatever can't be understood is Unreadable, which names the field.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mappers.documents import Activity, Document, Relationship, self_ids
from mappers.groups import GroupIdRecord
from mappers.identifiers import OWN_TYPE, normalised
from mappers.sections import Section
from mappers.wire.bodies import document_of, message_name
from mappers.wire.json_reply import JsonReply, Unreadable


@dataclass(frozen=True, slots=True)
class FullItem:
    """An item as it stands on a record. `own_ids` are our own opaque ids that it carries: not in the document."""

    put_code: int | None
    client_id: str | None
    document: Document
    own_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as a list shows it. `self_ids` are identities as of `documents.self_ids`, our own opaque ids included.

    `kind` and `title` are for people: a work's type and title, an affiliation's role and organization. `document` is
    there where a list tells all of an item (`Section.lists_whole_items`) that can be read: with our own opaque id.
    """

    section: Section
    put_code: int
    client_id: str | None
    self_ids: frozenset[str]
    kind: str
    title: str
    document: Document | None = None


def read_json(section: Section, item: Any, own_ids: Collection[str] = ()) -> FullItem:
    """Reads a full item; raises Unreadable. What `writing.write` wrote reads back as a document of the same digest."""
    reply = JsonReply.of(item)
    document, ours = without_own_ids(document_of(section, reply), own_ids)
    return FullItem(
        put_code=reply.number("put-code") if reply.body.get("put-code") is not None else None,
        client_id=_client_id(reply),
        document=document,
        own_ids=ours,
    )


def without_own_ids(document: Document, own_ids: Collection[str]) -> tuple[Document, frozenset[str]]:
    """The document without those of our own opaque ids that it carries, and these, normalised."""
    if not isinstance(document, Activity):
        return document, frozenset()
    sought = {normalised(OWN_TYPE, one): f"{OWN_TYPE}:{normalised(OWN_TYPE, one)}" for one in own_ids}
    carried = {one.identity for one in document.external_ids}
    kept = tuple(one for one in document.external_ids if one.identity not in sought.values())
    ours = frozenset(own for own, identity in sought.items() if identity in carried)
    return document.model_copy(update={"external_ids": kept}), ours


def read_listing(section: Section, body: Any) -> tuple[ListedItem, ...]:
    """Reads the list of a section (`/works`, `/employments`, `/keywords`) of either version; raises Unreadable."""
    return tuple(_listed(section, one) for one in _summaries(section, JsonReply.of(body)))


def read_summed_up(section: Section, item: Any) -> ListedItem:
    """What a list would show of a full item, as `writing.write` wrote it; raises Unreadable."""
    reply = JsonReply.of(item)
    return _listed(section, JsonReply({"put-code": 0, **reply.body}))


def _summaries(section: Section, reply: JsonReply) -> list[JsonReply]:
    """The items of a list: grouped by identifiers, affiliations on v2.1 and person sections flat (API_FACTS.md 1.5)."""
    if section.is_of_person:
        return [*reply.objects(message_name(section))]
    key = f"{section}-summary"
    if section.is_affiliation:
        groups = reply.objects("affiliation-group")
        return [*reply.objects(key), *(one.within(key) for group in groups for one in group.objects("summaries"))]
    groups = reply.objects("group")
    inner = [one for group in groups for one in group.objects("peer-review-group")]  # peer reviews of v3.0
    return [one for group in (*groups, *inner) for one in group.objects(key)]


def _listed(section: Section, reply: JsonReply) -> ListedItem:
    put_code, client_id = reply.number("put-code"), _client_id(reply)
    document = _whole(section, reply) if section.lists_whole_items else None
    kind, title = _kind_and_title(section, reply)
    return ListedItem(
        section=section,
        put_code=put_code,
        client_id=client_id,
        self_ids=self_ids(document) if document is not None else _listed_ids(section, reply),
        kind=kind,
        title=title,
        document=document,
    )


def _whole(section: Section, reply: JsonReply) -> Document | None:
    """One item that can't be read, perhaps another's, says nothing about the others."""
    try:
        return document_of(section, reply)
    except Unreadable:
        return None


def _listed_ids(section: Section, reply: JsonReply) -> frozenset[str]:
    """Identities of an item that the list only sums up, or that couldn't be read."""
    holder = reply.within("proposal") if section is Section.RESEARCH_RESOURCE else reply
    return frozenset(
        f"{type_}:{normalised(type_, value)}"
        for one in holder.within("external-ids").objects("external-id")
        if (type_ := one.text("external-id-type"))
        and (value := one.text("external-id-value"))
        and (one.text("external-id-relationship") or "").lower() == Relationship.SELF
    )


def _kind_and_title(section: Section, reply: JsonReply) -> tuple[str, str]:
    match section:
        case Section.WORK | Section.FUNDING:
            found = _term(reply.text("type")), reply.within("title").text("title")
        case Section.PEER_REVIEW:
            found = _term(reply.text("reviewer-role")), reply.within("convening-organization").text("name")
        case Section.RESEARCH_RESOURCE:
            found = None, reply.within("proposal", "title").text("title")
        case Section.OTHER_NAMES | Section.KEYWORDS:
            found = None, reply.text("content")
        case Section.RESEARCHER_URLS:
            found = reply.text("url-name"), reply.text("url")
        case Section.ADDRESS:
            found = None, reply.text("country")
        case Section.EXTERNAL_IDENTIFIERS:
            found = reply.text("external-id-type"), reply.text("external-id-value")
        case _:
            found = reply.text("role-title"), reply.within("organization").text("name")
    kind, title = found
    return kind or "", title or ""


def _term(text: str | None) -> str | None:
    return text.lower().replace("_", "-") if text else None


def read_group(body: Any) -> GroupIdRecord | None:
    """Reads a group-id record; None for the empty one that stands for "there is none" (API_FACTS.md 1.2)."""
    reply = JsonReply.of(body)
    if (group_id := reply.text("group-id")) is None:
        return None
    return GroupIdRecord(group_id, reply.text("name"), reply.text("type"), reply.text("description"))


def source_client(item: Any) -> str | None:
    """The client id of an item's source; None where it cannot be read."""
    try:
        return _client_id(JsonReply.of(item))
    except Unreadable:
        return None


def _client_id(reply: JsonReply) -> str | None:
    return reply.within("source", "source-client-id").text("path")
