"""Pages: renders what a visitor sees, with the headers of its own that each page needs."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.permission_facts import KnownPerson
from worker.permission.outcomes import Outcome
from worker.web.consent.texts import Language, load_languages

NOTHING, FORM_REFUSED, AWAY = "nothing", "form_refused", "away"
"""Pages that no walk ends with: ORCID sent nothing, a form that is not ours, something of ours is out of order."""

_STATUS: Mapping[str, int] = {
    Outcome.LINK_FORGED: 404,
    Outcome.LINK_EXPIRED: 404,
    Outcome.STATE_FORGED: 400,
    Outcome.STATE_EXPIRED: 400,
    Outcome.OTHER_BROWSER: 403,
    Outcome.OTHER_USER: 403,
    Outcome.REDIRECT_MISMATCH: 502,
    Outcome.CLIENT_REFUSED: 502,
    Outcome.UNAVAILABLE: 503,
    FORM_REFUSED: 403,
    AWAY: 503,
}
"""What is not 200, whose page says how a walk went."""

_STARTS_AGAIN = frozenset(
    {
        Outcome.DENIED,
        Outcome.DECLINED,
        Outcome.CODE_REUSED,
        Outcome.CODE_EXPIRED,
        Outcome.ID_TAKEN,
        Outcome.UNAVAILABLE,
        Outcome.STATE_FORGED,
        Outcome.STATE_EXPIRED,
        Outcome.STATE_USED,
        Outcome.OTHER_BROWSER,
        NOTHING,
    }
)
"""Pages after which the visitor may begin anew with the link."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is rendered for: the language, and where it stands, for its links to other languages.

    `here` is the page's address seen from the request's, as institutions may serve us below a path of their own.
    """

    language: Language
    here: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


class Pages:
    """The pages of one institution."""

    def __init__(
        self, *, institution: str | None, auth_url: str, redirect_uri: str, sections: Sequence[Section]
    ) -> None:
        """`institution` is its name, None for a neutral wording; `sections` what we may write to."""
        self.languages = load_languages()
        self._institution = institution
        self._auth_url = auth_url
        self._sections = [section.value for section in sections]
        self._ways_out = f"'self' {_origin(auth_url)} {_origin(redirect_uri)}"
        style = files(__package__).joinpath("style.css").read_text("utf-8")
        self._style_hash = b64encode(sha256(style.encode()).digest()).decode()
        self._templates = Environment(
            loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._templates.globals.update(
            style=Markup(style),  # noqa: S704 - our own file
            institution=institution,
            trusted_parties=f"{auth_url}/trusted-parties",
            host=urlsplit(auth_url).hostname,
        )

    def connect(self, visit: Visit, csrf: str) -> Response:
        """What we ask for, and the form that leads to ORCID."""
        # Chromium holds a form's redirects, too, to the policy: to ORCID, and back when permission was given before.
        heading = visit.language.texts["connect.heading"]
        facts = {"csrf": csrf, "sections": self._sections, "action": f"?{urlencode({'lang': visit.language.code})}"}
        return self._page(visit, "connect.html", "connect-page", heading, facts, form_action=self._ways_out)

    def confirm(
        self, visit: Visit, *, state: str, csrf: str, known: KnownPerson, orcid: OrcidId, name: str, former: str | None
    ) -> Response:
        """Whose record ORCID gave us permission for; with the iD connected so far, when the person would move."""
        kind = "moves" if former else "confirm"
        facts = {
            "state": state,
            "csrf": csrf,
            "known": known,
            "orcid": orcid,
            "orcid_name": name,
            "former": former,
            "record_url": f"{self._auth_url}/{orcid}",
        }
        heading = visit.language.texts[f"{kind}.heading"]
        return self._page(visit, "confirm.html", f"{kind}-page", heading, facts, form_action="'self'")

    def granted(self, visit: Visit, known: KnownPerson, orcid: OrcidId) -> Response:
        """Who is connected to which iD."""
        heading = visit.language.texts["outcome.granted.heading"]
        facts = {"known": known, "orcid": orcid, "record_url": f"{self._auth_url}/{orcid}"}
        return self._page(visit, "granted.html", "granted-page", heading, facts)

    def outcome(self, visit: Visit, outcome: str) -> Response:
        """How a walk went, in a few sentences that name nobody."""
        again = outcome in _STARTS_AGAIN
        facts = {"outcome": outcome, "starts_again": again, "here": _link(visit, visit.language.code)}
        heading, status = visit.language.texts[f"outcome.{outcome}.heading"], _STATUS.get(outcome, 200)
        return self._page(visit, "outcome.html", f"{outcome.replace('_', '-')}-page", heading, facts, status=status)

    def _page(
        self,
        visit: Visit,
        template: str,
        page_id: str,
        heading: str,
        facts: Mapping[str, Any],
        *,
        status: int = 200,
        form_action: str = "'none'",
    ) -> Response:
        institution = self._institution or visit.language.texts["page.institution"]
        languages = [
            {"code": one.code, "name": one.name, "url": _link(visit, one.code)} for one in self.languages.values()
        ]
        content = self._templates.get_template(template).render(
            t=partial(visit.language.say, institution=institution),
            lang=visit.language.code,
            languages=languages,
            heading=heading,
            page_id=page_id,
            **facts,
        )
        policy = (
            f"default-src 'none'; style-src 'sha256-{self._style_hash}'; form-action {form_action};"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        headers = {"content-security-policy": policy, "content-language": visit.language.code}
        return HTMLResponse(content, status, headers)


def _link(visit: Visit, code: str) -> str:
    return f"{visit.here}?{urlencode({**visit.query, 'lang': code})}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
