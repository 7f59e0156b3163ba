"""A researcher: what people do on orcid.org itself, beside all clients: consent, revoke, add, edit and delete."""

from dataclasses import replace
from typing import Any

from worker.sandbox.control_forms import (
    CodeForm,
    EditForm,
    GrantForm,
    GroupForm,
    ItemForm,
    RecordForm,
    RevocationForm,
)
from worker.sandbox.grants import LONG_LIVED, THREE_LEGGED, TWO_LEGGED, Client, Code, Grant, TokenState
from worker.sandbox.groups import GroupIdRecord
from worker.sandbox.messages import JsonObject
from worker.sandbox.oauth.tokens import token_response
from worker.sandbox.operations import read_content
from worker.sandbox.records import Item, Record, RecordState, Source
from worker.sandbox.sandbox import CLIENT_SECRET, Sandbox, UnusableError
from worker.sandbox.sections.table import GROUP_IDS, SECTIONS, Section


def settle_record(sandbox: Sandbox, form: RecordForm) -> Record:
    """The record as the form wants it; what the form does not say stays."""
    if form.state is RecordState.DEPRECATED and form.primary is None:
        raise UnusableError("primary: a deprecated record needs the iD it was merged into")
    record = sandbox.create_record(form.orcid, form.name, form.visibility)
    record.name = form.name or record.name
    record.visibility = form.visibility or record.visibility
    record.state = form.state or record.state
    record.primary = form.primary or record.primary
    record.email = form.email or record.email
    return record


def find_record(sandbox: Sandbox, orcid: str) -> Record:
    """The record whatever its state; raises `UnusableError` when there is none."""
    if orcid not in sandbox.records:
        raise UnusableError(f"orcid: there is no record {orcid}")
    return sandbox.records[orcid]


def grant(sandbox: Sandbox, form: GrantForm) -> JsonObject:
    """A token response, as if the researcher had agreed and the client had exchanged the code."""
    scopes = _scopes(form)
    _ensure_client(sandbox, form.client_id)
    if form.orcid is not None:
        _ensure_record(sandbox, form.orcid, form.name)
    lifetime = LONG_LIVED if form.expires_in is None else form.expires_in
    issued = sandbox.grants.issue(form.client_id, form.orcid, scopes, sandbox.now() + lifetime)
    return token_response(sandbox, issued)


def issue_code(sandbox: Sandbox, form: CodeForm) -> str:
    """An authorization code, as if the researcher had just agreed on the consent page."""
    scopes = _scopes(form)
    _ensure_client(sandbox, form.client_id)
    _ensure_record(sandbox, form.orcid, form.name)
    seconds = sandbox.permission.code_seconds if form.expires_in is None else form.expires_in
    lifetime = LONG_LIVED if form.token_expires_in is None else form.token_expires_in
    code = Code(
        sandbox.grants.unused_code(sandbox.permission.code_length),
        form.client_id,
        form.orcid,
        scopes,
        form.redirect_uri,
        sandbox.now() + seconds,
        lifetime,
    )
    sandbox.grants.keep_code(code)
    return code.code


def revoke(sandbox: Sandbox, form: RevocationForm) -> int:
    """End grants; how many there were."""
    ended = _grants_named(sandbox, form)
    for found in ended:
        if form.how == "expire":
            sandbox.grants.expire(found, sandbox.now())
        else:
            sandbox.grants.end(found, TokenState.REVOKED_BY_USER)
    return len(ended)


def add_item(sandbox: Sandbox, orcid: str, form: ItemForm) -> Item:
    """An item of the researcher, or of another client; ORCID's shape holds for it, no inbox message comes of it."""
    record, section = find_record(sandbox, orcid), _section(form.section)
    source = Source(orcid=orcid)
    if form.client_id is not None:
        source = _ensure_client(sandbox, form.client_id).source(orcid)
    now = sandbox.tick()
    visibility = form.visibility or record.visibility
    document = read_content(section, form.document)
    item = Item(sandbox.next_put_code(), section.name, source, visibility, now, now, document)
    record.put(item, now)
    return item


def edit_item(sandbox: Sandbox, orcid: str, put_code: int, form: EditForm) -> Item:
    """The item as the researcher changed it."""
    record = find_record(sandbox, orcid)
    item = _item(record, put_code)
    document = item.document
    if form.document is not None:
        document = read_content(_section(item.section), {**document, **form.document})
    now = sandbox.tick()
    edited = replace(item, document=document, visibility=form.visibility or item.visibility, modified=now)
    record.put(edited, now)
    return edited


def delete_item(sandbox: Sandbox, orcid: str, put_code: int) -> None:
    """The researcher deletes an item, whoever its source is."""
    record = find_record(sandbox, orcid)
    record.remove(_item(record, put_code).put_code, sandbox.tick())


def add_group(sandbox: Sandbox, form: GroupForm) -> GroupIdRecord:
    """A group-id record of ORCID's own, or of another client; raises `UnusableError` when there is one already."""
    document = read_content(GROUP_IDS, form.document)
    if sandbox.groups.find(document["group-id"]) is not None:
        raise UnusableError(f"group-id: there is a group {document['group-id']!r} already")
    source = Source() if form.client_id is None else _ensure_client(sandbox, form.client_id).own_source()
    return sandbox.groups.add(document, source)


def _scopes(form: GrantForm) -> frozenset[str]:
    scopes = frozenset(form.scopes)
    known = TWO_LEGGED if form.orcid is None else THREE_LEGGED
    if scopes - known:
        raise UnusableError(f"scopes: {', '.join(sorted(scopes - known))} cannot be granted here")
    return scopes


def _ensure_client(sandbox: Sandbox, client_id: str) -> Client:
    return sandbox.grants.clients.setdefault(client_id, Client(client_id, CLIENT_SECRET, name=client_id))


def _ensure_record(sandbox: Sandbox, orcid: str, name: str | None) -> None:
    if not sandbox.settings.auto_records:
        find_record(sandbox, orcid)
    record = sandbox.create_record(orcid, name)
    record.name = name or record.name


def _grants_named(sandbox: Sandbox, form: RevocationForm) -> list[Grant]:
    if form.orcid is not None:
        return sandbox.grants.of(form.orcid, form.client_id)
    if form.token is None:
        raise UnusableError("revocation: token or orcid is needed")
    found = sandbox.grants.find(form.token)
    return [] if found is None else [found]


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise UnusableError(f"section: {name!r} is not one of: {', '.join(SECTIONS)}")
    return SECTIONS[name]


def _item(record: Record, put_code: int) -> Item:
    item = record.find(put_code)
    if item is None:
        raise UnusableError(f"put_code: {put_code} is not on record {record.orcid}")
    return item


def record_json(sandbox: Sandbox, record: Record) -> JsonObject:
    """The whole record for the control API; documents hold only what a client could have sent."""
    return {
        "orcid": record.orcid,
        "name": record.name,
        "visibility": record.visibility,
        "state": record.state.value,
        "primary": record.primary,
        "items": [item_json(sandbox, item) for item in record.items()],
    }


def item_json(sandbox: Sandbox, item: Item) -> JsonObject:
    """One item for the control API; `source` is a client id or the researcher's iD."""
    source_id = item.source.client_id or item.source.orcid or ""
    return {
        "section": item.section,
        "put-code": item.put_code,
        "source": source_id,
        "source-name": sandbox.name_of(source_id),
        "visibility": item.visibility,
        "created": item.created,
        "last-modified": item.modified,
        "document": without_nulls(item.document),
    }


def group_json(group: GroupIdRecord) -> JsonObject:
    """One group-id record for the control API; `source` is a client id, or null for ORCID's own."""
    return {
        "put-code": group.put_code,
        "source": group.source.client_id,
        "created": group.created,
        "last-modified": group.modified,
        "document": group.document,
    }


def without_nulls(value: Any) -> Any:
    """The same JSON without keys that say nothing: the least that a client would have to send."""
    match value:
        case dict():
            return {key: without_nulls(part) for key, part in value.items() if part is not None}
        case list():
            return [without_nulls(part) for part in value]
        case _:
            return value
