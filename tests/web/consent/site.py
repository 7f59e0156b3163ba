"""An institution's consent pages on a real server, ORCID's stand-in behind them, and people who walk through."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from mappers.secret import Secret
from state.permission_facts import KnownPerson
from state.store import Store
from state.vault import new_key
from tests.web.consent.browsers import Browser
from tests.web.hand_clock import HandClock
from worker.permission.links import Links
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET
from worker.settings.settings import Settings
from worker.web.app import web_app

REDIRECT_URI = "http://127.0.0.1:9/callback"
"""Registered with ORCID; tests bring what comes there to the site by hand."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class ConsentPlace:
    """What all sites share: the stand-in's address and its other side, a server's address and its door."""

    orcid: str
    control: SandboxControl
    url: str
    door: "Door"


class Door:
    """What a server of all tests serves: the site of the test that runs now."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "no site is open"
        await self.app(scope, receive, send)


@dataclass
class ConsentSite:
    """A running site. What tests arrange and look at."""

    url: str
    orcid: str
    store: Store
    links: Links
    control: SandboxControl
    clock: HandClock
    began: float
    open: list[Browser] = field(default_factory=list)

    def browser(self, headers: dict[str, str] | None = None) -> Browser:
        """A new browser."""
        made = Browser(self.url, headers or {})
        self.open.append(made)
        return made

    def link(self, person: str = "E1", days: float = 1) -> str:
        """The path that the person is invited by."""
        return f"/connect/{self.links.person_link(person, self.clock() + days * DAY)}"

    def know(self, person: str, name: str) -> None:
        """The institution says what the person is called."""
        self.store.people.put(KnownPerson(person, name))

    def leave(self, browser: Browser, link: str, **changed: str) -> str:
        """From the link to ORCID: the address of its page."""
        reply = browser.press(browser.get(link), "continue", **changed)
        assert reply.status_code == 303, reply.text
        return reply.headers["location"]

    def agree(self, browser: Browser, link: str, orcid: str, *, approve: bool = True, name: str | None = None) -> str:
        """From the link to ORCID, and to the answer given there: the address that ORCID leads back to."""
        return self.control.consent(self.leave(browser, link), orcid, approve=approve, name=name)

    def offered(self, browser: Browser, orcid: str, person: str = "E1", name: str | None = None) -> httpx.Response:
        """The page after the researcher agreed at ORCID."""
        return browser.follow(browser.get(self.agree(browser, self.link(person), orcid, name=name)))


@contextmanager
def running_site(
    place: ConsentPlace, folder: Path, clock: HandClock, patience: float = 10.0, **settings: Any
) -> Iterator[ConsentSite]:
    """A site with a state of its own in this folder."""
    # A conftest leads here, and is read before pytest knows which warnings of kafka-python are let pass.
    from worker.serving import consent_pages
    from worker.wiring import consents_of, open_store

    given = {
        "api_url": place.orcid,
        "auth_url": place.orcid,
        "client_id": CLIENT_ID,
        "client_secret": Secret(CLIENT_SECRET),
        "redirect_uri": REDIRECT_URI,
        "state_url": Secret(f"sqlite:///{folder / 'state.db'}"),
        "vault_keys": [new_key()],
        "call_seconds": 5.0,
    }
    made = Settings.model_validate(given | settings)
    with ExitStack() as stack:
        store = open_store(made)
        stack.callback(store.close)
        routes = stack.enter_context(consent_pages(made, store, clock, patience))
        place.door.app = web_app(routes)
        links = consents_of(made, store).links
        site = ConsentSite(place.url, place.orcid, store, links, place.control, clock, time.time())
        yield site
        for browser in site.open:
            browser.close()
