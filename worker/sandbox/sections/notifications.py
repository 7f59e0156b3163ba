"""A permission notification: its shape and ORCID's rules for it (API_FACTS section 10)."""

import re
from typing import Final
from urllib.parse import urlsplit

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import EXTERNAL_ID
from worker.sandbox.sections.rules import check_identifiers
from worker.sandbox.sections.shapes import ANY_TEXT, Choice, Fields, Ignored, Many, Text, Whole
from worker.sandbox.sections.vocabulary import NOTIFIED_TYPES

DATES: Final = ("created-date", "sent-date", "read-date", "actioned-date", "archived-date")
"""What ORCID adds, and ignores when it is sent."""
_URI: Final = re.compile(r"https?://[^\s/?#]+\S*")
_PATH: Final = re.compile(r"/(?!/)\S*")

_ITEM: Final = Fields(
    {"item-type": Choice(NOTIFIED_TYPES), "item-name": Text(1000), "external-id": EXTERNAL_ID},
    required=("item-type", "item-name"),
)
NOTIFICATION: Final = Fields(
    {
        "put-code": Whole(),
        "notification-type": Choice(frozenset({"permission"})),
        "authorization-url": Fields({"uri": ANY_TEXT, "path": ANY_TEXT, "host": ANY_TEXT}, one_of=("uri", "path")),
        "notification-subject": Text(1000),
        "notification-intro": Text(1000),
        "items": Fields({"item": Many(_ITEM, 1)}, required=("item",)),
        **dict.fromkeys((*DATES, "source"), Ignored()),
    },
    required=("notification-type", "authorization-url", "notification-subject", "notification-intro", "items"),
)


def check_notification(notification: JsonObject) -> None:
    """Raise the first of ORCID's rules that it breaks: 9006 a put-code, 9020 the address, 9023 an identifier."""
    if notification["put-code"] is not None:
        raise OrcidError(9006, "Put code must be null when creating a new notification")
    if not _leads_somewhere(notification["authorization-url"]):
        raise OrcidError(9020, "Bad authorization uri")
    named = (item["external-id"] for item in notification["items"]["item"])
    check_identifiers([identifier for identifier in named if identifier is not None])


def _leads_somewhere(address: JsonObject) -> bool:
    if address["uri"] is None:
        return _PATH.fullmatch(address["path"]) is not None
    try:
        return _URI.fullmatch(address["uri"]) is not None and bool(urlsplit(address["uri"]).hostname)
    except ValueError:
        return False
