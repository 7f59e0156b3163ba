"""ORCID's JSON of v3.0: documents as they are written, items as they are read back (API_FACTS.md 6.1, 6.2)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mappers.dates import FuzzyDate
from mappers.documents import (
    Affiliation,
    Citation,
    Contributor,
    Document,
    ExternalId,
    Organization,
    Relationship,
    TranslatedTitle,
    Work,
    self_ids,
)
from mappers.identifiers import OWN_TYPE, normalised, parse_orcid_id
from mappers.json_reply import JsonReply, Unreadable
from mappers.sections import Section

Json = dict[str, Any]


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

    `kind` and `title` are for people: a work's type and title, an affiliation's role and organization.
    """

    section: Section
    put_code: int
    client_id: str | None
    self_ids: frozenset[str]
    kind: str
    title: str


def write_json(document: Document, *, own_id: str | None = None, put_code: int | None = None) -> Json:
    """The message that ORCID takes: without what is not set. `put_code` is for a PUT (error 9019 without it)."""
    body = _work(document) if isinstance(document, Work) else _affiliation(document)
    ids = [_external_id(one) for one in document.external_ids]
    if own_id is not None and f"{OWN_TYPE}:{own_id}" not in self_ids(document):
        ids.append(_external_id(ExternalId(type=OWN_TYPE, value=own_id)))
    return _set(**{"put-code": put_code}, **body, **{"external-ids": {"external-id": ids} if ids else None})


def read_json(section: Section, item: Any, own_ids: Collection[str] = ()) -> FullItem:
    """Reads a full item; raises Unreadable. What `write_json` wrote reads back as a document of the same digest."""
    reply = JsonReply.of(item)
    try:
        document = _read_work(reply) if section is Section.WORK else _read_affiliation(section, reply)
    except ValueError as error:
        raise Unreadable(f"{section}: {error}") from None
    found = [one.identity.removeprefix(f"{OWN_TYPE}:") for one in document.external_ids if one.type == OWN_TYPE]
    ours = frozenset(found) & {normalised(OWN_TYPE, one) for one in own_ids}
    kept = tuple(one for one in document.external_ids if one.identity not in {f"{OWN_TYPE}:{own}" for own in ours})
    return FullItem(
        put_code=reply.number("put-code") if reply.body.get("put-code") is not None else None,
        client_id=_client_id(reply),
        document=document.model_copy(update={"external_ids": kept}),
        own_ids=ours,
    )


def read_listing(section: Section, body: Any) -> tuple[ListedItem, ...]:
    """Reads the list of a section (`/works`, `/employments`); raises Unreadable."""
    reply = JsonReply.of(body)
    if section is Section.WORK:
        return tuple(_listed_work(one) for group in reply.objects("group") for one in group.objects("work-summary"))
    return tuple(
        _listed_affiliation(section, one.within(f"{section}-summary"))
        for group in reply.objects("affiliation-group")
        for one in group.objects("summaries")
    )


def _set(**entries: Any) -> Json:
    return {key: value for key, value in entries.items() if value is not None}


def _value(text: str | None) -> Json | None:
    return None if text is None else {"value": text}


def _affiliation(affiliation: Affiliation) -> Json:
    return {
        "department-name": affiliation.department_name,
        "role-title": affiliation.role_title,
        "start-date": _date(affiliation.start_date),
        "end-date": _date(affiliation.end_date),
        "organization": _organization(affiliation.organization),
        "url": _value(affiliation.url),
    }


def _work(work: Work) -> Json:
    translated, citation = work.translated_title, work.citation
    contributors = [_contributor(one) for one in work.contributors] or None
    return {
        "title": _set(
            title=_value(work.title),
            subtitle=_value(work.subtitle),
            **{"translated-title": translated and {"value": translated.value, "language-code": translated.language}},
        ),
        "journal-title": _value(work.journal_title),
        "short-description": work.short_description,
        "citation": citation and {"citation-type": citation.type, "citation-value": citation.value},
        "type": work.type,
        "publication-date": _date(work.publication_date),
        "url": _value(work.url),
        "contributors": contributors and {"contributor": contributors},
        "language-code": work.language_code,
        "country": _value(work.country),
    }


def _date(date: FuzzyDate | None) -> Json | None:
    if date is None:
        return None
    month, day = (f"{part:02d}" if part is not None else None for part in (date.month, date.day))
    return _set(year=_value(f"{date.year:04d}"), month=_value(month), day=_value(day))


def _organization(organization: Organization) -> Json:
    disambiguated = {
        "disambiguated-organization-identifier": organization.identifier,
        "disambiguation-source": organization.identifier_source,
    }
    return _set(
        name=organization.name,
        address=_set(city=organization.city, region=organization.region, country=organization.country),
        **{"disambiguated-organization": disambiguated if organization.identifier else None},
    )


def _external_id(one: ExternalId) -> Json:
    return _set(
        **{
            "external-id-type": one.type,
            "external-id-value": one.value,
            "external-id-url": _value(one.url),
            "external-id-relationship": one.relationship.value,
        }
    )


def _contributor(one: Contributor) -> Json:
    orcid = one.orcid and {"uri": f"https://orcid.org/{one.orcid}", "path": one.orcid, "host": "orcid.org"}
    attributes = _set(**{"contributor-sequence": one.sequence, "contributor-role": one.role})
    return _set(
        **{
            "contributor-orcid": orcid,
            "credit-name": _value(one.name),
            "contributor-attributes": attributes or None,
        }
    )


def _read_affiliation(section: Section, reply: JsonReply) -> Affiliation:
    return Affiliation.model_validate(
        {
            "section": section,
            "organization": _read_organization(reply.within("organization")),
            "department_name": reply.text("department-name"),
            "role_title": reply.text("role-title"),
            "start_date": _read_date(reply.within("start-date")),
            "end_date": _read_date(reply.within("end-date")),
            "url": reply.text("url"),
            "external_ids": _read_external_ids(reply),
        }
    )


def _read_work(reply: JsonReply) -> Work:
    title, citation = reply.within("title"), reply.within("citation")
    return Work(
        title=title.required("title"),
        type=_folded(reply.required("type")),
        subtitle=title.text("subtitle"),
        translated_title=_read_translated(title),
        journal_title=reply.text("journal-title"),
        short_description=reply.text("short-description"),
        citation=_read_citation(citation) if citation.body else None,
        publication_date=_read_date(reply.within("publication-date")),
        external_ids=_read_external_ids(reply),
        url=reply.text("url"),
        contributors=tuple(_read_contributor(one) for one in reply.within("contributors").objects("contributor")),
        language_code=reply.text("language-code"),
        country=reply.text("country"),
    )


def _read_translated(title: JsonReply) -> TranslatedTitle | None:
    value = title.text("translated-title")
    if value is None:
        return None
    return TranslatedTitle(value=value, language=title.within("translated-title").required("language-code"))


def _read_citation(citation: JsonReply) -> Citation:
    return Citation(type=_folded(citation.required("citation-type")), value=citation.required("citation-value"))


def _read_date(reply: JsonReply) -> FuzzyDate | None:
    parts = [reply.text(part) for part in ("year", "month", "day")]
    known = parts[: parts.index(None)] if None in parts else parts
    return FuzzyDate.parse("-".join(part for part in known if part)) if known else None


def _read_organization(reply: JsonReply) -> Organization:
    address, disambiguated = reply.within("address"), reply.within("disambiguated-organization")
    return Organization(
        name=reply.required("name"),
        city=address.text("city"),
        region=address.text("region"),
        country=address.text("country"),
        identifier=disambiguated.text("disambiguated-organization-identifier"),
        identifier_source=disambiguated.text("disambiguation-source"),
    )


def _read_external_ids(reply: JsonReply) -> tuple[ExternalId, ...]:
    return tuple(
        ExternalId(
            type=one.required("external-id-type"),
            value=one.required("external-id-value"),
            relationship=Relationship(_folded(one.text("external-id-relationship") or Relationship.SELF)),
            url=one.text("external-id-url"),
        )
        for one in reply.within("external-ids").objects("external-id")
    )


def _read_contributor(reply: JsonReply) -> Contributor:
    orcid = reply.within("contributor-orcid").text("path")
    attributes = reply.within("contributor-attributes")
    return Contributor.model_validate(
        {
            "name": reply.text("credit-name"),
            "orcid": parse_orcid_id(orcid) if orcid else None,
            "role": attributes.text("contributor-role"),
            "sequence": attributes.text("contributor-sequence"),
        }
    )


def _folded(term: str) -> str:
    return term.lower().replace("_", "-")


def source_client(item: Any) -> str | None:
    """The client id of an item's source; None where it cannot be read."""
    try:
        return _client_id(JsonReply.of(item))
    except Unreadable:
        return None


def _client_id(reply: JsonReply) -> str | None:
    return reply.within("source", "source-client-id").text("path")


def _listed_work(reply: JsonReply) -> ListedItem:
    title = reply.within("title").text("title") or ""
    return _listed(Section.WORK, reply, kind=reply.text("type") or "", title=title)


def _listed_affiliation(section: Section, reply: JsonReply) -> ListedItem:
    organization = reply.within("organization").text("name") or ""
    return _listed(section, reply, kind=reply.text("role-title") or "", title=organization)


def _listed(section: Section, reply: JsonReply, *, kind: str, title: str) -> ListedItem:
    ids = reply.within("external-ids").objects("external-id")
    return ListedItem(
        section=section,
        put_code=reply.number("put-code"),
        client_id=_client_id(reply),
        self_ids=frozenset(
            f"{type_}:{normalised(type_, value)}"
            for one in ids
            if (type_ := one.text("external-id-type"))
            and (value := one.text("external-id-value"))
            and _folded(one.text("external-id-relationship") or "") == Relationship.SELF
        ),
        kind=kind,
        title=title,
    )
