"""The walk: the researcher's steps from the link to the last page. What each means is decided in consents.py."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from state.permission_facts import KnownPerson
from state.store import StoreError
from worker.permission.consents import Arrival, Begun, Consents, Exchange, Shown
from worker.permission.links import LinkError
from worker.permission.outcomes import Outcome
from worker.ports import OrcidTransport, Reply
from worker.web.consent.cookies import Cookies
from worker.web.consent.pages import AWAY, FORM_REFUSED, NOTHING, Pages, Visit
from worker.web.consent.visitors import Visitor
from worker.web.store_window import StoreWindow

T = TypeVar("T")

NONCE_BYTES = 24
RECORD_ATTEMPTS = 5
RECORD_REST_SECONDS = 1.0
"""What ORCID gave can't be asked for again, so writing it down is tried for longer than anything else."""

NO_WALK = frozenset(
    {Outcome.STATE_FORGED, Outcome.STATE_EXPIRED, Outcome.STATE_USED, Outcome.OTHER_BROWSER, Outcome.OTHER_USER}
)
"""Outcomes of a request, not of a walk that this visitor may look at again."""


@dataclass(frozen=True, slots=True)
class ConsentRoom:
    """What the pages work with. `clock` tells the time in seconds since 1970.

    `sso_header` is the header in which the proxy before us names who is signed in; None: nobody has to be.
    """

    consents: Consents
    window: StoreWindow
    orcid: OrcidTransport
    pages: Pages
    cookies: Cookies
    clock: Callable[[], float]
    sso_header: str | None = None

    def look(self, step: Callable[[Consents], T]) -> T:
        """What a step comes to in the store; raises StoreError when it can't be used."""
        return self.window.look(lambda store: step(replace(self.consents, store=store)))


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps that one visitor can take. Each gives the page to show; none raises for what a visitor can do."""

    room: ConsentRoom
    visitor: Visitor

    def invite(self, link: str) -> Response:
        """GET /connect/…: what we ask for."""
        cookie = self.visitor.cookie if self._reads(self.visitor.cookie) else ""
        now = self.room.clock()
        invited = self.room.look(lambda consents: consents.invited(link, self.visitor.user, now))
        if isinstance(invited, Shown):
            return self.show(invited.outcome)
        kept = cookie or self.room.consents.links.browser(secrets.token_urlsafe(NONCE_BYTES))
        csrf = self.room.consents.links.csrf(kept, f"connect\0{link}")
        page = self.room.pages.connect(self._visit(), csrf)
        if not cookie:
            self.room.cookies.keep_browser(page, kept)
        return page

    def begin(self, link: str, form: Mapping[str, str]) -> Response:
        """POST /connect/…: off to ORCID."""
        cookie, user, lang, now = self.visitor.cookie, self.visitor.user, self.visitor.language, self.room.clock()
        if not self._is_ours(form, f"connect\0{link}"):
            return self.show(FORM_REFUSED)
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        begun = self.room.look(lambda consents: consents.begin(link, cookie, user, now, nonce=nonce, lang=lang))
        return RedirectResponse(begun.url, 303) if isinstance(begun, Begun) else self.show(begun.outcome)

    def arrive(self, arrival: Arrival) -> Response:
        """GET /callback: back from ORCID with a code or an error; with the state alone, a look at how the walk went."""
        if not arrival.state and not arrival.code:
            # A denial may come behind a #, which no browser sends on.
            return self.show(Outcome.DENIED if arrival.error == "access_denied" else NOTHING)
        cookie, user, now = self.visitor.cookie, self.visitor.user, self.room.clock()
        found = self.room.look(lambda consents: consents.arrive(arrival, cookie, user, now))
        if isinstance(found, Exchange):
            found = self._record(found.walk, self.room.orcid.send(found.call))
        if (arrival.code or arrival.error) and found.outcome not in NO_WALK:
            # The code leaves the address bar, and a reload repeats nothing.
            return RedirectResponse(f"?{urlencode({'state': arrival.state})}", 303)
        return self._show(found, arrival.state)

    def answer(self, form: Mapping[str, str]) -> Response:
        """POST /callback/confirm: yes, move or no."""
        state, answer = form.get("state", ""), form.get("answer", "")
        if answer not in {"yes", "move", "no"} or not self._is_ours(form, f"confirm\0{state}"):
            return self.show(FORM_REFUSED, "../callback")
        cookie, user, now = self.visitor.cookie, self.visitor.user, self.room.clock()
        if answer == "no":
            shown = self.room.look(lambda consents: consents.decline(state, cookie, user, now))
        else:
            shown = self.room.look(lambda consents: consents.confirm(state, cookie, user, now, move=answer == "move"))
        if shown.outcome in NO_WALK:
            return self.show(shown.outcome, "../callback")
        return RedirectResponse(f"../callback?{urlencode({'state': state})}", 303)

    def show(self, outcome: str, here: str = "") -> Response:
        """A page that names nobody."""
        return self.room.pages.outcome(self._visit(here), outcome)

    def _show(self, shown: Shown, state: str) -> Response:
        visit = self._visit(query={"state": state})
        known = KnownPerson(shown.person, shown.name)
        match shown.outcome:
            case Outcome.OFFERED | Outcome.MOVES if shown.orcid is not None:
                return self.room.pages.confirm(
                    visit,
                    state=shown.state,
                    csrf=self.room.consents.links.csrf(self.visitor.cookie, f"confirm\0{shown.state}"),
                    known=known,
                    orcid=shown.orcid,
                    name=shown.orcid_name,
                    former=shown.former,
                )
            case Outcome.GRANTED if shown.orcid is not None:
                return self.room.pages.granted(visit, known, shown.orcid)
            case outcome:
                return self.room.pages.outcome(visit, outcome)

    def _record(self, walk: str, reply: Reply) -> Shown:
        now = self.room.clock()
        for _ in range(RECORD_ATTEMPTS - 1):
            try:
                return self.room.look(lambda consents: consents.exchanged(walk, reply, now))
            except StoreError:
                time.sleep(RECORD_REST_SECONDS)
        return self.room.look(lambda consents: consents.exchanged(walk, reply, now))

    def _is_ours(self, form: Mapping[str, str], purpose: str) -> bool:
        links, cookie = self.room.consents.links, self.visitor.cookie
        return self._reads(cookie) and links.csrf_fits(form.get("csrf", ""), cookie, purpose)

    def _reads(self, cookie: str) -> bool:
        try:
            self.room.consents.links.read_browser(cookie)
        except LinkError:
            return False
        return True

    def _visit(self, here: str = "", query: Mapping[str, str] | None = None) -> Visit:
        return Visit(self.room.pages.languages[self.visitor.language], here, query or {})


def step_safely(walk: Walk, step: Callable[[Walk], Response]) -> Response:
    """The page that a step gives, or the one that says that the store can't be used; the chosen language is kept."""
    try:
        page = step(walk)
    except StoreError:
        page = walk.show(AWAY)  # the store window has logged why
    if walk.visitor.chose:
        walk.room.cookies.keep_language(page, walk.visitor.language)
    return page
