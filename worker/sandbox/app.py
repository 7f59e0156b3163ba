"""The ASGI application: HTTP in, HTTP out, and between them what the network and ORCID's proxy do."""

import asyncio
import logging
import re
import socket
import struct
from dataclasses import replace
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from worker.sandbox.addresses import find_address
from worker.sandbox.bearers import find_token
from worker.sandbox.control import answer_control
from worker.sandbox.errors import OrcidError
from worker.sandbox.faults import CallFacts, Disturbance, Fault
from worker.sandbox.media import negotiate
from worker.sandbox.member_api import answer, error_response
from worker.sandbox.messages import Request, Response, html_response
from worker.sandbox.oauth.clients import OAuthError
from worker.sandbox.oauth_api import answer_oauth, oauth_error
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.traffic import Flight

TRANSPORT: Final = "sandbox.transport"
"""Where the server puts the connection, so that a fault can cut it."""

_log: Final = logging.getLogger(__name__)
_ERROR_CODE: Final = re.compile(rb'error-code(?:":|>)(\d+)')
_REASONS: Final = {
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


class SandboxApp:
    """The stand-in as an ASGI application."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve this state."""
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        head = _head(http)
        if head.path.startswith("/sandbox/"):
            request = await _with_body(http, head)
            with self.sandbox.lock:
                reply = answer_control(self.sandbox, request)
            await _send(reply, scope, receive, send)
            return
        with self.sandbox.lock:
            flight = self.sandbox.traffic.take_off(head)
        try:
            response = await self._serve(http, head, flight)
        except ClientDisconnect:
            response = None
        self._land(flight, response)
        if response is None:
            await _reset_connection(scope)
        else:
            await _send(response, scope, receive, send)

    async def _serve(self, http: HttpRequest, head: Request, flight: Flight) -> Response | None:
        """The response, or None when the connection is to be reset."""
        with self.sandbox.lock:
            refused = self._refuse(head)
            trouble = Disturbance() if refused else self.sandbox.faults.disturb(_facts(head))
        request = await _with_body(http, head)
        # One turn of the event loop at least: a second request for the same iD that is already there gets seen.
        await asyncio.sleep(trouble.delay_before)
        if refused is not None:
            return refused
        striking = trouble.striking
        if striking is not None and not striking.after_commit:
            return _instead(striking, request)
        response = self._carry_out(request, trouble.stale_seconds)
        with self.sandbox.lock:
            self.sandbox.traffic.carried_out(flight)
        await asyncio.sleep(trouble.delay_reply)
        return response if striking is None else _instead(striking, request)

    def _refuse(self, request: Request) -> Response | None:
        """The proxy's 503 when the client is too fast; OAuth is served elsewhere and not limited."""
        if request.path.startswith("/oauth/"):
            return None
        grant = self.sandbox.grants.find(find_token(request) or "")
        if self.sandbox.limit.admits(request.peer if grant is None else grant.client_id):
            return None
        self.sandbox.traffic.limited += 1
        seconds = self.sandbox.settings.retry_after
        return _throttled(503, seconds)

    def _carry_out(self, request: Request, stale_seconds: float) -> Response:
        with self.sandbox.lock:
            try:
                if request.path.startswith("/oauth/"):
                    return answer_oauth(self.sandbox, request)
                as_of = int((self.sandbox.now() - stale_seconds) * 1000) if stale_seconds else None
                return answer(self.sandbox, request, as_of)
            except Exception as error:  # noqa: BLE001
                # As at ORCID: what nobody thought of is 500/9008 with the exception's name. Ours is also a bug to read.
                _log.exception("the stand-in failed at %s %s", request.method, request.path)
                return error_response(OrcidError(9008, exception=type(error).__name__), negotiate(request), None)

    def _land(self, flight: Flight, response: Response | None) -> None:
        with self.sandbox.lock:
            status = None if response is None else response.status
            self.sandbox.traffic.land(flight, status, None if response is None else _error_code(response))


def _head(http: HttpRequest) -> Request:
    scope = http.scope
    return Request(
        method=http.method,
        path=scope["path"],
        query=scope["query_string"].decode("ascii", "replace"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        peer=scope["client"][0] if scope["client"] else "",
    )


async def _with_body(http: HttpRequest, head: Request) -> Request:
    body = await http.body()
    return replace(head, body=body)


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    await HttpResponse(response.body, response.status, dict(response.headers))(scope, receive, send)


def _facts(request: Request) -> CallFacts:
    if request.path.startswith("/oauth/"):
        return CallFacts(request.method, request.path.removeprefix("/oauth/").strip("/"), None)
    address = find_address(request.path)
    words = request.path.strip("/").split("/")
    if address is not None and not address.orcid:
        return CallFacts(request.method, words[1], None)
    return CallFacts(request.method, words[2] if words[2:] else "", None if address is None else address.orcid)


def _instead(fault: Fault, request: Request) -> Response | None:
    """What the client gets because of a fault; None is a reset."""
    if fault.kind.startswith("reset"):
        return None
    if fault.kind in {"500", "error"}:
        error = OrcidError(fault.code, "injected by --fault", exception="java.lang.IllegalStateException")
        return error_response(error, negotiate(request), None)
    if fault.kind == "forwarder":
        return oauth_error(OAuthError(401, fault.error, "injected by --fault"))
    if fault.kind in {"429", "503"}:
        return _throttled(int(fault.kind), fault.retry_after)
    status = int(fault.kind.removesuffix("-html"))
    return html_response(status, _REASONS.get(status, "Unknown Error"))


def _throttled(status: int, retry_after: int | None) -> Response:
    page = html_response(status, _REASONS[status])
    if retry_after is None:
        return page
    return Response(status, page.body, {**page.headers, "retry-after": str(retry_after)})


async def _reset_connection(scope: Scope) -> None:
    """Cut the connection so that the client sees a reset, not an end."""
    transport: asyncio.Transport | None = scope["state"].get(TRANSPORT)
    if transport is None or transport.is_closing():
        return
    connection: Any = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0)  # uvicorn hears of the end in the loop's next turn, and then wants no response


def _error_code(response: Response) -> int | None:
    """ORCID's code in an error body, JSON or XML."""
    found = _ERROR_CODE.search(response.body) if response.status >= 400 else None
    return None if found is None else int(found[1])
