"""Setting values: what each kind of setting may look like, and the rule one reads when it does not."""

import base64
import binascii
import ipaddress
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from mappers.secret import Secret

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>\d{1,5}))?")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_VERSIONED = re.compile(r"/v\d[\w.]*$")


def wrong(rule: str, shown: str | None = None) -> PydanticCustomError:
    """A fault: the rule in words; `shown` stands for the value where the value itself may hold a secret."""
    return PydanticCustomError("wrong", "{rule}", {"rule": rule, "shown": shown})


@dataclass(frozen=True, slots=True)
class BindAddress:
    """Where the web server listens. Port 0 takes any free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_near(host: str) -> bool:
    """Whether it is this machine, or a neighbour in its cluster: a name of one word means nobody on the Internet."""
    return is_loopback(host) or _WORD.fullmatch(host) is not None


def number(low: float, high: float, unit: str) -> BeforeValidator:
    """A finite number of units, both bounds allowed."""
    rule = f"is not a number of {unit} from {low:g} to {high:g}"

    def read(value: Any) -> float:
        try:
            found = float(_plain(value))
        except ValueError:
            raise wrong(rule) from None
        if not (math.isfinite(found) and low <= found <= high):
            raise wrong(rule)
        return found

    return BeforeValidator(read)


def whole(low: int, high: int, unit: str) -> BeforeValidator:
    """A whole number of units, both bounds allowed."""
    rule = f"is not a whole number of {unit} from {low} to {high}"

    def read(value: Any) -> int:
        text = _plain(value)
        if not re.fullmatch(r"[+-]?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise wrong(rule)
        return int(text)

    return BeforeValidator(read)


def _plain(value: Any) -> str:
    """A number as text, without the underscores that only Python reads."""
    text = str(value).strip()
    return "" if "_" in text else text


def one_of(*words: str, fold: Callable[[str], str] = str) -> BeforeValidator:
    """One of these words; `fold` forgives their case."""

    def read(value: Any) -> str:
        word = fold(str(value).strip())
        if word not in words:
            raise wrong(f"is not one of {', '.join(words)}")
        return word

    return BeforeValidator(read)


def _text(value: Any) -> str:
    text = str(value).strip()
    if not text:
        raise wrong("is empty")
    if not text.isprintable():
        raise wrong("holds a character that cannot be printed")
    return text


def _url(value: Any) -> str:
    """As it is given: ORCID compares a redirect URI to the letter, a slash at its end included."""
    text = _text(value)
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise wrong("holds credentials: give them in settings of their own", f"{parts.scheme}://…")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise wrong("goes on with ? or #: give the part before", text.split("?")[0].split("#")[0] + "…")
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise wrong("sends tokens in the clear: use https (http only to this machine or a neighbour named in one word)")
    return text


def _collector_url(value: Any) -> str:
    """Where spans go: they hold no token, and collectors in a cluster speak plain HTTP."""
    text = _text(value)
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise wrong("holds credentials: give them in OTEL_EXPORTER_OTLP_HEADERS", f"{parts.scheme}://…")
    if "?" in text or "#" in text:
        raise wrong("goes on with ? or #: give the part before", text.split("?")[0].split("#")[0] + "…")
    return text


def _split(text: str) -> SplitResult:
    # What follows the scheme is not shown: where the form is wrong, credentials may stand anywhere.
    scheme = text.split("://", maxsplit=1)[0] if re.match(r"[a-z]+://", text) else ""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise wrong("is not a URL: its host or port cannot be read", f"{scheme}://…") from None
    if not sound or " " in text:
        shown = f"{scheme}://…" if "@" in text else None
        raise wrong("is not a URL that begins with https:// and names a host", shown)
    return parts


def _base_url(value: Any) -> str:
    text = _url(value).rstrip("/")
    if _VERSIONED.search(text):
        raise wrong("ends with a version: leave it out here and set ORCID_SYNC_API_VERSION")
    return text


def _state_url(value: Any) -> Secret:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    scheme, found, rest = text.partition("://")
    shown = f"{scheme}://…" if found and scheme.isalnum() else "…"
    rule = "is neither sqlite:///PATH nor postgresql://USER@HOST/DATABASE"
    if scheme == "sqlite":
        if not rest.startswith("/") or not rest[1:].strip() or not rest.isprintable():
            raise wrong(rule, shown)
    elif scheme not in {"postgresql", "postgres"} or not rest.strip("/") or not rest.isprintable():
        raise wrong(rule, shown)
    return Secret(text)


def _bind(value: Any) -> BindAddress:
    text = str(value).strip()
    host, _, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    sound = bool(host) and port.isascii() and port.isdigit() and int(port) <= 65535
    if not sound or (":" in host and not bracketed) or not re.fullmatch(r"[\w.:\[\]-]+", host, re.ASCII):
        raise wrong("is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return BindAddress(host.strip("[]"), int(port))


def _parts(value: Any) -> list[str]:
    return [
        part for one in (value if isinstance(value, list | tuple) else str(value).split(",")) if (part := _word(one))
    ]


def _word(value: Any) -> str:
    return str(value).strip()


def _servers(value: Any) -> tuple[str, ...]:
    servers = tuple(_parts(value))
    rule = "is not a list of HOST:PORT with commas between"
    for server in servers:
        match = _SERVER.fullmatch(server)
        if match is None or not 0 < int(match["port"] or 9092) <= 65535:
            raise wrong(rule)
    if not servers:
        raise wrong(rule)
    return servers


def _topics(value: Any) -> tuple[str, ...]:
    # A pattern may hold commas: {1,3}. So one that is given as text is the whole text.
    alone = isinstance(value, str) and value.strip().startswith("^")
    topics = (value.strip(),) if alone else tuple(_parts(value))
    for topic in topics:
        _check_topic(topic)
    if not topics:
        raise wrong("names no topic")
    return topics


def _check_topic(topic: str) -> None:
    if not topic.startswith("^"):
        if not _TOPIC.fullmatch(topic) or topic in {".", ".."}:
            raise wrong("is not a list of topic names (letters, digits, . _ -) with commas between, nor a pattern (^…)")
        return
    try:
        re.compile(topic)
    except re.error as error:
        raise wrong(f"is not a pattern that can be read ({error})") from None


def _topic(value: Any) -> str:
    topic = _word(value)
    if not _TOPIC.fullmatch(topic) or topic in {".", ".."}:
        raise wrong("is not a topic name (letters, digits, . _ -)")
    return topic


def _header_name(value: Any) -> str:
    text = _word(value)
    if not _HEADER.fullmatch(text):
        raise wrong("is not the name of an HTTP header (letters, digits, -), such as X-Remote-User")
    return text


def _secret(value: Any) -> Secret:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if not text.strip():
        raise wrong("is empty")
    if not text.isprintable():
        raise wrong("holds a line break or another character that cannot be printed: give it on one line")
    return Secret(text)


def _vault_keys(value: Any) -> tuple[Secret, ...]:
    if isinstance(value, tuple) and all(isinstance(one, Secret) for one in value):
        texts = [one.reveal() for one in value]
    else:
        texts = _parts(value.reveal() if isinstance(value, Secret) else value)
    if not texts:
        raise wrong("holds no key")
    for place, text in enumerate(texts, start=1):
        if not _is_key(text):
            which = f"key {place} of {len(texts)}" if len(texts) > 1 else "the key"
            raise wrong(f"{which} is not 32 bytes in URL-safe base64 (44 characters, with commas between keys)")
    return tuple(Secret(text) for text in texts)


def _is_key(text: str) -> bool:
    try:
        return len(text) == 44 and len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _file(value: Any) -> Path:
    path = Path(_text(value))
    try:
        path.stat()
    except OSError as error:
        raise wrong(f"cannot be read: {error.strerror}") from None
    if path.is_dir() or not os.access(path, os.R_OK):
        raise wrong("is no file that can be read")
    return path


Text = Annotated[str, BeforeValidator(_text)]
Url = Annotated[str, BeforeValidator(_url)]
CollectorUrl = Annotated[str, BeforeValidator(_collector_url)]
BaseUrl = Annotated[str, BeforeValidator(_base_url)]
StateUrl = Annotated[Secret, BeforeValidator(_state_url)]
Bind = Annotated[BindAddress, BeforeValidator(_bind)]
Servers = Annotated[tuple[str, ...], BeforeValidator(_servers)]
Topics = Annotated[tuple[str, ...], BeforeValidator(_topics)]
Topic = Annotated[str, BeforeValidator(_topic)]
HeaderName = Annotated[str, BeforeValidator(_header_name)]
SecretText = Annotated[Secret, BeforeValidator(_secret)]
VaultKeys = Annotated[tuple[Secret, ...], BeforeValidator(_vault_keys)]
ExistingFile = Annotated[Path, BeforeValidator(_file)]
