"""Cookies: one that binds a walk to its browser, one that keeps the chosen language."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

LONGEST = 1000
"""Longer values are not ours."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """The pages' cookies. `secure` where they are served over https: then no other host can set them either."""

    secure: bool

    def browser(self, request: Request) -> str:
        """What binds to the browser; empty when it has none."""
        return self._read(request, "browser")

    def language(self, request: Request) -> str:
        """The language that was chosen; empty when none was."""
        return self._read(request, "lang")

    def keep_browser(self, response: Response, value: str) -> None:
        """Has the browser keep what binds to it until it is closed."""
        self._keep(response, "browser", value)

    def keep_language(self, response: Response, code: str) -> None:
        """Has the browser keep the language until it is closed."""
        self._keep(response, "lang", code)

    def _read(self, request: Request, name: str) -> str:
        value = request.cookies.get(self._name(name), "")
        return value if len(value) <= LONGEST else ""

    def _keep(self, response: Response, name: str, value: str) -> None:
        # Lax: ORCID leads back here by a link, and a link brings the cookie along; another site's form doesn't.
        response.set_cookie(self._name(name), value, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _name(self, name: str) -> str:
        return f"{'__Host-' if self.secure else ''}orcid-sync-{name}"
