"""A JSON object of one of ORCID's replies: read part by part, and never trusted."""

import re
from dataclasses import dataclass
from typing import Any

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 - the reply's fault, not ours
    """A reply that is not what ORCID's API says. One line that names the field."""


_TOO_LARGE = 10**18


def _is_text(value: Any) -> bool:
    """Whole characters: JSON can name half of one, which nothing could write again."""
    return isinstance(value, str) and not _HALF_A_CHARACTER.search(value)


@dataclass(frozen=True, slots=True)
class JsonReply:
    """An object within a reply. Absent, null and empty are one; any other type than the expected one is Unreadable."""

    body: dict[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: Any, path: str = "") -> "JsonReply":
        """The object; an empty one for null."""
        if value is not None and not isinstance(value, dict):
            raise Unreadable(f"{path or 'reply'}: is not an object")
        return cls(value or {}, path)

    def within(self, *keys: str) -> "JsonReply":
        """The object under these keys, one in the other."""
        found = self
        for key in keys:
            found = JsonReply.of(found.body.get(key), found.named(key))
        return found

    def text(self, key: str) -> str | None:
        """A text, plain or as `{"value": …}`; None when it is blank."""
        value = self.body.get(key)
        if isinstance(value, dict):
            value = value.get("value")
        if value is not None and not _is_text(value):
            raise Unreadable(f"{self.named(key)}: is not a text")
        return value if value and not value.isspace() else None

    def required(self, key: str) -> str:
        """A text that has to be there."""
        if (value := self.text(key)) is None:
            raise Unreadable(f"{self.named(key)}: is missing")
        return value

    def number(self, key: str) -> int:
        """A whole number that has to be there, and may be a put-code's: from 0, and no longer than a store keeps."""
        value = self.body.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _TOO_LARGE:
            raise Unreadable(f"{self.named(key)}: is not a whole number")
        return value

    def objects(self, key: str) -> tuple["JsonReply", ...]:
        """The objects of a list; a single object counts as a list of one."""
        value = self.body.get(key)
        entries = [value] if isinstance(value, dict) else value or []
        if not isinstance(entries, list):
            raise Unreadable(f"{self.named(key)}: is not a list")
        return tuple(JsonReply.of(one, f"{self.named(key)}[{place}]") for place, one in enumerate(entries))

    def named(self, key: str) -> str:
        """The path of a key, for messages."""
        return f"{self.path}.{key}" if self.path else key
