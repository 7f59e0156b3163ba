"""Markup within texts: HTML, JATS and MathML as titles and abstracts of articles carry them."""

from typing import Any

from lxml import etree

MAX_MARKUP = 1_000_000
"""How many characters are read; libxml2 itself stops at ten million."""

_APART = frozenset({"abstract", "br", "div", "li", "list", "list-item", "ol", "p", "sec", "table", "td", "title", "tr"})
"""Tags, without their prefix, whose text stands apart from what is beside it."""
_UNSEEN = frozenset({"script", "style"})


def plain(text: str) -> str:
    """The text without tags and comments, entities resolved, white space folded. Never fails for a tag that is broken.

    A `<` before a letter begins a tag. Raises ValueError for more than MAX_MARKUP characters.
    """
    if len(text) > MAX_MARKUP:
        raise ValueError(f"has more than {MAX_MARKUP} characters")
    if "<" in text or "&" in text:
        words: Any = _Words()  # lxml calls what it has, where its stubs ask for every event
        parser: Any = etree.HTMLParser(target=words, encoding="utf-8")
        text = etree.fromstring(b"<p>" + text.encode("utf-8", "replace"), parser)
    return " ".join(text.split())


class _Words:
    """Gathers the text while libxml2 reads: no tree, so no depth of tags matters."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._unseen = 0

    def start(self, tag: str, _attributes: object) -> None:
        """A tag begins."""
        self._unseen += tag in _UNSEEN
        self._part(tag)

    def end(self, tag: str) -> None:
        """A tag ends."""
        self._unseen -= tag in _UNSEEN
        self._part(tag)

    def _part(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _APART:
            self._words.append(" ")

    def data(self, text: str) -> None:
        """Text within."""
        if not self._unseen:
            self._words.append(text)

    def close(self) -> str:
        """All of it."""
        return "".join(self._words)
