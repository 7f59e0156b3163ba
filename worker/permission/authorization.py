"""The address at ORCID where a researcher allows us something (API_FACTS.md 7.1)."""

from dataclasses import dataclass

from authlib.oauth2.client import OAuth2Client

AUTHORIZE_PATH = "/oauth/authorize"


@dataclass(frozen=True, slots=True)
class Hints:
    """What ORCID fills in, or shows its page in: an iD, an e-mail address, a language (`en`, `es`, `fr`…)."""

    orcid: str = ""
    email: str = ""
    lang: str = ""


def authorize_url(
    auth_url: str, client_id: str, redirect_uri: str, *, scopes: frozenset[str], state: str, hints: Hints
) -> str:
    """Where to send a researcher; `auth_url` is the base of `/oauth/authorize`."""
    more = {name: text for name in ("orcid", "email", "lang") if (text := getattr(hints, name))}
    client = OAuth2Client(None, client_id, redirect_uri=redirect_uri, scope=" ".join(sorted(scopes)))
    url, _ = client.create_authorization_url(f"{auth_url}{AUTHORIZE_PATH}", state=state, **more)
    # Authlib writes a space as a form does; ORCID asks for the other way.
    return str(url).replace("+", "%20")
