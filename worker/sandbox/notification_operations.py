"""An operation on permission notifications: a client asks a researcher by ORCID's inbox (API_FACTS section 10)."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from worker.sandbox.errors import OrcidError
from worker.sandbox.inbox import PermissionNotification
from worker.sandbox.messages import JsonObject
from worker.sandbox.operations import Caller
from worker.sandbox.records import Record, Source
from worker.sandbox.replies import HOST, Names, source_json
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.notifications import DATES, check_notification

MOST_LISTED: Final = 1000
"""How many a list shows (section 9)."""


@dataclass(frozen=True, slots=True)
class InboxDesk:
    """Where one call about notifications is worked on, once record, client and scope allow it."""

    sandbox: Sandbox
    caller: Caller
    record: Record


def post_notification(desk: InboxDesk, body: JsonObject) -> PermissionNotification:
    """POST: a new entry in the inbox, unread."""
    check_notification(body)
    document = {key: value for key, value in body.items() if key not in {"put-code", "source", *DATES}}
    put_code = desk.sandbox.next_put_code()
    notification = PermissionNotification(put_code, desk.caller.client.client_id, document, desk.sandbox.tick())
    desk.record.inbox.keep(notification)
    return notification


def find_notification(desk: InboxDesk, put_code: int) -> PermissionNotification:
    """The caller's notification: 9029 when there is none, 9004 when it is another client's."""
    found = desk.record.inbox.notifications.get(put_code)
    if found is None:
        raise OrcidError(9029, id=put_code, orcid=desk.record.orcid)
    if found.client_id != desk.caller.client.client_id:
        raise OrcidError(9004)
    return found


def list_notifications(desk: InboxDesk) -> list[PermissionNotification]:
    """The latest of the caller's, newest first."""
    own = [one for one in desk.record.inbox.notifications.values() if one.client_id == desk.caller.client.client_id]
    return own[: -MOST_LISTED - 1 : -1]


def archive_notification(desk: InboxDesk, put_code: int) -> PermissionNotification:
    """DELETE: it is archived, not deleted; 9009 once the researcher has read it. A second time changes nothing."""
    found = find_notification(desk, put_code)
    if found.archived is not None:
        return found
    if found.read is not None:
        raise OrcidError(9009)
    archived = replace(found, archived=desk.sandbox.tick())
    desk.record.inbox.keep(archived)
    return archived


def notification_json(notification: PermissionNotification, names: Names) -> JsonObject:
    """A notification as ORCID answers it; the parts of its address that were not sent are filled in."""
    moments = (
        notification.created,
        None,  # sent-date: the e-mail digest goes out weekly, which is later than anybody looks here
        notification.read,
        notification.actioned,
        notification.archived,
    )
    return {
        "put-code": notification.put_code,
        **notification.document,
        "authorization-url": _whole_address(notification.document["authorization-url"]),
        **{key: None if at is None else {"value": at} for key, at in zip(DATES, moments, strict=True)},
        "source": source_json(Source(client_id=notification.client_id), names),
    }


def _whole_address(address: JsonObject) -> JsonObject:
    if address["uri"] is None:
        return {**address, "uri": f"https://{HOST}{address['path']}", "host": HOST}
    parts = urlsplit(address["uri"])
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return {**address, "path": path, "host": parts.netloc}
