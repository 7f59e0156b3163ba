"""The web application: rooms of routes under one roof."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from worker.web.replies import failed, refused
from worker.web.security_headers import SecurityHeaders


def web_app(*rooms: Sequence[BaseRoute]) -> ASGIApp:
    """Serves the rooms' routes by exact path; everything else is 404 or 405 in one line of JSON."""
    app = Starlette(
        routes=[route for room in rooms for route in room],
        exception_handlers={HTTPException: refused, Exception: failed},
    )
    app.router.redirect_slashes = False
    return SecurityHeaders(app)
