"""The ORCID client: sends calls over HTTPS with one pooled httpx client, and says what came of it.

It decides nothing about replies (replies.py does); it only knows what is safe to send twice.
"""

import ssl
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import monotonic

import httpcore
import httpx
import tenacity

from worker.ports import Answer, HttpCall, NoAnswer, Reply
from worker.sending.deadline import END, DeadlineTransport

SAFE_TO_REPEAT = frozenset({"GET", "PUT", "DELETE"})
ATTEMPTS = 2
"""How often a safe call is sent at once, when its connection fails; every longer wait is in the store."""
LARGEST_REPLY = 64 * 1024 * 1024
"""A works list of 10,000 works is tens of megabytes (API_FACTS.md 11, no. 23); more than this is not read."""
KEEPALIVE_SECONDS = 30.0
USER_AGENT = "orcid-sync"


class OrcidClient:
    """The transport port over HTTP. Threads share its connections."""

    def __init__(self, base_url: str, lanes: int = 12, pause: float = 0.2) -> None:
        """`base_url` is the member API without version; `pause` the seconds between two attempts of a safe call."""
        self._pause = pause
        tls = ssl.create_default_context() if base_url.startswith("https:") else None
        self._http = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            # Calls of different people share connections; a session cookie would tie them together.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=DeadlineTransport(tls, lanes, KEEPALIVE_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, call: HttpCall) -> Reply:
        """Sends once; a safe call whose connection failed is sent once more within the same deadline."""
        end = monotonic() + call.deadline
        doubts: list[NoAnswer] = []

        def attempt() -> Reply:
            reply = self._once(call, end)
            if isinstance(reply, NoAnswer) and reply.sent:
                doubts.append(reply)
            return reply

        repeating = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS if call.method in SAFE_TO_REPEAT else 1)
            | tenacity.stop_after_delay(call.deadline / 2),
            wait=tenacity.wait_random(0, self._pause),
            retry=tenacity.retry_if_result(lambda reply: isinstance(reply, NoAnswer) and not reply.late),
            retry_error_callback=_last_reply,
        )
        reply: Reply = repeating(attempt)
        if doubts and not _settles(call.method, reply):
            reply = replace(doubts[-1], late=any(doubt.late for doubt in doubts))
        return replace(reply, attempts=int(repeating.statistics["attempt_number"]))

    def close(self) -> None:
        """Closes all connections."""
        self._http.close()

    def _once(self, call: HttpCall, end: float) -> Reply:
        if self._http.is_closed:
            return NoAnswer("the client is closed", sent=False, late=False)
        try:
            request = self._request(call, end)
        except (ValueError, httpx.InvalidURL):
            return NoAnswer("the request cannot be written", sent=False, late=False)
        try:
            response = self._http.send(request, stream=True)
            try:
                return Answer(response.status_code, dict(response.headers), _body(response))
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

    def _request(self, call: HttpCall, end: float) -> httpx.Request:
        headers = {"Authorization": f"Bearer {call.token.reveal()}", "Accept": call.media_type or ""}
        if call.body is not None:
            headers["Content-Type"] = call.media_type or ""
        return self._http.build_request(
            call.method, call.path, content=call.body, headers=headers, extensions={END: end}
        )


class _TooLarge(Exception):  # noqa: N818 - the reply is larger than any of ORCID's
    pass


def _body(response: httpx.Response) -> bytes:
    """The body, within a bound on its size."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST_REPLY:
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
