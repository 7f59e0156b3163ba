"""A stage for permission: a browser without JavaScript, a client with its secret, and the researcher behind both."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.sandbox.people import fresh_orcid
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET

REDIRECT_URI = "http://127.0.0.1:9/callback"
SCOPES = "/read-limited /activities/update"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Form:
    """One form of a page: where it posts to is the page's own address."""

    fields: list[tuple[str, str]]
    buttons: dict[str, str]


class Page(HTMLParser):
    """A page as a browser without JavaScript sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.ids: dict[str, dict[str, str | None]] = {}
        self.forms: list[Form] = []
        self.options: list[str] = []
        self.labels: set[str] = set()
        self.text = re.sub(r"<[^>]*>", " ", html)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tests look at."""
        known = dict(attrs)
        self.ids[known.get("id") or ""] = known
        match tag:
            case "html":
                self.language = known.get("lang") or ""
            case "form":
                self.forms.append(Form([], {}))
            case "input" if known.get("type") != "checkbox" or "checked" in known:
                self.forms[-1].fields.append((known["name"] or "", known.get("value") or ""))
            case "button":
                self.forms[-1].buttons[known["value"] or ""] = known["name"] or ""
            case "option":
                self.options.append(known["value"] or "")
            case "label":
                self.labels.add(known.get("for") or "")
            case _:
                pass

    def form(self, button: str) -> Form:
        """The form that has this button."""
        return next(form for form in self.forms if button in form.buttons)


@dataclass
class Stage:
    """One researcher, one client and one browser on a stand-in."""

    http: httpx.Client
    control: SandboxControl
    orcid: str = field(default_factory=fresh_orcid)
    client_id: str = CLIENT_ID

    def own_client(self, **fields: object) -> str:
        """Use a client of the test's own, with these fields; its id."""
        self.client_id = f"APP-OWNCLIENT{next(_NUMBERS):07}"
        self.control.change_client(self.client_id, **fields)
        return self.client_id

    def address(self, **parameters: str | None) -> str:
        """An authorize address with everything it needs, unless a parameter says otherwise; None leaves one out."""
        whole: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "scope": SCOPES,
            "redirect_uri": REDIRECT_URI,
            "state": "s-1",
            **parameters,
        }
        return "/oauth/authorize?" + urlencode({name: value for name, value in whole.items() if value is not None})

    def visit(self, **parameters: str | None) -> httpx.Response:
        """Open the authorize address."""
        return self.http.get(self.address(**parameters))

    def press(self, page: httpx.Response, button: str, **changed: str | list[str] | None) -> httpx.Response:
        """Send a page's form by a button, its fields as they stand unless changed; None takes a field away."""
        form = Page(page.text).form(button)
        fields = [(name, value) for name, value in form.fields if name not in changed]
        for name, value in changed.items():
            fields.extend((name, part) for part in ([value] if isinstance(value, str) else value or []))
        fields.append((form.buttons[button], button))
        return self.http.post(
            page.request.url, content=urlencode(fields), headers={"content-type": "application/x-www-form-urlencoded"}
        )

    def sign_in(self, **parameters: str | None) -> httpx.Response:
        """Sign in and go where that leads: the consent page, or the redirect where there is nothing to ask."""
        self.http.cookies.clear()
        there = self.press(self.visit(**parameters), "sign-in", orcid=self.orcid)
        assert there.status_code == 303
        return self.http.get(there.headers["location"])

    def approve(self, **parameters: str | None) -> str:
        """Sign in and approve everything; the code."""
        return told(self.press(self.sign_in(**parameters), "approve"))["code"]

    def code(self, **fields: Any) -> str:
        """A code for the client, by the control API."""
        return self.control.code(self.orcid, client_id=self.client_id, redirect_uri=REDIRECT_URI, **fields)

    def token(
        self, grant_type: str | None = "authorization_code", path: str = "token", **fields: Any
    ) -> httpx.Response:
        """A form with the client's credentials, unless it says otherwise; None leaves a field out."""
        form = {
            "client_id": self.client_id,
            "client_secret": CLIENT_SECRET,
            "grant_type": grant_type,
            "redirect_uri": REDIRECT_URI,
            **fields,
        }
        return self.http.post(f"/oauth/{path}", data={name: text for name, text in form.items() if text is not None})

    def revoke(self, token: str, **fields: Any) -> httpx.Response:
        """Revoke a token as the client."""
        return self.token(None, "revoke", redirect_uri=None, token=token, **fields)

    def grant(self, **fields: Any) -> dict[str, Any]:
        """A token response for the client, by the control API."""
        return self.control.grant(self.orcid, client_id=self.client_id, **fields)

    def works(self, token: str | None, method: str = "GET", path: str = "works", **more: Any) -> httpx.Response:
        """A call of the member API for the researcher's record."""
        headers = {"accept": "application/json"} | ({} if token is None else {"authorization": f"Bearer {token}"})
        return self.http.request(method, f"/v3.0/{self.orcid}/{path}", headers=headers, **more)


@contextmanager
def a_stage(base_url: str | httpx.URL, control: SandboxControl) -> Iterator[Stage]:
    """A stage with a new browser, closed at the end."""
    with httpx.Client(base_url=base_url, trust_env=False) as browser:
        yield Stage(browser, control)


def told(response: httpx.Response, *, in_fragment: bool = False) -> dict[str, str]:
    """What a redirect to the client tells it."""
    assert response.status_code == 302, response.text
    location = urlsplit(response.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT_URI
    text = location.fragment if in_fragment else location.query
    assert not (location.query if in_fragment else location.fragment)
    return {name: values[-1] for name, values in parse_qs(text, strict_parsing=True).items()}
