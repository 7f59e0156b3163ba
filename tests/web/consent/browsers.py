"""A browser of the tests: keeps cookies, presses buttons, and follows redirects one at a time."""

import re
import ssl
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from lxml import etree

_TLS = ssl.create_default_context()
"""Made once: it takes longer than a page."""


def names_e1(text: str) -> bool:
    """Whether a text names the person E1; what is random and has these letters inside does not."""
    return re.search(r"(?<![\w-])E1(?![\w-])", unquote(text)) is not None


class Browser:
    """Looks at one site. `headers` are what a proxy before the site adds, or what the browser prefers."""

    def __init__(self, site: str, headers: dict[str, str]) -> None:
        self.http = httpx.Client(base_url=site, headers=headers, trust_env=False, timeout=30, verify=_TLS)

    def close(self) -> None:
        """Lets its connection go."""
        self.http.close()

    def get(self, address: str) -> httpx.Response:
        """One page, or redirect; of a whole address only what follows the host: it is this site's."""
        parts = urlsplit(address)
        return self.http.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def follow(self, reply: httpx.Response) -> httpx.Response:
        """The page at the end of the site's own redirects."""
        while reply.status_code == 303:
            reply = self.get(urljoin(str(reply.url), reply.headers["location"]))
        return reply

    def press(self, page: httpx.Response, button: str, **changed: str) -> httpx.Response:
        """Sends the form that has this button (by its id), with some fields changed."""
        [form] = elements(page, f"//form[.//button[@id='{button}']]")
        sent = form.xpath(f".//input[@name] | .//button[@id='{button}'][@name]")
        fields = {one.get("name"): one.get("value") for one in sent}
        return self.http.post(urljoin(str(page.url), form.get("action", "")), data={**fields, **changed})


def elements(page: httpx.Response, path: str) -> list[etree._Element]:
    """The elements of a page at an XPath."""
    return list(etree.HTML(page.text).xpath(path))


def page_id(page: httpx.Response) -> str:
    """Which page it is."""
    [main] = elements(page, "//main")
    return str(main.get("id"))


def text_of(page: httpx.Response, element: str) -> str:
    """What an element says, by its id."""
    [found] = elements(page, f"//*[@id='{element}']")
    return "".join(str(text) for text in found.itertext()).strip()


def heading_of(page: httpx.Response) -> str:
    """What the page calls itself, as its title does."""
    [heading], [title] = elements(page, "//h1"), elements(page, "//title")
    assert heading.text == title.text
    return str(heading.text)
