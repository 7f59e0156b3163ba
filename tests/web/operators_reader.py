"""What a test reads of the operators' pages."""

from html.parser import HTMLParser
from typing import Any

import httpx


class Page(HTMLParser):
    """A page's tables by caption, its text, and what its links lead to."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.links: list[str] = []
        self.words: list[str] = []
        self._caption = ""
        self._into: list[str] = self.words
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        self.feed(reply.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Cells begin."""
        assert tag not in {"script", "iframe", "img", "style"}, tag
        if tag == "caption":
            self._into = []
        elif tag == "tr" and self._caption:
            self.tables[self._caption].append([])
        elif tag in {"td", "th"}:
            self._into = []
        elif tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        """Cells end."""
        text = "".join(self._into).strip()
        if tag == "caption":
            self._caption = text
            self.tables[text] = []
        elif tag in {"td", "th"}:
            self.tables[self._caption][-1].append(text)
        elif tag == "table":
            self._caption = ""
        if tag in {"caption", "td", "th"}:
            self._into = self.words

    def handle_data(self, data: str) -> None:
        """Text."""
        self._into.append(data)

    @property
    def text(self) -> str:
        """What stands outside tables."""
        return " ".join(" ".join(self.words).split())

    def rows(self, caption: str) -> list[list[str]]:
        """A table without its headings."""
        return self.tables[caption][1:]


def page(web: httpx.Client, path: str, **query: Any) -> Page:
    """A page, read."""
    reply = web.get(path, params=query or None)
    assert reply.status_code == 200, reply.text
    return Page(reply)
