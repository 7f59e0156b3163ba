"""A media type: what the client sends and what it wants back (API_FACTS sections 0 and 1.1)."""

from dataclasses import dataclass
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import Request

JSON_TYPES: Final = ("application/vnd.orcid+json", "application/orcid+json", "application/json")
_BY_PREFERENCE: Final = (
    "application/vnd.orcid+xml",
    "application/vnd.orcid+json",
    "application/orcid+xml",
    "application/orcid+json",
    "application/xml",
    "application/json",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The type of the reply; `acceptable` is false when the client wants none that ORCID has."""

    media_type: str
    acceptable: bool = True

    @property
    def is_json(self) -> bool:
        """Whether bodies go out as JSON."""
        return self.media_type in JSON_TYPES


def content_type(request: Request) -> str:
    """The media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def negotiate(request: Request) -> Reply:
    """What the client gets: with no `Accept` or `*/*` the type it sends, else XML; XML also wins a tie."""
    ranges = _ranges(request.headers.get("accept", ""))
    if not ranges or ranges == {"*/*": 1.0}:
        sent = content_type(request)
        return Reply(sent if sent in _BY_PREFERENCE else _BY_PREFERENCE[0])
    best = max(_BY_PREFERENCE, key=lambda kind: _quality(kind, ranges))
    return Reply(best, acceptable=_quality(best, ranges) > 0)


def check_media(request: Request, reply: Reply) -> None:
    """415 for a body that is neither JSON nor XML, 406 for a client that wants neither."""
    if request.method in {"POST", "PUT"} and content_type(request) not in _BY_PREFERENCE:
        raise OrcidError(9001, status=415)
    if not reply.acceptable:
        raise OrcidError(9001, status=406)


def _ranges(accept: str) -> dict[str, float]:
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind:
            ranges[kind] = next((_number(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
    return ranges


def _quality(kind: str, ranges: dict[str, float]) -> float:
    family = kind.partition("/")[0] + "/*"
    return ranges.get(kind, ranges.get(family, ranges.get("*/*", 0.0)))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
