"""Our client's own tokens (client_credentials), asked for at ORCID's `/oauth/token` (API_FACTS.md 7.2, 7.3)."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

import httpx
from authlib.oauth2 import ClientAuth, OAuth2Error
from authlib.oauth2.client import OAuth2Client

from mappers.secret import Secret
from worker.ports import Answer, NoAnswer, NoToken
from worker.sending.deadline import steady

LEEWAY_SECONDS = 60.0
"""A token is not used so shortly before it expires, so that no call meets its end."""
OAUTH_PATH = "/oauth/token"
REVOKE_PATH = "/oauth/revoke"
LONGEST_SECONDS = 86_400.0
"""A token is asked for anew every day, however long it would last."""
PASSING = frozenset({"server_error", "temporarily_unavailable"})
"""OAuth's words for trouble that passes by itself (RFC 6749, 4.1.2.1)."""
FORM_HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
IN_FORM = "client_secret_post"
"""Where Authlib puts our id and secret."""
NO_SECRET = NoToken("invalid_client", "no client secret is set")


class TokenEndpoint(Protocol):
    """Sends one form to the token endpoint. `end` is when (`steady`) the call has to be over."""

    def __call__(self, form: bytes, headers: Mapping[str, str], end: float) -> Answer | NoAnswer:
        """What came back."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    token: Secret
    until: float


class ClientTokens:
    """Tokens by scope, kept until shortly before they expire. Threads share them; one asks while the others wait."""

    def __init__(
        self,
        client_id: str,
        client_secret: Secret | None,
        endpoint: TokenEndpoint,
        now: Callable[[], float] = steady,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._endpoint = endpoint
        self._now = now
        self._kept: dict[str, _Kept] = {}
        self._asking = threading.Lock()

    def token(self, scope: str, end: float) -> Secret | NoAnswer | NoToken:
        """The token of a scope, or why there is none. Never raises; no longer than until `end` (`steady`)."""
        if not self._asking.acquire(timeout=max(0.0, end - steady())):
            return NoAnswer("no token in time", sent=False, late=False)
        try:
            kept = self._kept.get(scope)
            if kept is not None and self._now() < kept.until:
                return kept.token
            return self._ask(scope, end)
        finally:
            self._asking.release()

    def drop(self, scope: str, token: Secret) -> None:
        """Forgets a token that ORCID did not accept; another one that took its place meanwhile stays."""
        with self._asking:
            kept = self._kept.get(scope)
            if kept is not None and kept.token == token:
                del self._kept[scope]

    def signed(self, form: Mapping[str, str]) -> tuple[bytes, Mapping[str, str]] | NoToken:
        """A form with our id and secret in it and its headers, or why there is none.

        Raises ValueError for text that no form can hold.
        """
        if self._client_secret is None:
            return NO_SECRET
        auth = ClientAuth(self._client_id, self._client_secret.reveal(), IN_FORM)
        _, headers, body = auth.prepare("POST", "", dict(FORM_HEADERS), urlencode(form))
        return body.encode(), headers

    def _ask(self, scope: str, end: float) -> Secret | NoAnswer | NoToken:
        if self._client_secret is None:
            return NO_SECRET
        session = _Session(self._endpoint, end)
        secret = self._client_secret.reveal()
        client = OAuth2Client(session, self._client_id, secret, token_endpoint_auth_method=IN_FORM)
        try:
            told = client.fetch_token(OAUTH_PATH, grant_type="client_credentials", scope=scope)
        except _NoReply as nothing:
            return nothing.answer
        except OAuth2Error as error:
            word = str(error.error)[:100]
            if word in PASSING:
                return _unavailable(word)
            return NoToken(word, str(error.description or "")[:500])
        except (httpx.HTTPStatusError, ValueError, RecursionError):
            return _unavailable(f"status {session.status}")
        return self._keep(scope, told)

    def _keep(self, scope: str, told: Mapping[str, object]) -> Secret | NoAnswer:
        text, seconds = told.get("access_token"), told.get("expires_in")
        if not (isinstance(text, str) and text.isascii() and text.isprintable() and 0 < len(text) <= 4096):
            return _unavailable("something that is no token")
        token = Secret(text)
        if isinstance(seconds, int | float) and seconds > LEEWAY_SECONDS:
            self._kept[scope] = _Kept(token, self._now() + min(seconds, LONGEST_SECONDS) - LEEWAY_SECONDS)
        return token


def _unavailable(what: str) -> NoAnswer:
    return NoAnswer(f"ORCID's token service answered with {what}", sent=False, late=False)


class _NoReply(Exception):  # noqa: N818 - carries what came instead of a reply through Authlib
    def __init__(self, answer: NoAnswer) -> None:
        super().__init__(answer.why)
        self.answer = answer


class _Session:
    """The HTTP session that Authlib's client asks through: what it sends is bounded in time, as any call of ours."""

    def __init__(self, endpoint: TokenEndpoint, end: float) -> None:
        self._endpoint = endpoint
        self._end = end
        self.status = 0

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> httpx.Response:
        """Sends a form with our id and secret in it; raises _NoReply."""
        address, named, form = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = self._endpoint(form.encode(), named, self._end)
        if isinstance(answer, NoAnswer):
            raise _NoReply(answer)
        self.status = answer.status
        return httpx.Response(answer.status, content=answer.body, request=httpx.Request("POST", address))
