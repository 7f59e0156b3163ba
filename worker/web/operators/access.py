"""Access: who may look at the operators' pages."""

import base64
import binascii
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mappers.secret import Secret
from worker.settings.values import is_loopback

CHALLENGE = 'Basic realm="orcid-sync", charset="UTF-8"'
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy shows itself: then the peer is the proxy, and nobody knows who asked."""

Page = Callable[[Request], Response]


def guarded(page: Page, token: Secret | None) -> Page:
    """The page, for who shows the token: as password of any user, or as a bearer token.

    Without a token, for this machine only: a peer on loopback that asked for a loopback host (or else any site that
    its browser visits could ask in its name, under a name of its own), with no proxy between.
    """

    def serve(request: Request) -> Response:
        return _refusal(request, token) or page(request)

    return serve


def _refusal(request: Request, token: Secret | None) -> Response | None:
    if token is None:
        if _is_of_this_machine(request):
            return None
        return PlainTextResponse("these pages answer this machine only, until ORCID_SYNC_WEB_TOKEN is set\n", 403)
    if _shows(request.headers.get("authorization", ""), token):
        return None
    headers = {"www-authenticate": CHALLENGE}
    return PlainTextResponse("the token of ORCID_SYNC_WEB_TOKEN is needed, as password or bearer\n", 401, headers)


def _shows(authorization: str, token: Secret) -> bool:
    scheme, _, given = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            shown = given.strip().encode("latin-1", "replace")
        case "basic":
            shown = _password(given.strip())
        case _:
            return False
    return hmac.compare_digest(shown, token.reveal().encode())


def _password(credentials: str) -> bytes:
    try:
        decoded = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return decoded.partition(b":")[2]


def _is_of_this_machine(request: Request) -> bool:
    if request.client is None or not is_loopback(request.client.host):
        return False
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return host is not None and is_loopback(host)
