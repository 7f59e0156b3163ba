"""The member API: one request in, one response out, in ORCID's order of checks (API_FACTS section 0)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from worker.sandbox.addresses import Address, Part, Redirected, check_version, parse_address, parse_put_code
from worker.sandbox.bearers import BearerError, check_target, identify
from worker.sandbox.bulk import add_works, read_works
from worker.sandbox.errors import OrcidError, deprecated, error_xml
from worker.sandbox.forms.bodies import Form, Kind, parse_bulk, parse_item, write
from worker.sandbox.group_operations import (
    GroupDesk,
    add_group,
    find_group,
    group_json,
    list_groups,
    remove_group,
    replace_group,
)
from worker.sandbox.listings import listing
from worker.sandbox.media import JSON_TYPES, Reply, check_media, content_type, negotiate
from worker.sandbox.messages import JsonObject, Request, Response, json_response
from worker.sandbox.notification_operations import (
    InboxDesk,
    archive_notification,
    find_notification,
    list_notifications,
    notification_json,
    post_notification,
)
from worker.sandbox.operations import (
    Caller,
    Desk,
    add,
    read_item,
    remove,
    replace_item,
    visible_items,
)
from worker.sandbox.overviews import overview
from worker.sandbox.records import Item, Record, RecordState
from worker.sandbox.replies import full_item, summary
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.table import GROUP_IDS, NOTIFICATIONS, Section
from worker.sandbox.versions import V3_0


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
        return Desk(self.sandbox, self.caller, record, self.address.section, self.address.version)

    def writing_desk(self, scopes: frozenset[str]) -> Desk:
        """The same for a write, once client and scope allow it too."""
        desk = self.desk()
        if self.caller.client.barred:
            raise OrcidError(9057)
        if self.caller.orcid is None or not self.caller.scopes & scopes:
            raise OrcidError(9038)
        return desk

    def group_desk(self, scopes: frozenset[str]) -> GroupDesk:
        """Where the work on groups is done, once client and scope allow it."""
        if self.caller.client.barred:
            raise OrcidError(9057)
        if not self.caller.scopes & scopes:
            raise OrcidError(9038)
        return GroupDesk(self.sandbox, self.caller, self.address.version)

    def inbox_desk(self) -> InboxDesk:
        """Where the work on notifications is done, once record, client and scope allow it."""
        record = find_record(self.sandbox, self.request, self.address.orcid)
        if self.caller.client.barred:
            raise OrcidError(9057)
        if not self.caller.scopes & NOTIFICATIONS.scopes.create:
            raise OrcidError(9038)
        return InboxDesk(self.sandbox, self.caller, record)

    @property
    def form(self) -> Form:
        """The form of the body that came."""
        return Form(self.address.version, is_json=content_type(self.request) in JSON_TYPES)

    def item(self) -> JsonObject:
        """The item that came, in its canonical shape."""
        section = self.address.section
        return parse_item(self.form, section.name, section.shape, self.request.body)

    def created(self, path: str) -> Response:
        """A 201 for what is now at this path below the version."""
        return Response(201, headers={"location": f"{self.request.base_url}/{self.address.version}/{path}"})

    def written(self, kind: Kind, content: JsonObject) -> Response:
        """A 200 with this body in the form that the client wants."""
        section = "" if self.address.of is None else self.address.of.name
        body = write(Form(self.address.version, self.reply.is_json), section, kind, content)
        return Response(200, body, {"content-type": f"{self.reply.media_type};charset=UTF-8"})


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
        operate = _OPERATIONS[address.part, request.method]
        check_media(request, reply)
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
    body = call.item()
    item = add(call.writing_desk(call.address.section.scopes.create), body)
    return call.created(f"{call.address.orcid}/{item.section}/{item.put_code}")


def _replace(call: Call) -> Response:
    body = call.item()
    put_code = parse_put_code(call.address.codes)
    desk = call.writing_desk(call.address.section.scopes.update)
    item = replace_item(desk, put_code, body)
    return call.written(Kind.ITEM, full_item(desk.record.orcid, item, call.sandbox.name_of, path=False))


def _remove(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    remove(call.writing_desk(call.address.section.scopes.delete), put_code)
    return Response(204)


def _create_bulk(call: Call) -> Response:
    bodies = parse_bulk(call.form, call.address.section.shape, call.request.body)
    return call.written(Kind.BULK, add_works(call.writing_desk(call.address.section.scopes.create), bodies))


def _read_bulk(call: Call) -> Response:
    return call.written(Kind.BULK, read_works(call.desk(), call.address.codes))


def _read_item(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    item = read_item(call.desk(), put_code)
    return call.written(Kind.ITEM, full_item(call.address.orcid, item, call.sandbox.name_of))


def _read_summary(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    item = read_item(call.desk(), put_code)
    return call.written(Kind.SUMMARY, summary(call.address.orcid, item, call.sandbox.name_of))


def _read_list(call: Call) -> Response:
    desk = call.desk()
    items = visible_items(desk, call.as_of)
    return call.written(Kind.LIST, listing(desk.section, call.address.orcid, items, call.sandbox.name_of))


def _read_overview(call: Call) -> Response:
    record = find_record(call.sandbox, call.request, call.address.orcid)
    kind = call.address.overview or Kind.RECORD

    def visible(section: Section) -> list[Item]:
        return visible_items(Desk(call.sandbox, call.caller, record, section, call.address.version), call.as_of)

    return call.written(kind, overview(kind, record, visible, call.sandbox.name_of))


def _create_group(call: Call) -> Response:
    body = call.item()
    group = add_group(call.group_desk(GROUP_IDS.scopes.create), body)
    return call.created(f"{GROUP_IDS.name}/{group.put_code}")


def _replace_group(call: Call) -> Response:
    body = call.item()
    put_code = parse_put_code(call.address.codes)
    group = replace_group(call.group_desk(GROUP_IDS.scopes.update), put_code, body)
    return call.written(Kind.ITEM, group_json(group, call.sandbox.name_of))


def _remove_group(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    remove_group(call.group_desk(GROUP_IDS.scopes.delete), put_code)
    return Response(204)


def _read_group(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    group = call.group_desk(GROUP_IDS.scopes.read).groups.get(put_code)
    return call.written(Kind.ITEM, group_json(group, call.sandbox.name_of))


def _read_groups(call: Call) -> Response:
    desk, parameters = call.group_desk(GROUP_IDS.scopes.read), call.request.parameters()
    if "name" in parameters or ("group-id" in parameters and call.address.version == V3_0):
        return call.written(Kind.ITEM, find_group(desk, parameters))
    return call.written(Kind.LIST, list_groups(desk, parameters))


def _post_notification(call: Call) -> Response:
    body = call.item()
    notification = post_notification(call.inbox_desk(), body)
    return call.created(f"{call.address.orcid}/{NOTIFICATIONS.name}/{notification.put_code}")


def _read_notification(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    found = find_notification(call.inbox_desk(), put_code)
    return call.written(Kind.ITEM, notification_json(found, call.sandbox.name_of))


def _read_notifications(call: Call) -> Response:
    found = list_notifications(call.inbox_desk())
    return call.written(Kind.LIST, {"notification": [notification_json(one, call.sandbox.name_of) for one in found]})


def _archive_notification(call: Call) -> Response:
    put_code = parse_put_code(call.address.codes)
    archived = archive_notification(call.inbox_desk(), put_code)
    return call.written(Kind.ITEM, notification_json(archived, call.sandbox.name_of))


def _redirect(elsewhere: Redirected, reply: Reply) -> Response:
    if elsewhere.status == 302:
        return Response(302, headers={"location": elsewhere.location})
    return error_response(OrcidError(9056, location=elsewhere.location), reply, None)


_OPERATIONS: Final[dict[tuple[Part, str], Callable[[Call], Response]]] = {
    (Part.SECTION, "POST"): _create,
    (Part.LIST, "POST"): _create_bulk,
    (Part.ITEM, "PUT"): _replace,
    (Part.ITEM, "DELETE"): _remove,
    (Part.ITEM, "GET"): _read_item,
    (Part.SUMMARY, "GET"): _read_summary,
    (Part.LIST, "GET"): _read_list,
    (Part.BULK_READ, "GET"): _read_bulk,
    (Part.OVERVIEW, "GET"): _read_overview,
    (Part.GROUPS, "POST"): _create_group,
    (Part.GROUPS, "GET"): _read_groups,
    (Part.GROUP, "PUT"): _replace_group,
    (Part.GROUP, "DELETE"): _remove_group,
    (Part.GROUP, "GET"): _read_group,
    (Part.NOTIFICATIONS, "POST"): _post_notification,
    (Part.NOTIFICATIONS, "GET"): _read_notifications,
    (Part.NOTIFICATION, "GET"): _read_notification,
    (Part.NOTIFICATION, "DELETE"): _archive_notification,
}
