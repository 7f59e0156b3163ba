"""A researcher at a browser: walks the consent pages as people do, and lets the leak scan see all that came."""

import re
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Error, Page, Response, expect

from tests.leaks.watch import OUR_MARK, WATCH

PATIENCE = 15_000
"""Milliseconds a page may take on a busy machine."""


class Researcher:
    """One browser profile with one page. Usable as a context manager."""

    def __init__(self, browser: Browser, *, language: str = "en", **profile: Any) -> None:
        """`profile` goes to the browser: a screen, no JavaScript."""
        self._replies: list[Response] = []
        self._context = browser.new_context(locale=language, **profile)
        self._context.set_default_timeout(PATIENCE)
        self.page = self.new_page()

    def new_page(self) -> Page:
        """One more page of the same browser profile."""
        page = self._context.new_page()
        page.on("response", self._keep)
        return page

    def _keep(self, reply: Response) -> None:
        self._replies.append(reply)

    def open(self, link: str) -> Self:
        """Follows a link."""
        self.page.goto(link)
        return self

    def continue_to_orcid(self) -> Self:
        """From the page that explains to ORCID."""
        self.page.click("#continue")
        return self

    def sign_in(self, orcid: str) -> Self:
        """At ORCID, whoever was signed in before."""
        self.page.fill("#orcid", orcid)
        self.page.click("#sign-in")
        return self

    def decide(self, what: str) -> Self:
        """Presses a button of ORCID's consent page: `approve` or `deny`."""
        self.page.click(f"#{what}")
        return self

    def answer(self, what: str) -> Self:
        """Presses a button of the page that asks whether it is them: `yes` or `no`."""
        self.page.click(f"#{what}")
        return self

    def consent(self, link: str, orcid: str) -> Self:
        """From the link to the page that asks whether it is them."""
        return self.open(link).continue_to_orcid().sign_in(orcid).decide("approve")

    def forget_cookies(self) -> Self:
        """As if another browser went on: ours are gone."""
        self._context.clear_cookies(name=re.compile("orcid-sync"))
        return self

    def sees(self, page: str) -> Self:
        """Checks which of our pages is shown, by its name or outcome."""
        expect(self.page.locator("main")).to_have_id(f"{page.replace('_', '-')}-page", timeout=PATIENCE)
        return self

    @property
    def text(self) -> str:
        """What is to be read there."""
        return self.page.inner_text("main")

    @property
    def callback(self) -> str:
        """The address that ORCID sent the browser to, with its code, the last time."""
        return [one.url for one in self._replies if "/callback?" in one.url and "code=" in one.url][-1]

    def close(self) -> None:
        """Shows the leak scan what came from our server, what is kept in cookies, and which address was told on."""
        for reply in self._replies:
            WATCH.put_out("a referrer", reply.request.headers.get("referer"))
            if OUR_MARK in reply.headers:
                path = reply.url.split("?")[0]
                WATCH.put_out(f"headers of {path}", repr(_headers(reply)))
                WATCH.put_out(f"page {path}", _body(reply))
        WATCH.put_out("cookies", repr([one for one in self._context.cookies() if one.get("name") != "orcid-stand-in"]))
        self._context.close()

    def __enter__(self) -> Self:
        """At the browser."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves it."""
        self.close()


def _headers(reply: Response) -> object:
    try:
        return reply.all_headers()
    except Error:  # of a page that was left before all of it had come
        return reply.headers


def _body(reply: Response) -> bytes:
    try:
        return reply.body()
    except Error:  # a redirect has none
        return b""
