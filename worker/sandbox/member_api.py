"""The member API: one request in, one response out, in ORCID's order of checks (API_FACTS section 0)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from worker.sandbox.addresses import Address, Part, Redirected, check_version, parse_address, parse_put_code
from worker.sandbox.bearers import BearerError, check_target, identify
from worker.sandbox.bulk import add_works, read_bulk, read_works
from worker.sandbox.errors import OrcidError, deprecated, error_xml
from worker.sandbox.media import Reply, check_media, negotiate
from worker.sandbox.messages import Request, Response, json_response
from worker.sandbox.operations import (
    Caller,
    Desk,
    add,
    read_body,
    read_item,
    remove,
    replace_item,
    visible_items,
)
from worker.sandbox.records import Record, RecordState
from worker.sandbox.replies import full_item, grouped_affiliations, grouped_works, summary
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections import WORKS


@dataclass(frozen=True, slots=True)
class Call:
    """One request whose caller and address are known. `as_of` is the time (ms) that lists show, None for now."""

    sandbox: Sandbox
    request: Request
    caller: Caller
    address: Address
    reply: Reply
    as_of: int | None = None

    def desk(self) -> Desk:
        """Where the work is done, once the record's state allows it."""
        record = find_record(self.sandbox, self.request, self.address.orcid)
        return Desk(self.sandbox, self.caller, record, self.address.section)

    def writing_desk(self, scopes: frozenset[str]) -> Desk:
        """The same for a write, once client and scope allow it too."""
        desk = self.desk()
        if self.caller.client.locked:
            raise OrcidError(9057)
        if self.caller.orcid is None or not self.caller.scopes & scopes:
            raise OrcidError(9038)
        return desk

    def json(self, content: object, status: int = 200) -> Response:
        """A response with this body in the type that the client wants."""
        return json_response(status, content, self.reply.media_type)


def answer(sandbox: Sandbox, request: Request, as_of: int | None = None) -> Response:
    """What ORCID would reply, and what it would have done to the record."""
    reply = negotiate(request)
    caller: Caller | None = None
    try:
        check_version(request)
        caller = identify(sandbox, request)
        address = parse_address(request)
        check_target(caller, address.orcid)
        call = Call(sandbox, request, caller, address, reply, as_of)
        operate, has_body = _OPERATIONS[address.part, request.method]
        check_media(request, reply, replies_with_body=has_body)
        return operate(call)
    except Redirected as elsewhere:
        return _redirect(elsewhere, reply)
    except BearerError as error:
        return json_response(error.status, {"error": error.error, "error_description": error.description})
    except OrcidError as error:
        return error_response(error, reply, None if caller is None else caller.client.name)


def error_response(error: OrcidError, reply: Reply, client_name: str | None) -> Response:
    """An ORCID error in the type that the client wants, XML when it names none."""
    headers = {} if error.location is None else {"location": error.location}
    body = error.body(client_name)
    if reply.is_json:
        return json_response(error.status, body, reply.media_type, **headers)
    content_type = f"{reply.media_type};charset=UTF-8"
    return Response(error.status, error_xml(body), {"content-type": content_type, **headers})


def find_record(sandbox: Sandbox, request: Request, orcid: str) -> Record:
    """The record when its state allows anything at all; else the error of section 8, for reads and writes."""
    record = sandbox.records.get(orcid)
    if record is None or record.state is RecordState.MISSING:
        raise OrcidError(9016, f"Unable to find ORCID record {orcid}")
    match record.state:
        case RecordState.DEPRECATED:
            primary = record.primary or orcid
            location = request.base_url + request.path.replace(orcid, primary, 1)
            raise deprecated(orcid, primary, reading=request.method == "GET", location=location)
        case RecordState.UNCLAIMED:
            raise OrcidError(9036)
        case RecordState.LOCKED:
            raise OrcidError(9018, f"{orcid} is locked", orcid=orcid)
        case RecordState.DEACTIVATED:
            raise OrcidError(9044, f"{orcid} is deactivated")
        case RecordState.NORMAL:
            return record


def _create(call: Call) -> Response:
    body = read_body(call.address.section, _json_body(call.request))
    item = add(call.writing_desk(call.address.section.scopes.create), body)
    location = f"{call.request.base_url}/{call.address.version}/{call.address.orcid}/{item.section}/{item.put_code}"
    return Response(201, headers={"location": location})


def _replace(call: Call) -> Response:
    body = read_body(call.address.section, _json_body(call.request))
    put_code = parse_put_code(call.address.codes)
    desk = call.writing_desk(call.address.section.scopes.update)
    item = replace_item(desk, put_code, body)
    return call.json(full_item(desk.record.orcid, item, call.sandbox.name_of, path=False))


def _remove(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    remove(call.writing_desk(call.address.section.scopes.update), put_code)
    return Response(204)


def _create_bulk(call: Call) -> Response:
    bodies = read_bulk(_json_body(call.request))
    return call.json(add_works(call.writing_desk(call.address.section.scopes.create), bodies))


def _read_bulk(call: Call) -> Response:
    return call.json(read_works(call.desk(), call.address.codes))


def _read_item(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    return call.json(full_item(call.address.orcid, read_item(call.desk(), put_code), call.sandbox.name_of))


def _read_summary(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    return call.json(summary(call.address.orcid, read_item(call.desk(), put_code), call.sandbox.name_of))


def _read_list(call: Call) -> Response:
    desk, names = call.desk(), call.sandbox.name_of
    items = visible_items(desk, call.as_of)
    if desk.section is WORKS:
        return call.json(grouped_works(call.address.orcid, items, names))
    return call.json(grouped_affiliations(call.address.orcid, desk.section.plural, items, names))


def _json_body(request: Request) -> Any:
    if not request.body.strip():
        raise OrcidError(9047, "Couldn't read object, data seems to be empty or invalid")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise OrcidError(9001, "the body is not well-formed JSON") from None


def _redirect(elsewhere: Redirected, reply: Reply) -> Response:
    if elsewhere.status == 302:
        return Response(302, headers={"location": elsewhere.location})
    return error_response(OrcidError(9056, location=elsewhere.location), reply, None)


_OPERATIONS: Final[dict[tuple[Part, str], tuple[Callable[[Call], Response], bool]]] = {
    (Part.SECTION, "POST"): (_create, False),
    (Part.LIST, "POST"): (_create_bulk, True),
    (Part.ITEM, "PUT"): (_replace, True),
    (Part.ITEM, "DELETE"): (_remove, False),
    (Part.ITEM, "GET"): (_read_item, True),
    (Part.SUMMARY, "GET"): (_read_summary, True),
    (Part.LIST, "GET"): (_read_list, True),
    (Part.BULK_READ, "GET"): (_read_bulk, True),
}
