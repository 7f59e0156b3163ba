"""A request as it arrived and the response that goes back: plain data, so that handling is a function."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

JsonObject = dict[str, Any]
"""A JSON object whose keys are ORCID's own."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are lower case, `path` is unquoted."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = "127.0.0.1"

    def parameters(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def base_url(self) -> str:
        """Where the client reached us: the start of every address in a reply."""
        return f"http://{self.headers.get('host', 'localhost')}"


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, content: object, media_type: str = "application/json", **headers: str) -> Response:
    """A response whose body is `content` as JSON."""
    return Response(status, json_bytes(content), {"content-type": f"{media_type};charset=UTF-8", **headers})


def json_bytes(content: object) -> bytes:
    """Compact JSON in UTF-8; a lone surrogate becomes a question mark."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def html_response(status: int, reason: str, **headers: str) -> Response:
    """The page of a proxy in front of ORCID, which knows nothing of ORCID's error bodies (API_FACTS section 9)."""
    page = (
        f"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {reason}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(status, page.encode(), {"content-type": "text/html", **headers})
