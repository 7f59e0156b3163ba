"""Writing: the bytes that ORCID takes for a document, in any version and format (API_FACTS.md 1.4, 6)."""

import json
from collections.abc import Sequence

from mappers.documents import Activity, Document, ExternalId, Work, self_ids
from mappers.forms import Form, Format, Version
from mappers.groups import GroupIdRecord
from mappers.identifiers import OWN_TYPE
from mappers.wire.bodies import body_of, message_name
from mappers.wire.body_parts import Json
from mappers.wire.v2_1 import narrowed, respelled
from mappers.wire.xml import write_xml


def write(
    document: Document,
    form: Form,
    *,
    own_id: str | None = None,
    put_code: int | None = None,
    visibility: str | None = None,
) -> bytes:
    """The message for one item, without what is not set. `put_code` is for a PUT (error 9019 without it).

    Our own opaque id is added where the section and the version have a place for it. Raises ValueError when v2.1 can't
    carry the document, or XML one of its characters: both are refused before (v2_1.py, mappers/rules/).
    """
    body = _message(document, form, own_id, put_code, visibility)
    return _bytes(message_name(document.section), body, form)


def write_works(parts: Sequence[tuple[Work, str | None]], form: Form, *, visibility: str | None = None) -> bytes:
    """The message that adds works in one call, each with our own id or None; raises ValueError as `write` does."""
    works = [_message(work, form, own_id, None, visibility) for work, own_id in parts]
    return _bytes("bulk", {"bulk": [{"work": work} for work in works]}, form)


def write_group(record: GroupIdRecord, form: Form) -> bytes:
    """The message that creates a group; raises ValueError for an incomplete one. ORCID requires a description."""
    if not record.is_complete:
        raise ValueError(f"group {record.id} has no name and type")
    body = {
        "name": record.name,
        "group-id": record.id,
        "description": record.description or record.name,
        "type": record.type,
    }
    return _xml_or_json("group-id-record", body, form)


def _message(document: Document, form: Form, own_id: str | None, put_code: int | None, visibility: str | None) -> Json:
    carried = document
    if form.version is Version.V2_1:
        found = narrowed(document)
        if found.document is None:
            raise ValueError(found.lacks)
        carried = found.document
        own_id = None if document.section.is_affiliation else own_id
    body = body_of(_with_own_id(carried, own_id))
    facts = {"put-code": put_code, **body, "visibility": visibility}
    return {key: value for key, value in facts.items() if value is not None}


def _with_own_id(document: Document, own_id: str | None) -> Document:
    if own_id is None or not isinstance(document, Activity) or f"{OWN_TYPE}:{own_id}" in self_ids(document):
        return document
    ids = (*document.external_ids, ExternalId(type=OWN_TYPE, value=own_id))
    return document.model_copy(update={"external_ids": ids})


def _bytes(name: str, body: Json, form: Form) -> bytes:
    if form.version is Version.V2_1:
        body = respelled(body, capitals=form.format is Format.JSON)
    return _xml_or_json(name, body, form)


def _xml_or_json(name: str, body: Json, form: Form) -> bytes:
    if form.format is Format.XML:
        return write_xml(name, body, form.version)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
