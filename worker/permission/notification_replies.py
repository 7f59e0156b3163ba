"""What ORCID answers about permission notifications (API_FACTS.md 3, 10). By status and error-code, never by text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from state.facts import Method
from worker.calling import replies
from worker.calling.error_bodies import read_fault
from worker.permission.notification import SCOPE
from worker.ports import Answer, NoToken, Reply

NOT_ALLOWED = f"your client is not allowed to send permission notifications: ask ORCID for the scope {SCOPE}"

_REFUSALS = {
    9006: "ORCID does not understand the request",
    9020: "ORCID does not take the link to our page as an authorization-url: check ORCID_SYNC_REDIRECT_URI",
    9023: "ORCID does not take an identifier of an item",
    9032: "the researcher takes no notifications: send the link that `orcid-sync permission invite` prints",
}
_UNSEEN = {
    9004: "the request belongs to another client",
    9029: "ORCID does not know the request any more",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """201: the request is in the inbox, under this put-code."""

    put_code: int


@dataclass(frozen=True, slots=True)
class NotPosted:
    """Surely nothing is in the inbox."""

    why: str


@dataclass(frozen=True, slots=True)
class PostInDoubt:
    """Nobody knows whether it is there."""

    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a request; None: nothing yet."""

    sent_at: float | None
    read_at: float | None
    acted_at: float | None
    archived_at: float | None


@dataclass(frozen=True, slots=True)
class NotSeen:
    """ORCID did not tell."""

    why: str


def read_posted(reply: Reply, now: float) -> Posted | NotPosted | PostInDoubt:
    """What came of posting a notification. Never raises."""
    if why := _own_refusal(reply):
        return NotPosted(why)
    match replies.read_reply(Method.POST, reply, now):
        case replies.Created(put_code=put_code):
            return Posted(put_code)
        case replies.InDoubt(why=why):
            return PostInDoubt(why)
        case verdict:
            return NotPosted(_why(verdict))


def read_seen(reply: Reply, now: float) -> Seen | NotSeen:
    """What ORCID tells of a notification that we posted. Never raises."""
    code = read_fault(reply.body).code if isinstance(reply, Answer) and reply.status >= 400 else None
    if code in _UNSEEN:
        return NotSeen(_UNSEEN[code])
    if why := _own_refusal(reply):
        return NotSeen(why)
    match replies.read_reply(None, reply, now):
        case replies.Found(body=body):
            return Seen(*(_date(body, f"{name}-date") for name in ("sent", "read", "actioned", "archived")))
        case verdict:
            return NotSeen(_why(verdict))


def _own_refusal(reply: Reply) -> str:
    """What other calls don't meet, or what means something else here; empty for all the rest."""
    if isinstance(reply, NoToken):
        return NOT_ALLOWED if reply.word == "invalid_scope" else ""
    if not isinstance(reply, Answer):
        return ""
    fault = read_fault(reply.body)
    match reply.status, fault.code:
        case 403, 9004 | 9005 | 9038:
            return NOT_ALLOWED
        case (400 | 409) as status, int(code) if code in _REFUSALS:
            return f"{_REFUSALS[code]} ({status} {code}{': ' if fault.message else ''}{fault.message})"
        case _:
            return ""


def _why(verdict: replies.Verdict) -> str:
    match verdict:
        case replies.Throttled(after=after):
            return f"ORCID is busy: try again in {after or 60:g} s"
        case replies.Suspended(kind=kind, detail=detail):
            return f"the record is {kind}: {detail}"
        case (
            replies.Refused(why=why)
            | replies.Stop(why=why)
            | replies.NotOurs(why=why)
            | replies.Unpermitted(why=why)
            | replies.Unsent(why=why)
            | replies.InDoubt(why=why)
        ):
            return why
        case _:
            return "ORCID answered with something that is no answer to this"


def _date(body: Mapping[str, Any], key: str) -> float | None:
    """A date in seconds since 1970: milliseconds, in an object of their own or not, or a date and time of ISO 8601."""
    value = body.get(key)
    if isinstance(value, dict):
        value = value.get("value")
    try:
        match value:
            case bool():
                return None
            case int() | float():
                at = value / 1000.0
            case str():
                found = datetime.fromisoformat(value)
                at = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
            case _:
                return None
    except (ValueError, OverflowError):
        return None
    return at if 0.0 < at < _LATEST else None


_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
"""A later date is no date of ORCID's, and none that can be shown."""
