"""A record's inbox: what changed on the record, and what clients ask permission for (API_FACTS section 10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from worker.sandbox.messages import JsonObject


class Action(Enum):
    """What the client did."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class AmendedItem:
    """One item that a message names."""

    action: Action
    put_code: int
    name: str


@dataclass(frozen=True, slots=True)
class Amended:
    """One message: a bulk names many items and is still one."""

    section: str
    client_id: str
    at: int
    items: Sequence[AmendedItem]

    def as_json(self) -> JsonObject:
        """The message for the control API."""
        return {
            "type": "AMENDED",
            "section": self.section,
            "client-id": self.client_id,
            "at": self.at,
            "items": [
                {"action": item.action.value, "put-code": item.put_code, "name": item.name} for item in self.items
            ],
        }


@dataclass(frozen=True, slots=True)
class PermissionNotification:
    """A client asks for permission; `document` is what it sent, times are epoch milliseconds."""

    put_code: int
    client_id: str
    document: JsonObject
    created: int
    read: int | None = None
    actioned: int | None = None
    archived: int | None = None

    def as_json(self) -> JsonObject:
        """The notification for the control API."""
        return {
            "put-code": self.put_code,
            "client-id": self.client_id,
            "document": self.document,
            "created": self.created,
            "read": self.read,
            "actioned": self.actioned,
            "archived": self.archived,
        }


@dataclass(slots=True)
class Inbox:
    """One record's AMENDED messages, oldest first, and the permission notifications by put-code."""

    messages: list[Amended] = field(default_factory=list)
    notifications: dict[int, PermissionNotification] = field(default_factory=dict)

    def keep(self, notification: PermissionNotification) -> None:
        """Put a notification there, or what became of it."""
        self.notifications[notification.put_code] = notification

    def tell(self, message: Amended) -> None:
        """Put a message there."""
        self.messages.append(message)
