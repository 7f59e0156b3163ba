"""The reply table: what a reply of ORCID, or the lack of one, means. By status and error-code, never by text.

The rows are those of API_FACTS.md section 12; ARCHITECTURE.md sections 6 to 8 prevail where they say more.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from state.facts import Method
from state.permission_facts import SuspensionKind
from worker.calling.error_bodies import Fault, read_fault, scrubbed, whole_number
from worker.ports import Answer, NoAnswer, NoToken, Reply

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for NUL or half of a surrogate pair; what is not UTF-8 is replaced anyway."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Created:
    """201, or a bulk's slot: the item stands under this put-code."""

    put_code: int


@dataclass(frozen=True, slots=True)
class Slots:
    """A bulk's reply: one verdict for each work, in the order sent."""

    verdicts: tuple["SlotVerdict", ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A PUT was taken."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A DELETE was carried out, or there was nothing left to delete."""


@dataclass(frozen=True, slots=True)
class Missing:
    """404 on a PUT: the put-code is not there; a listing has to confirm it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A GET's body: any JSON object, not yet parsed further."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """9021, 9030 or 9025: ORCID has it already, under this put-code when its message says so."""

    put_code: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """ORCID does not take this document; nor will it tomorrow."""

    status: int
    code: int | None
    why: str


@dataclass(frozen=True, slots=True)
class NotOurs:
    """403/9010 or 9014: the item belongs to another source."""

    why: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """The record takes no writes now."""

    kind: SuspensionKind
    detail: str


@dataclass(frozen=True, slots=True)
class Unpermitted:
    """The token does not serve (401), or not for this (403): a new permission is needed."""

    why: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Throttled:
    """429 or 503: not carried out; slow down, and wait this long if ORCID says so."""

    after: float | None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody knows whether it was carried out. `late`: it may still be, until its deadline has passed.

    `fails`: it is ORCID's own failure, which the document may cause.
    """

    why: str
    late: bool
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Unsent:
    """It surely was not carried out: no connection."""

    why: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """413: a bulk has to be split."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Something is wrong with us, not with one item: our client is locked or is none, our request is malformed."""

    why: str


SlotVerdict = Created | Duplicate | Refused
Verdict = (
    Created
    | Slots
    | Accepted
    | Deleted
    | Missing
    | Found
    | Duplicate
    | Refused
    | NotOurs
    | Suspended
    | Unpermitted
    | Throttled
    | InDoubt
    | Unsent
    | TooLarge
    | Stop
)

SUSPENSIONS = {
    9007: SuspensionKind.DEPRECATED,
    9018: SuspensionKind.LOCKED,
    9036: SuspensionKind.UNCLAIMED,
    9044: SuspensionKind.DEACTIVATED,
}
"""409 by error-code: the record takes no writes (API_FACTS.md 8)."""

_PUT_CODE = re.compile(r"put-code ([1-9]\d{0,17})\b", re.ASCII)
_LOCATION = re.compile(r"/([1-9]\d{0,17})/?$", re.ASCII)


def read_reply(method: Method | None, reply: Reply, now: float, *, bulk: int = 0) -> Verdict:
    """What a reply means. `method` is None for a GET; `bulk` is how many works a bulk POST carried. Never raises."""
    if isinstance(reply, NoAnswer):
        return InDoubt(reply.why, reply.late) if reply.sent else Unsent(reply.why)
    if isinstance(reply, NoToken):
        return _tokenless(reply)
    if 200 <= reply.status < 300:
        return _success(method, reply, bulk)
    return _failure(method, reply, now)


def _success(method: Method | None, reply: Answer, bulk: int) -> Verdict:
    match method, reply.status:
        case Method.POST, 200 if bulk:
            return _slots(reply.body, bulk)
        case Method.POST, 201:
            found = _LOCATION.search(_header(reply, "location"))
            return Created(int(found[1])) if found else InDoubt("a 201 without a put-code in its Location", late=False)
        case Method.PUT, 200:
            return Accepted()
        case Method.DELETE, 200 | 204:
            return Deleted()
        case None, 200:
            body = _object(reply.body)
            return Stop("a GET was answered with something that is no JSON object") if body is None else Found(body)
        case _:
            return InDoubt(f"status {reply.status} does not answer a {method}", late=False)


def _slots(body: bytes, sent: int) -> Verdict:
    """A slot each, matched by index (API_FACTS.md 1.4)."""
    parsed = _object(body)
    slots = parsed.get("bulk") if parsed else None
    if not isinstance(slots, list) or len(slots) != sent:
        return InDoubt("a bulk's reply does not have a slot for each work", late=False)
    verdicts = [_slot(one) for one in slots]
    if any(one is None for one in verdicts):
        return InDoubt("a slot of a bulk's reply is neither work nor error", late=False)
    return Slots(tuple(one for one in verdicts if one is not None))


def _slot(slot: object) -> SlotVerdict | None:
    if not isinstance(slot, dict):
        return None
    work, error = slot.get("work"), slot.get("error")
    put_code = whole_number(work.get("put-code"), 10**18) if isinstance(work, dict) else None
    if put_code is not None:
        return Created(put_code)
    if not isinstance(error, dict):
        return None
    fault = read_fault(json.dumps(error).encode())
    if fault.code == 9021:
        return Duplicate(_named_put_code(fault))
    return Refused(whole_number(error.get("response-code"), 999) or 400, fault.code, fault.message)


def _failure(method: Method | None, reply: Answer, now: float) -> Verdict:
    fault = read_fault(reply.body)
    match reply.status, fault.code:
        case 301 | 409, 9007:
            return Suspended(SuspensionKind.DEPRECATED, _new_orcid(reply))
        case 409, 9021:
            return Duplicate(_named_put_code(fault))
        case 409, 9030 | 9025:  # their messages name no put-code, but the content: it may read like one
            return Duplicate(None)
        case 409, 9057:
            return Stop("ORCID has locked our client (9057): ask ORCID's member support")
        case 409, int(code) if code in SUSPENSIONS:
            return Suspended(SUSPENSIONS[code], fault.message)
        case 404, 9016 if method is Method.DELETE:
            return Deleted()
        case 404, 9016 if method is Method.PUT:
            return Missing()
        case 404, 9016 | 9011:
            return Suspended(SuspensionKind.UNKNOWN, "ORCID does not know this iD")
        case 401, 9017:
            return Unpermitted("the token is for another ORCID record: the person has to connect again", broken=True)
        case 401, _:
            return _unauthorised(fault)
        case 403, 9004 | 9005 | 9038:
            return Unpermitted(f"the permission lacks a scope ({fault.code})", broken=False)
        case 403, 9010 | 9014:
            return NotOurs(_told(reply, fault))
        case 403, None if not fault.word:
            return Unsent("403 from a proxy in front of ORCID")
        case 403, None:
            return Stop(f"ORCID forbids our client to call its member API ({fault.word or 'no reason given'})")
        case 404 | 405 | 406 | 415, _:
            return Stop(f"ORCID does not know such a request: {_told(reply, fault)}; check ORCID_SYNC_API_URL")
        case 413, _:
            return TooLarge()
        case 429 | 503, _:
            return Throttled(retry_after(reply, now))
        case (408 | 502 | 504, _) | (520 | 521 | 522 | 523 | 524, _):
            return InDoubt(f"a proxy answered {reply.status}", late=True)
        case int(status), code if status >= 500:
            return InDoubt(_told(reply, fault), late=False, fails=(status, code) == (500, 9008))
        case int(status), _ if 300 <= status < 400:
            return Stop(f"ORCID redirects to elsewhere (status {status}): check ORCID_SYNC_API_URL")
        case int(status), _ if status >= 400:
            return Refused(status, fault.code, _told(reply, fault))
        case _:
            return InDoubt(f"status {reply.status} answers nothing", late=False)


def _tokenless(reply: NoToken) -> Verdict:
    """Nothing was sent, for ORCID gives our client no token of its own (API_FACTS.md 7.3)."""
    why = f"{reply.word}{': ' if reply.why else ''}{scrubbed(reply.why)}"
    if reply.word == "invalid_scope":
        return Unpermitted(f"ORCID gives our client no token for it ({why})", broken=False)
    return Stop(f"ORCID gives our client no token ({why}): check ORCID_SYNC_CLIENT_ID and ORCID_SYNC_CLIENT_SECRET")


def _unauthorised(fault: Fault) -> Verdict:
    if fault.word in ("invalid_client", "unauthorized"):
        return Stop(f"ORCID does not accept our client ({fault.word}): check ORCID_SYNC_CLIENT_ID and its secret")
    return Unpermitted("ORCID does not accept the token any more: it was revoked or has expired", broken=True)


def _told(reply: Answer, fault: Fault) -> str:
    code = f" {fault.code}" if fault.code is not None else ""
    return f"{reply.status}{code}{': ' if fault.message else ''}{fault.message}"


def _named_put_code(fault: Fault) -> int | None:
    found = _PUT_CODE.search(fault.message)
    return int(found[1]) if found else None


def _new_orcid(reply: Answer) -> str:
    found = re.search(r"(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", _header(reply, "location"), re.ASCII)
    return found[1] if found else ""


def _header(reply: Answer, name: str) -> str:
    return next((value for key, value in reply.headers.items() if key.lower() == name), "")


def retry_after(reply: Answer, now: float) -> float | None:
    """Seconds, or a date; nonsense is as good as nothing. At most an hour is believed."""
    text = _header(reply, "retry-after").strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return min(float(text), 3600.0)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (aware - datetime.fromtimestamp(now, UTC)).total_seconds()), 3600.0)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        parsed = json.loads(body.decode("utf-8-sig", "replace"))
        if _SUSPECT.search(body):
            parsed = _storable(parsed)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _storable(value: Any) -> Any:
    """Without what no text may hold that is written anywhere."""
    match value:
        case str():
            return _UNUSABLE.sub("\ufffd", value)
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {_storable(key): _storable(one) for key, one in value.items()}
        case _:
            return value
