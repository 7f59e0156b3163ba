"""The token endpoint: a code, a refresh token or a client's credentials for a pair of tokens (API_FACTS 7.2, 7.3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from worker.sandbox.grants import LONG_LIVED, THREE_LEGGED, TWO_LEGGED, Client, Code, Grant, TokenState
from worker.sandbox.messages import JsonObject, Request
from worker.sandbox.oauth.clients import OAuthError, authenticate, read_form
from worker.sandbox.records import RecordState
from worker.sandbox.sandbox import Sandbox

_GONE: Final = frozenset({RecordState.DEACTIVATED, RecordState.DEPRECATED, RecordState.MISSING})
_NOT_ALLOWED: Final = "One of the provided scopes is not allowed. Please refer to the list of allowed scopes."


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
            raise OAuthError(401, "invalid_scope", _NOT_ALLOWED)
        return asked

    def issue(self, orcid: str | None, scopes: frozenset[str], lifetime: float) -> Grant:
        """A new pair of tokens for this client."""
        expires_at = self.sandbox.now() + lifetime
        return self.sandbox.grants.issue(self.client.client_id, orcid, scopes, expires_at)


def give_tokens(sandbox: Sandbox, request: Request) -> JsonObject:
    """What `/oauth/token` answers to a form; raises `OAuthError`."""
    form = read_form(request)
    kind = form.get("grant_type")
    if not kind:
        raise OAuthError(400, "unsupported_grant_type", "grant_type is missing")
    client = authenticate(sandbox, request, form)
    if client.barred:
        state = "locked" if client.locked else "deactivated"
        raise OAuthError(400, "unauthorized_client", f"Client is {state}: {client.client_id}")
    exchange = _GRANT_TYPES.get(kind)
    if exchange is None:
        raise OAuthError(400, "unsupported_grant_type", f"Unsupported grant type: {kind}")
    return token_response(sandbox, exchange(TokenCall(sandbox, client, form)))


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
    parent = _parent(call)
    left = parent.expires_at - call.sandbox.now()
    if left <= 0:
        raise OAuthError(400, "unauthorized_client", f"Access token expired: {parent.access_token}")
    scopes = call.scopes() or parent.scopes
    if scopes - parent.scopes:
        raise OAuthError(400, "invalid_scope", "The given scopes are not a subset of the parent token's scopes")
    if parent.orcid is not None:
        _check_person(call.sandbox, parent.orcid)
    rules = call.sandbox.permission
    lifetime = left if rules.refresh_seconds is None else rules.refresh_seconds
    if not rules.refresh_options:
        grant = call.issue(parent.orcid, scopes, lifetime)
        call.sandbox.grants.end(parent, TokenState.DISABLED)
        return grant
    asked = call.form.get("expires_in", "")
    grant = call.issue(parent.orcid, scopes, min(lifetime, float(asked)) if asked.isdecimal() else lifetime)
    if call.form.get("revoke_old", "true").lower() != "false":
        call.sandbox.grants.end(parent, TokenState.DISABLED)
    return grant


def _parent(call: TokenCall) -> Grant:
    """The living grant that a refresh token of this client belongs to."""
    text = call.form.get("refresh_token", "")
    grants = call.sandbox.grants
    parent = grants.find(text) if grants.is_refresh_token(text) else None
    if parent is None:
        raise OAuthError(400, "unauthorized_client", "Unable to find refresh token")
    if parent.client_id != call.client.client_id:
        raise OAuthError(400, "invalid_request", "This token does not belong to the given client")
    if parent.state is not TokenState.LIVE:
        raise OAuthError(400, "unauthorized_client", "Parent token is disabled")
    return parent


def _grant_to_client(call: TokenCall) -> Grant:
    """A client's own token; scopes that only a researcher can grant are silently dropped (section 1.3)."""
    scopes = call.scopes() & TWO_LEGGED
    if refused := scopes - call.client.scopes:
        raise OAuthError(400, "invalid_scope", f"Invalid scope: {' '.join(sorted(refused))}")
    return call.issue(None, scopes, LONG_LIVED)


def _check_person(sandbox: Sandbox, orcid: str) -> None:
    record = sandbox.records.get(orcid)
    if record is None or record.state in _GONE:
        raise OAuthError(400, "unauthorized_client", f"The ORCID record {orcid} is not active")


_GRANT_TYPES: Final[dict[str, Callable[[TokenCall], Grant]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "client_credentials": _grant_to_client,
}
