"""Visitors: what a request tells of who makes it: language, browser, and whom the institution says it is."""

from dataclasses import dataclass

from starlette.requests import Request

from worker.web.consent.cookies import Cookies
from worker.web.consent.texts import CODES, choose_language


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who makes a request.

    `language` is the code of the language to speak, `chose` whether the address asks for it. `cookie` is what binds to
    the browser, as it came. `user` is whom the single sign-on names: empty for nobody, None when there is none.
    """

    language: str
    chose: bool
    cookie: str
    user: str | None


def visitor(request: Request, cookies: Cookies, sso_header: str | None) -> Visitor:
    """Who makes this request."""
    asked = request.query_params.get("lang")
    accepted = request.headers.get("accept-language", "")
    return Visitor(
        language=choose_language(asked, cookies.language(request), accepted),
        chose=asked in CODES,
        cookie=cookies.browser(request),
        user=None if sso_header is None else _named(request, sso_header),
    )


def _named(request: Request, header: str) -> str:
    """Whom the header names. Twice is nobody: one of the two came from outside."""
    values = request.headers.getlist(header)
    if len(values) != 1:
        return ""
    return values[0].encode("latin-1").decode("utf-8", "replace").strip()
