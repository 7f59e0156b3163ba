"""Pages: renders what operators see. Whatever comes from outside is text, never markup."""

from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from worker.reports.story import when

NO_INDEX = {"x-robots-tag": "noindex, nofollow"}
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "content-language": "en",
    **NO_INDEX,
}


def _shown(value: Any) -> Any:
    """What a template prints: text without what cannot be seen, such as what turns the reading direction."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return "" if value is None else value
    return "".join(char if char.isprintable() else " " for char in value)


def _words(value: str) -> str:
    """A name of the program's as words: `removed_by_researcher`."""
    return value.replace("_", " ")


def _address(path: str, **query: Any) -> str:
    """A link to a page beside this one, without what is empty in its query."""
    said = {name: value for name, value in query.items() if value not in {"", None}}
    return f"{path}?{urlencode(said)}" if said else path


def _lasting(seconds: float) -> str:
    """A stretch of time in the unit that suits it."""
    for size, unit in ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


class Pages:
    """The templates of this folder."""

    def __init__(self) -> None:
        self.style = files(__package__).joinpath("style.css").read_text("utf-8")
        self._templates = Environment(
            loader=PackageLoader(__package__),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(when=when, words=_words, lasting=_lasting)
        self._templates.globals.update(address=_address)

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """A page of that template."""
        return HTMLResponse(self._templates.get_template(template).render(**facts), status, HEADERS)

    def note(self, status: int, heading: str, text: str) -> Response:
        """A page of one sentence."""
        return self.page("note.html", status=status, heading=heading, text=text)
