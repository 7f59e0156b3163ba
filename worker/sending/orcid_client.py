"""The ORCID client: sends calls over HTTPS with one pooled httpx client, and says what came of it.

It decides nothing about replies (replies.py does); it only knows what is safe to send twice.
"""

import ssl
from dataclasses import replace
from time import monotonic

import httpx
import tenacity

from worker.ports import Answer, HttpCall, NoAnswer, Reply

SAFE_TO_REPEAT = frozenset({"GET", "PUT", "DELETE"})
ATTEMPTS = 2
"""How often a safe call is sent at once, when its connection fails; every longer wait is in the store."""
LARGEST_REPLY = 64 * 1024 * 1024
"""A works list of 10,000 works is tens of megabytes (API_FACTS.md 11, no. 23); more than this is not read."""
USER_AGENT = "orcid-sync"


class OrcidClient:
    """The transport port over HTTP. Threads share its connections."""

    def __init__(self, base_url: str, lanes: int = 12, pause: float = 0.2) -> None:
        """`base_url` is the member API without version; `pause` the seconds between two attempts of a safe call."""
        self._pause = pause
        self._http = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            limits=httpx.Limits(max_connections=lanes, max_keepalive_connections=lanes, keepalive_expiry=30.0),
            follow_redirects=False,
            trust_env=False,
            verify=ssl.create_default_context() if base_url.startswith("https:") else False,  # none on loopback
        )

    def send(self, call: HttpCall) -> Reply:
        """Sends once; a safe call whose connection failed is sent once more within the same deadline."""
        end = monotonic() + call.deadline
        repeating = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS if call.method in SAFE_TO_REPEAT else 1)
            | tenacity.stop_after_delay(call.deadline / 2),
            wait=tenacity.wait_random(0, self._pause),
            retry=tenacity.retry_if_result(lambda reply: isinstance(reply, NoAnswer) and not reply.late),
            retry_error_callback=_last_reply,
        )
        reply: Reply = repeating(self._once, call, end)
        return replace(reply, attempts=int(repeating.statistics["attempt_number"]))

    def close(self) -> None:
        """Closes all connections."""
        self._http.close()

    def _once(self, call: HttpCall, end: float) -> Reply:
        left = max(0.001, end - monotonic())
        headers = {"Authorization": f"Bearer {call.token.reveal()}", "Accept": call.media_type or ""}
        if call.body is not None:
            headers["Content-Type"] = call.media_type or ""
        try:
            with self._http.stream(
                call.method, call.path, content=call.body, headers=headers, timeout=httpx.Timeout(left)
            ) as response:
                return Answer(response.status_code, dict(response.headers), _body(response, end))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return NoAnswer(_told(error), sent=False, late=False)
        except (httpx.TimeoutException, _TooSlow) as error:
            return NoAnswer(_told(error), sent=True, late=True)
        except (httpx.HTTPError, httpx.InvalidURL, _TooLarge, ssl.SSLError) as error:
            return NoAnswer(_told(error), sent=True, late=False)


class _TooSlow(Exception):  # noqa: N818 - the call's deadline passed while its reply trickled in
    pass


class _TooLarge(Exception):  # noqa: N818 - the reply is larger than any of ORCID's
    pass


def _body(response: httpx.Response, end: float) -> bytes:
    """The body, within the deadline of the whole call and a bound on its size."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST_REPLY:
            raise _TooLarge
        if monotonic() > end:
            raise _TooSlow
        parts.append(part)
    return b"".join(parts)


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
        "_TooSlow": "no whole reply in time",
        "_TooLarge": "a reply larger than any of ORCID's",
    }.get(type(error).__name__, "the connection was cut")
