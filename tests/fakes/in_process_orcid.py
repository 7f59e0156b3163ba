"""The transport without a network: the stand-in's own core, asked in the same process."""

from collections.abc import Mapping
from time import monotonic
from urllib.parse import unquote

from mappers.secret import Secret
from worker.ports import ACCEPTED, Answer, ClientScope, HttpCall, NoAnswer, NoToken, OAuthCall, Reply
from worker.sandbox.member_api import answer
from worker.sandbox.messages import Request, Response
from worker.sandbox.oauth_api import answer_oauth
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from worker.sending.client_tokens import OAUTH_PATH, ClientTokens


class InProcessOrcid:
    """Answers as the stand-in does, one call after another; its faults and its limit belong to HTTP."""

    def __init__(self, sandbox: Sandbox, client_secret: str | None = CLIENT_SECRET) -> None:
        self._sandbox = sandbox
        secret = None if client_secret is None else Secret(client_secret)
        self._tokens = ClientTokens(CLIENT_ID, secret, self._ask_for_token)
        self.stale_seconds = 0.0
        """How long ago the record stood as lists show it."""

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """The stand-in's reply."""
        if isinstance(call, OAuthCall):
            signed = self._tokens.signed(call.form)
            return signed if isinstance(signed, NoToken) else self._post_form(call.path, *signed)
        if not isinstance(call.token, ClientScope):
            return self._send(call, call.token.reveal())
        token = self._tokens.token(call.token.scope, monotonic() + call.deadline)
        if isinstance(token, NoAnswer | NoToken):
            return token
        reply = self._send(call, token.reveal())
        if reply.status == 401:
            self._tokens.drop(call.token.scope, token)
        return reply

    def _send(self, call: HttpCall, token: str) -> Answer:
        headers = {"authorization": f"Bearer {token}", "accept": ACCEPTED, "host": "orcid.test"}
        if call.body is not None:
            headers["content-type"] = call.media_type or ""
        path, _, query = call.path.partition("?")
        request = Request(call.method, unquote(path), query, headers=headers, body=call.body or b"")
        as_of = int((self._sandbox.now() - self.stale_seconds) * 1000) if self.stale_seconds else None
        with self._sandbox.lock:
            return _told(answer(self._sandbox, request, as_of))

    def _ask_for_token(self, form: bytes, headers: Mapping[str, str], end: float) -> Answer:
        del end  # it takes no time
        return self._post_form(OAUTH_PATH, form, headers)

    def _post_form(self, path: str, form: bytes, headers: Mapping[str, str]) -> Answer:
        named = {name.lower(): value for name, value in headers.items()}
        with self._sandbox.lock:
            return _told(answer_oauth(self._sandbox, Request("POST", path, headers=named, body=form)))

    def close(self) -> None:
        """Nothing stays open."""


def _told(response: Response) -> Answer:
    return Answer(response.status, dict(response.headers), response.body)
