"""Routes: the operators' pages, each a look at the store."""

from collections.abc import Callable, Sequence
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mappers.events.faults import reason_of
from mappers.secret import Secret
from state.facts import DeadLetter
from state.permission_facts import PERMISSIONS
from state.store import Store, StoreError
from worker.reports.held import held_rows
from worker.reports.overview import Counted, read_overview
from worker.reports.people import list_people, person_page
from worker.web.counting import Counting
from worker.web.operators.access import Page, guarded
from worker.web.operators.pages import NO_INDEX, Pages
from worker.web.store_window import StoreWindow

LETTERS = 100
"""Dead letters on the page: the newest."""


def operator_routes(
    window: StoreWindow,
    counting: Counting[Counted],
    token: Secret | None,
    burst: float,
    held_by: Callable[[Store], str],
) -> list[BaseRoute]:
    """`/` and the pages beside it, read-only, behind the token.

    `counting` counts what the overview tells and nobody waits for. `burst` is the whole of the request budget;
    `held_by` tells why nothing is sent for some or all, empty otherwise.
    """
    rooms = _Rooms(window, counting, Pages(), burst, held_by)
    pages: dict[str, Page] = {
        "/": rooms.overview,
        "/people": rooms.people,
        "/person": rooms.person,
        "/dead-letters": rooms.letters,
        "/held": rooms.held,
        "/operators.css": rooms.style,
    }
    return [Route(path, guarded(page, token), methods=["GET"]) for path, page in pages.items()]


def _told(page: Callable[["_Rooms", Request], Response]) -> Callable[["_Rooms", Request], Response]:
    """A page that says so when the store does not answer."""

    @wraps(page)
    def serve(rooms: "_Rooms", request: Request) -> Response:
        try:
            return page(rooms, request)
        except StoreError:
            # The reason in full may name hosts and paths: it stands in the log.
            return rooms.pages.note(503, "No answer", "The store does not answer now; the log says why.")

    return serve


class _Rooms:
    def __init__(
        self,
        window: StoreWindow,
        counting: Counting[Counted],
        pages: Pages,
        burst: float,
        held_by: Callable[[Store], str],
    ) -> None:
        self.pages = pages
        self._window = window
        self._counting = counting
        self._burst = burst
        self._held_by = held_by

    @_told
    def overview(self, _: Request) -> Response:
        counted = self._counting.latest()
        overview, held_by = self._window.look(
            lambda store: (read_overview(store, self._burst, counted), self._held_by(store))
        )
        return self.pages.page("overview.html", overview=overview, held_by=held_by)

    @_told
    def people(self, request: Request) -> Response:
        search, permission = _word(request, "search"), _word(request, "permission")
        after = request.query_params.get("after", "")
        page = self._window.look(lambda store: list_people(store, search, permission, after))
        return self.pages.page("people.html", page=page, search=search, permission=permission, permissions=PERMISSIONS)

    @_told
    def person(self, request: Request) -> Response:
        asked = request.query_params.get("id", "")
        page = self._window.look(lambda store: person_page(store, asked))
        if page is None:
            return self.pages.note(404, "Nobody of this id", "No event, permission or request named such a person.")
        return self.pages.page("person.html", page=page)

    @_told
    def letters(self, _: Request) -> Response:
        letters, found = self._window.look(_letters)
        return self.pages.page("letters.html", letters=letters, reason_of=reason_of, found=found)

    @_told
    def held(self, _: Request) -> Response:
        return self.pages.page("held.html", rows=self._window.look(held_rows))

    def style(self, _: Request) -> Response:
        return Response(self.pages.style, media_type="text/css", headers=NO_INDEX)


def _letters(store: Store) -> tuple[Sequence[DeadLetter], int]:
    """The newest first, and how many there are."""
    return store.letters.newest(LETTERS)[::-1], store.letters.count()


def _word(request: Request, name: str) -> str:
    return request.query_params.get(name, "")[:200].strip()
