"""Log scrubbing: the last line of defence. Whatever a log line is given, no token and no terminal escape comes out.

Nobody may rely on it: tokens are kept out of log calls in the first place (mappers/secret.py).
"""

import math
import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

from mappers.secret import Secret

HIDDEN = "[secret]"
LONGEST = 2000
"""Characters of one value that are printed; a proxy's error page has more, and says nothing after that."""
SHORTEST = 6
"""A known secret shorter than this is not looked for: it would stand in half of all words."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"(authorization[\"']?\s*[:=]\s*[\"']?)(?:(?:bearer|basic)\s+)?[^\s\"',;}]+", re.IGNORECASE)
_SCHEME = re.compile(r"\b(bearer|basic)\s+(?!token\b)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![A-Za-z0-9-])((?:(?:access|refresh|id|web)[_-]?)?token|(?:client[_-]?)?secret|password|passwd|(?<=[?&])code)"
    r"([\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"(://)[^\s/@]+@")
_SEALED = re.compile(r"gAAAA[\w-]{20,}={0,2}|(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<![\w-])[\w-]{43}=(?![\w=])")
_TELLING_KEY = re.compile(r"token|secret|passw|authorization|cookie|vault|credential", re.IGNORECASE)


class Scrubber:
    """Scrubs values of log lines. Holds secrets known by name, which look like nothing in particular."""

    def __init__(self, secrets: Collection[Secret] = ()) -> None:
        texts = {secret.reveal() for secret in secrets}
        self._known = sorted((text for text in texts if len(text) >= SHORTEST), key=len, reverse=True)

    def scrubbed(self, key: str, value: Any) -> Any:
        """A value that may be printed under this key: plain data, without secrets and control characters."""
        if isinstance(value, bool | int | None):
            return value
        if _TELLING_KEY.search(key):
            return HIDDEN
        match value:
            case float():
                return value if math.isfinite(value) else str(value)
            case str():
                return self.text(value)
            case Secret():
                return HIDDEN
            case bytes() | bytearray():
                return self.text(bytes(value).decode("utf-8", "backslashreplace"))
            case Mapping():
                return {self.text(str(name)): self.scrubbed(str(name), one) for name, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.scrubbed(key, one) for one in value]
            case _:
                return self.text(_described(value))

    def text(self, text: str) -> str:
        """The text without what looks like a secret, on one line, shortened."""
        # Cut behind the longest shown, so that no half of a token escapes its pattern.
        text = str(text)[: 2 * LONGEST]
        for known in self._known:
            text = text.replace(known, HIDDEN)
        text = _AUTHORIZATION.sub(rf"\1{HIDDEN}", text)
        text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
        text = _NAMED.sub(rf"\1\2{HIDDEN}", text)
        text = _IN_URL.sub(rf"\1{HIDDEN}@", text)
        text = _SEALED.sub(HIDDEN, _UUID.sub(_fingerprint, text))
        text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        return text if text.isprintable() else "".join(one if one.isprintable() else _escape(one) for one in text)


def _fingerprint(match: re.Match[str]) -> str:
    """ORCID's tokens are UUIDs, and so are many harmless ids: the same one is known again, and none is told."""
    return f"[uuid {sha256(match[0].lower().encode()).hexdigest()[:8]}]"


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")


def _described(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a log call must never be what fails
        return f"<{type(value).__name__}>"
