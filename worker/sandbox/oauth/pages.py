"""The pages that a researcher sees: plain HTML that needs no script; whatever comes from outside is escaped."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from worker.sandbox.messages import Response
from worker.sandbox.oauth.words import SCOPES, WORDS

_HEADERS: Final = {
    "content-type": "text/html;charset=UTF-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_TEMPLATE: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
).get_template("page.html")


def language_of(wanted: str) -> str:
    """The language of `lang` (`es`, `es_MX`, `es-419` …), English for one that the pages lack."""
    language = wanted.lower()[:2]
    return language if language in WORDS else "en"


def sign_in_page(
    language: str, client: str, who: str, records: Sequence[tuple[str, str | None]], error: str = ""
) -> Response:
    """The sign-in: an iD or e-mail address, or an iD from `records`; `error` is why the last one would not do."""
    title = WORDS[language]["sign_in"]
    return _page(language, 200, title, page="sign-in", client=client, orcid=who, records=records, error=error)


def consent_page(language: str, client: str, orcid: str, name: str | None, scopes: Sequence[str]) -> Response:
    """What the client asks for, in words, and the researcher's choice."""
    texts = [(scope, SCOPES[language].get(scope, WORDS[language]["other_scope"])) for scope in scopes]
    title = WORDS[language]["authorize"]
    return _page(language, 200, title, page="consent", client=client, orcid=orcid, name=name, scopes=texts, error="")


def failure_page(language: str, error: str) -> Response:
    """Nothing that the researcher can do: the client's address is wrong."""
    return _page(language, 400, WORDS[language]["failure"], page="failure", error=error)


def _page(language: str, status: int, title: str, **content: object) -> Response:
    html = _TEMPLATE.render(language=language, title=title, words=WORDS[language], **content)
    return Response(status, html.encode("utf-8", "replace"), _HEADERS)
