"""The ORCID client: sends calls over HTTPS with one pooled httpx client, and says what came of it.

It decides nothing about replies (replies.py does); it only knows what is safe to send twice.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx
import tenacity

from mappers.secret import Secret
from worker.ports import ACCEPTED, Answer, ClientScope, HttpCall, NoAnswer, NoToken, OAuthCall, Reply
from worker.sending.client_tokens import OAUTH_PATH, REVOKE_PATH, ClientTokens
from worker.sending.deadline import END, DeadlineTransport, steady

SAFE_TO_REPEAT = frozenset({"GET", "PUT", "DELETE"})
ATTEMPTS = 2
"""How often a safe call is sent at once, when its connection fails; every longer wait is in the store."""
LARGEST_REPLY = 64 * 1024 * 1024
"""A works list of 10,000 works is tens of megabytes (API_FACTS.md 11, no. 23); more than this is not read."""
LARGEST_TOKEN_REPLY = 64 * 1024
KEEPALIVE_SECONDS = 30.0
USER_AGENT = "orcid-sync"


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """How our client gets tokens of its own: the base of ORCID's `/oauth/token`, and its credentials."""

    auth_url: str
    client_id: str
    client_secret: Secret | None


class OrcidClient:
    """The transport port over HTTP. Threads share its connections."""

    def __init__(self, base_url: str, own: OwnAccess | None = None, lanes: int = 12, pause: float = 0.2) -> None:
        """`base_url` is the member API without version; `pause` the seconds between two attempts of a safe call.

        Without `own` access, calls that need our client's own token get none.
        """
        self._pause = pause
        self._auth_url = own.auth_url if own else ""
        self._tokens = ClientTokens(own.client_id, own.client_secret, self._ask_for_token) if own else None
        https = any(url.startswith("https:") for url in (base_url, self._auth_url))
        tls = ssl.create_default_context() if https else None
        self._http = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            # Calls of different people share connections; a session cookie would tie them together.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=DeadlineTransport(tls, lanes, KEEPALIVE_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """Sends once; a safe call whose connection failed is sent once more within the same deadline."""
        end = steady() + call.deadline
        if isinstance(call, OAuthCall):
            return self._send_form(call, end)
        end = end if call.end is None else call.end
        if steady() >= end:
            return NoAnswer("its time was over before it was sent", sent=False, late=False)
        if not isinstance(call.token, ClientScope):
            return self._send(call, call.token.reveal(), end)
        scope = call.token.scope
        token = self._tokens.token(scope, end) if self._tokens else NoToken("invalid_client", "no client is set")
        if isinstance(token, NoAnswer | NoToken):
            return replace(token, attempts=0)
        reply = self._send(call, token.reveal(), end)
        if self._tokens and isinstance(reply, Answer) and reply.status == 401:
            self._tokens.drop(scope, token)
        return reply

    def _send(self, call: HttpCall, token: str, end: float) -> Reply:
        attempts = ATTEMPTS if call.method in SAFE_TO_REPEAT else 1
        return self._repeated(lambda: self._once(call, token, end), call.method, attempts, call.deadline / 2)

    def _send_form(self, call: OAuthCall, end: float) -> Reply:
        """A form with our id and secret in it. Only a revocation may be repeated: codes are good once."""
        try:
            signed = self._tokens.signed(call.form) if self._tokens else NoToken("invalid_client", "no client is set")
        except ValueError:
            return NoAnswer("the request cannot be written", sent=False, late=False)
        if isinstance(signed, NoToken):
            return signed
        form, headers = signed
        attempts = ATTEMPTS if call.path == REVOKE_PATH else 1
        return self._repeated(
            lambda: self._post_form(call.path, form, headers, end), "POST", attempts, call.deadline / 2
        )

    def _repeated(self, once: Callable[[], Reply], method: str, attempts: int, seconds: float) -> Reply:
        doubts: list[NoAnswer] = []

        def attempt() -> Reply:
            reply = once()
            if isinstance(reply, NoAnswer) and reply.sent:
                doubts.append(reply)
            return reply

        repeating = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_after_delay(seconds),
            wait=tenacity.wait_random(0, self._pause),
            retry=tenacity.retry_if_result(lambda reply: isinstance(reply, NoAnswer) and not reply.late),
            retry_error_callback=_last_reply,
        )
        reply: Reply = repeating(attempt)
        if doubts and not _settles(method, reply):
            reply = replace(doubts[-1], late=any(doubt.late for doubt in doubts))
        return replace(reply, attempts=int(repeating.statistics["attempt_number"]))

    def close(self) -> None:
        """Closes all connections."""
        self._http.close()

    def _ask_for_token(self, form: bytes, headers: Mapping[str, str], end: float) -> Answer | NoAnswer:
        reply = self._post_form(OAUTH_PATH, form, headers, end)
        return replace(reply, sent=False, late=False) if isinstance(reply, NoAnswer) else reply

    def _post_form(self, path: str, form: bytes, headers: Mapping[str, str], end: float) -> Answer | NoAnswer:
        url = f"{self._auth_url}{path}"
        request = self._http.build_request("POST", url, content=form, headers=headers, extensions={END: end})
        return self._exchange(request, LARGEST_TOKEN_REPLY)

    def _once(self, call: HttpCall, token: str, end: float) -> Answer | NoAnswer:
        try:
            request = self._request(call, token, end)
        except (ValueError, httpx.InvalidURL):
            return NoAnswer("the request cannot be written", sent=False, late=False)
        return self._exchange(request, LARGEST_REPLY)

    def _exchange(self, request: httpx.Request, largest: int) -> Answer | NoAnswer:
        if self._http.is_closed:
            return NoAnswer("the client is closed", sent=False, late=False)
        try:
            response = self._http.send(request, stream=True)
            try:
                return Answer(response.status_code, dict(response.headers), _body(response, largest))
            finally:
                response.close()
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            return NoAnswer(_told(error), sent=False, late=False)
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
            return NoAnswer(_told(error), sent=False, late=False)
        except httpcore.TimeoutException as error:
            return NoAnswer(_told(error), sent=True, late=True)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, _TooLarge, OSError) as error:
            return NoAnswer(_told(error), sent=True, late=False)

    def _request(self, call: HttpCall, token: str, end: float) -> httpx.Request:
        headers = {"Authorization": f"Bearer {token}", "Accept": ACCEPTED}
        if call.body is not None:
            headers["Content-Type"] = call.media_type or ""
        return self._http.build_request(
            call.method, call.path, content=call.body, headers=headers, extensions={END: end}
        )


class _TooLarge(Exception):  # noqa: N818 - the reply is larger than any of ORCID's
    pass


def _body(response: httpx.Response, largest: int) -> bytes:
    """The body, within a bound on its size."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > largest:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _settles(method: str, reply: Reply) -> bool:
    """Whether a reply to the second attempt also tells what the first one, which may have arrived, has done.

    That the second was refused or throttled does not.
    """
    return isinstance(reply, Answer) and (method == "GET" or 200 <= reply.status < 300 or reply.status == 404)


def _last_reply(state: tenacity.RetryCallState) -> Reply:
    outcome = state.outcome
    reply: Reply = outcome.result() if outcome else NoAnswer("never sent", sent=False, late=False)
    return reply


def _told(error: Exception) -> str:
    """The kind of failure in a word: an exception's own text may hold addresses and more."""
    return {
        "ConnectError": "no connection",
        "ConnectTimeout": "no connection in time",
        "PoolTimeout": "no connection in time",
        "ReadTimeout": "no reply in time",
        "WriteTimeout": "the request could not be sent in time",
        "LocalProtocolError": "the request cannot be written",
        "UnsupportedProtocol": "the address is none of HTTP",
        "_TooLarge": "a reply larger than any of ORCID's",
    }.get(type(error).__name__, "the connection was cut")
