"""Routes: the addresses of the consent pages."""

from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from worker.permission.consents import Arrival
from worker.web.consent.forms import read_form
from worker.web.consent.visitors import visitor
from worker.web.consent.walk import ConsentRoom, Walk, step_safely

VISITORS = 8
"""Visitors served side by side: threads of their own, so that a slow ORCID holds up no probe."""
LONGEST_FIELD = 4096
"""What ORCID sends us in an address is shorter."""


def consent_routes(room: ConsentRoom) -> list[BaseRoute]:
    """`/connect/{link}`, `/callback` and `/callback/confirm`."""
    limiter = CapacityLimiter(VISITORS)

    async def serve(request: Request, step: Callable[[Walk], Response]) -> Response:
        walk = Walk(room, visitor(request, room.cookies, room.sso_header))
        return await to_thread.run_sync(step_safely, walk, step, limiter=limiter)

    async def connect(request: Request) -> Response:
        link = request.path_params["link"]
        if request.method != "POST":
            return await serve(request, lambda walk: walk.invite(link))
        form = await read_form(request)
        return await serve(request, lambda walk: walk.begin(link, form))

    async def callback(request: Request) -> Response:
        if request.method == "HEAD":
            return Response()  # it changes nothing, and a code serves once
        query = request.query_params
        arrival = Arrival(*(query.get(name, "")[:LONGEST_FIELD] for name in ("state", "code", "error")))
        return await serve(request, lambda walk: walk.arrive(arrival))

    async def confirm(request: Request) -> Response:
        if request.method != "POST":
            return RedirectResponse("../callback", 303)
        form = await read_form(request)
        return await serve(request, lambda walk: walk.answer(form))

    return [
        Route("/connect/{link}", connect, methods=["GET", "POST"]),
        Route("/callback", callback, methods=["GET"]),
        Route("/callback/confirm", confirm, methods=["GET", "POST"]),
    ]
