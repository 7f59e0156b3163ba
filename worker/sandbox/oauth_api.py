"""The authorization server: `/oauth/token` and `/oauth/revoke` (API_FACTS sections 7.2 to 7.4)."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl

from worker.sandbox.grants import (
    LONG_LIVED,
    THREE_LEGGED,
    TWO_LEGGED,
    Client,
    Code,
    Grant,
    TokenState,
)
from worker.sandbox.messages import JsonObject, Request, Response, json_response
from worker.sandbox.records import RecordState
from worker.sandbox.sandbox import Sandbox

_GONE: Final = frozenset({RecordState.DEACTIVATED, RecordState.DEPRECATED, RecordState.MISSING})


class OAuthError(Exception):
    """What the authorization server answers instead of a token."""

    def __init__(self, status: int, error: str, description: str) -> None:
        """Remember what the body says."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class TokenCall:
    """A form that an authenticated client sent."""

    sandbox: Sandbox
    client: Client
    form: dict[str, str]

    def scopes(self) -> frozenset[str]:
        """The scopes asked for; 401 for one that does not exist."""
        asked = frozenset(self.form.get("scope", "").replace(",", " ").split())
        if asked - THREE_LEGGED - TWO_LEGGED:
            text = "One of the provided scopes is not allowed. Please refer to the list of allowed scopes."
            raise OAuthError(401, "invalid_scope", text)
        return asked

    def issue(self, orcid: str | None, scopes: frozenset[str], lifetime: float) -> Grant:
        """A new pair of tokens for this client."""
        expires_at = self.sandbox.now() + lifetime
        return self.sandbox.grants.issue(self.client.client_id, orcid, scopes, expires_at)


def answer_oauth(sandbox: Sandbox, request: Request) -> Response:
    """What the authorization server replies to a POST."""
    try:
        match request.method, request.path.rstrip("/"):
            case "POST", "/oauth/token":
                return json_response(200, _token(sandbox, request))
            case "POST", "/oauth/revoke":
                return _revoke(sandbox, request)
            case _, "/oauth/token" | "/oauth/revoke":
                return _oauth_error(OAuthError(405, "invalid_request", "Endpoint and method mismatch"))
            case _:
                return _oauth_error(OAuthError(404, "invalid_request", "There is nothing at this address"))
    except OAuthError as error:
        return _oauth_error(error)


def _oauth_error(error: OAuthError) -> Response:
    return json_response(error.status, {"error": error.error, "error_description": error.description})


def token_response(sandbox: Sandbox, grant: Grant) -> JsonObject:
    """A grant as the token endpoint shows it (section 7.2)."""
    record = sandbox.records.get(grant.orcid or "")
    return {
        "access_token": grant.access_token,
        "token_type": "bearer",
        "refresh_token": grant.refresh_token,
        "expires_in": max(0, round(grant.expires_at - sandbox.now())),
        "scope": " ".join(sorted(grant.scopes)),
        "name": None if record is None else record.name,
        "orcid": grant.orcid,
    }


def _token(sandbox: Sandbox, request: Request) -> JsonObject:
    form = _form(request)
    kind = form.get("grant_type")
    if not kind:
        raise OAuthError(400, "unsupported_grant_type", "grant_type is missing")
    call = TokenCall(sandbox, _authenticate(sandbox, request, form), form)
    exchange = _GRANT_TYPES.get(kind)
    if exchange is None:
        raise OAuthError(400, "unsupported_grant_type", f"Unsupported grant type: {kind}")
    return token_response(sandbox, exchange(call))


def _exchange_code(call: TokenCall) -> Grant:
    text = call.form.get("code", "")
    code = call.sandbox.grants.find_code(text)
    if code is None or code.client_id != call.client.client_id:
        raise OAuthError(400, "invalid_grant", f"Invalid authorization code: {text}")
    _check_code(call, code)
    scopes = call.scopes()
    if scopes - code.scopes:
        available = ", ".join(sorted(code.scopes))
        asked = " ".join(sorted(scopes))
        text = f"Invalid scopes: {asked} available scopes for this code are: [{available}]"
        raise OAuthError(400, "invalid_scope", text)
    _check_person(call.sandbox, code.orcid)
    grant = call.issue(code.orcid, code.scopes, code.lifetime)
    call.sandbox.grants.keep_code(replace(code, spent_on=grant.access_token))
    return grant


def _check_code(call: TokenCall, code: Code) -> None:
    """A code is good once, for a day, and for the redirect URI it was given to; reuse ends its first token."""
    if code.spent_on is not None:
        first = call.sandbox.grants.find(code.spent_on)
        if first is not None:
            call.sandbox.grants.end(first, TokenState.DISABLED)
        raise OAuthError(400, "invalid_grant", f"Reused authorization code: {code.code}")
    if code.expires_at <= call.sandbox.now():
        raise OAuthError(400, "invalid_request", "Authorization code has expired")
    if code.redirect_uri is not None and call.form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError(400, "invalid_grant", "Redirect URI mismatch.")


def _refresh(call: TokenCall) -> Grant:
    text = call.form.get("refresh_token", "")
    grants = call.sandbox.grants
    parent = grants.find(text) if grants.is_refresh_token(text) else None
    if parent is None:
        raise OAuthError(400, "unauthorized_client", "Unable to find refresh token")
    if parent.client_id != call.client.client_id:
        raise OAuthError(400, "invalid_request", "This token does not belong to the given client")
    if parent.state is not TokenState.LIVE:
        raise OAuthError(400, "unauthorized_client", "Parent token is disabled")
    left = parent.expires_at - call.sandbox.now()
    if left <= 0:
        raise OAuthError(400, "unauthorized_client", f"Access token expired: {parent.access_token}")
    scopes = call.scopes() or parent.scopes
    if scopes - parent.scopes:
        raise OAuthError(400, "invalid_scope", "The given scopes are not a subset of the parent token's scopes")
    if parent.orcid is not None:
        _check_person(call.sandbox, parent.orcid)
    asked = call.form.get("expires_in", "")
    grant = call.issue(parent.orcid, scopes, min(left, int(asked)) if asked.isdecimal() else left)
    if call.form.get("revoke_old", "true").lower() != "false":
        grants.end(parent, TokenState.DISABLED)
    return grant


def _grant_to_client(call: TokenCall) -> Grant:
    """A client's own token; scopes that only a researcher can grant are silently dropped (section 1.3)."""
    return call.issue(None, call.scopes() & TWO_LEGGED, LONG_LIVED)


def _revoke(sandbox: Sandbox, request: Request) -> Response:
    """200 whatever the token is; only an own one is ended, with its pair (section 7.4)."""
    form = _form(request)
    client = _authenticate(sandbox, request, form)
    grant = sandbox.grants.find(form.get("token", ""))
    if grant is not None and grant.client_id == client.client_id:
        sandbox.grants.end(grant, TokenState.DISABLED)
    return Response(200)


def _authenticate(sandbox: Sandbox, request: Request, form: dict[str, str]) -> Client:
    client_id, secret = form.get("client_id"), form.get("client_secret")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(encoded)
    if not client_id or not secret:
        text = "An Authentication object was not found in the SecurityContext"
        raise OAuthError(401, "unauthorized", text)
    client = sandbox.grants.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "invalid_client", f"Client not found: {client_id}")
    if client.secret != secret:
        raise OAuthError(401, "invalid_client", "Bad client credentials")
    if client.locked:
        raise OAuthError(400, "unauthorized_client", f"Client is locked: {client_id}")
    return client


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(encoded).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, secret


def _check_person(sandbox: Sandbox, orcid: str) -> None:
    record = sandbox.records.get(orcid)
    if record is None or record.state in _GONE:
        raise OAuthError(400, "unauthorized_client", f"The ORCID record {orcid} is not active")


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


_GRANT_TYPES: Final[dict[str, Callable[[TokenCall], Grant]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "client_credentials": _grant_to_client,
}
