"""Replies of ORCID's authorization server: what a token request or a revocation came to (API_FACTS.md 7.2 to 7.4)."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mappers.identifiers import OrcidId, parse_orcid_id
from mappers.secret import Secret
from worker.calling.error_bodies import read_fault, scrubbed
from worker.calling.replies import retry_after
from worker.ports import Answer, NoAnswer, NoToken, Reply

LONGEST_TOKEN = 4096
LONGEST_NAME = 500
LONGEST_SECONDS = 1e10
"""Some 300 years: ORCID's longest are twenty."""

PASSING = frozenset({"server_error", "temporarily_unavailable"})
"""OAuth's words for trouble that passes by itself (RFC 6749, 4.1.2.1)."""
OF_OURS = frozenset({"invalid_client", "unauthorized", "unsupported_grant_type", "invalid_scope"})
"""Words about our client or our request, whosever permission it is for."""

_ECHOED = re.compile(r"(?i)\b((?:code|token)\b[^:]{0,20}:\s*|expired:\s*|denied:\s*)\S+")
_LIKE_A_TOKEN = re.compile(r"(?=[A-Za-z_.-]*\d)[\w.-]{24,}", re.ASCII)
_SCOPE = re.compile(r"(?<!\S)[!#-\[\]-~]+(?!\S)")
"""What a scope may be written with (RFC 6749, 3.3)."""


class Refusal(StrEnum):
    """What a refused exchange was about. Three of them share OAuth's word, so ORCID's text tells them apart."""

    CODE_REUSED = "code_reused"
    CODE_EXPIRED = "code_expired"
    REDIRECT_MISMATCH = "redirect_mismatch"
    CLIENT = "client"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TokenGranted:
    """A pair of tokens. `expires_in` is in seconds; `name` is the record's public one; a client's own has no iD."""

    access_token: Secret
    refresh_token: Secret | None
    expires_in: float
    scopes: frozenset[str]
    name: str
    orcid: OrcidId | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """The token, if it was any, serves no more."""


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """The service said no. `word` is OAuth's; `why` is one line without tokens and codes.

    `is_ours`: our client or settings are wrong, not the permission.
    """

    word: str
    why: str
    is_ours: bool
    about: Refusal = Refusal.OTHER


@dataclass(frozen=True, slots=True)
class TokenUnavailable:
    """No clear answer. `sent` is false when surely nothing was done; `after` the seconds that ORCID asks to wait."""

    why: str
    sent: bool
    after: float | None = None


def read_token_reply(reply: Reply, now: float) -> TokenGranted | TokenRefused | TokenUnavailable:
    """What came of a form to `/oauth/token`. Never raises, whatever came."""
    if isinstance(reply, Answer) and reply.status == 200:
        return _granted(reply.body) or TokenUnavailable("ORCID answered with something that is no token", sent=True)
    return _refused(reply, now)


def read_revoke_reply(reply: Reply, now: float = 0.0) -> Revoked | TokenRefused | TokenUnavailable:
    """What came of a form to `/oauth/revoke`: 200 also when the token was unknown (API_FACTS.md 7.4). Never raises."""
    if isinstance(reply, Answer) and reply.status == 200 and not reply.body.lstrip().startswith(b"<"):
        return Revoked()
    return _refused(reply, now)


def _refused(reply: Reply, now: float) -> TokenRefused | TokenUnavailable:
    match reply:
        case NoToken(word, why):
            return TokenRefused(word, without_tokens(why), is_ours=True, about=Refusal.CLIENT)
        case NoAnswer(why, sent):
            return TokenUnavailable(why, sent)
        case Answer(status, _, body):
            return _refused_by(reply, status, body, now)


def _refused_by(reply: Answer, status: int, body: bytes, now: float) -> TokenRefused | TokenUnavailable:
    """ORCID's forwarder answers 401 `invalid_request` when it fails itself (API_FACTS.md 7.3, last row)."""
    fault = read_fault(body)
    if status in (429, 503):
        return TokenUnavailable(f"ORCID answered with status {status}", sent=False, after=retry_after(reply, now))
    passes = fault.word in PASSING or (status, fault.word) == (401, "invalid_request")
    if not 400 <= status < 500 or not fault.word or passes:
        return TokenUnavailable(f"ORCID answered with status {status} {fault.word[:100]}".strip(), sent=True)
    about = _about(fault.word, fault.message)
    ours = fault.word in OF_OURS or about is Refusal.REDIRECT_MISMATCH
    return TokenRefused(fault.word[:100], without_tokens(fault.message), ours, about)


def _about(word: str, message: str) -> Refusal:
    said = message.lower()
    match word:
        case "invalid_grant" if said.startswith("reused"):
            return Refusal.CODE_REUSED
        case "invalid_grant" | "invalid_request" if "redirect uri" in said:
            return Refusal.REDIRECT_MISMATCH
        case "invalid_grant" | "invalid_request" if "code has expired" in said:
            return Refusal.CODE_EXPIRED
        case "invalid_client" | "unauthorized" | "unauthorized_client":
            return Refusal.CLIENT
        case _:
            return Refusal.OTHER


def without_tokens(message: str) -> str:
    """A message in one line, without what a token or a code may be: ORCID echoes both."""
    return _LIKE_A_TOKEN.sub("…", _ECHOED.sub(r"\1…", scrubbed(message)))


def _granted(body: bytes) -> TokenGranted | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    access, seconds = _token(told.get("access_token")), _seconds(told.get("expires_in"))
    try:
        orcid = None if told.get("orcid") is None else parse_orcid_id(str(told["orcid"]))
    except ValueError:
        return None
    if access is None or seconds is None:
        return None
    scope, name = told.get("scope"), told.get("name")
    return TokenGranted(
        access_token=access,
        refresh_token=_token(told.get("refresh_token")),
        expires_in=seconds,
        scopes=frozenset(_SCOPE.findall(scope) if isinstance(scope, str) else ()),
        name=_name(name) if isinstance(name, str) else "",
        orcid=orcid,
    )


def _token(value: Any) -> Secret | None:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TOKEN:
        return None
    return Secret(value) if value.isascii() and value.isprintable() and " " not in value else None


def _seconds(value: Any) -> float | None:
    """Also as text, as some services write numbers in JSON."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= LONGEST_SECONDS else None


def _name(text: str) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text[:LONGEST_NAME])
    return " ".join(shown.split())
