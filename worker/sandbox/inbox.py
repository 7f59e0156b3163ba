"""A record's inbox: the AMENDED message that ORCID puts there for each change a client makes (API_FACTS section 10)."""

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


@dataclass(slots=True)
class Inbox:
    """The messages of one record, oldest first."""

    messages: list[Amended] = field(default_factory=list)

    def tell(self, message: Amended) -> None:
        """Put a message there."""
        self.messages.append(message)
