"""An ask: what a client wants of a researcher, as the address of the consent page says it (API_FACTS section 7.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from worker.sandbox.grants import THREE_LEGGED, TWO_LEGGED, Client
from worker.sandbox.sandbox import Sandbox

UNREGISTERED: Final = "Redirect URI doesn't match your registered redirect URIs"
_ON_THIS_MACHINE: Final = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:[/?][!-~]*)?", re.ASCII)
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[!-~]+", re.ASCII)
_NO_ADDRESS: Final = frozenset('"<>\\^`{|}#')


class SentBackError(Exception):
    """There is nothing to show: the browser goes to `location`, back to the client."""

    def __init__(self, location: str) -> None:
        """Remember where to."""
        super().__init__("the browser is sent back to the client")
        self.location = location


class NoWayBackError(Exception):
    """The client or its redirect URI is wrong: a page says so, and the browser is sent nowhere."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, once client and redirect URI are known to belong together.

    `state` is None when none came. `who` is the iD or e-mail address that the client knows of the researcher, `name`
    what a new record is to be called.
    """

    client: Client
    redirect_uri: str
    state: str | None
    scopes: frozenset[str] = frozenset()
    prompts: frozenset[str] = frozenset()
    who: str = ""
    name: str | None = None

    def back(self, *, in_fragment: bool = False, **told: str) -> str:
        """The redirect URI with what the client is told, and its `state` unchanged."""
        told |= {} if self.state is None else {"state": self.state}
        mark = "#" if in_fragment else "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{mark}{urlencode(told, quote_via=quote)}"


def read_ask(sandbox: Sandbox, parameters: Mapping[str, str]) -> Ask:
    """The ask that the parameters of `/oauth/authorize` spell.

    Raises `NoWayBackError` for an unknown client and for a redirect URI that it may not use, `SentBackError` for
    whatever else is wrong. Scopes that no researcher can grant are silently dropped (section 1.3).
    """
    client_id, redirect_uri = parameters.get("client_id", ""), parameters.get("redirect_uri", "")
    client = sandbox.grants.clients.get(client_id)
    if client is None:
        raise NoWayBackError(f"Client not found: {client_id}")
    if not may_redirect(client, redirect_uri):
        raise NoWayBackError(UNREGISTERED)
    bare = Ask(client, redirect_uri, parameters.get("state"))
    if client.locked:
        raise SentBackError(bare.back(error="client_locked"))
    if client.deactivated:
        raise SentBackError(bare.back(error="client_deactivated"))
    if parameters.get("response_type") != "code":
        text = "the stand-in knows response_type=code only"
        raise SentBackError(bare.back(error="unsupported_response_type", error_description=text))
    names = (parameters.get("given_names", "").strip(), parameters.get("family_names", "").strip())
    return Ask(
        client,
        redirect_uri,
        bare.state,
        _scopes(bare, parameters.get("scope", "")),
        frozenset(parameters.get("prompt", "").split()),
        (parameters.get("orcid") or parameters.get("email", "")).strip(),
        " ".join(filter(None, names)) or None,
    )


def may_redirect(client: Client, uri: str) -> bool:
    """Whether browsers may be sent to this address: a registered one, else one on this machine."""
    if not is_address(uri):
        return False
    return uri in client.redirect_uris if client.redirect_uris else _ON_THIS_MACHINE.fullmatch(uri) is not None


def is_address(uri: str) -> bool:
    """Whether the text is an absolute address that can stand in a `Location` as it is, without a fragment."""
    if not _ADDRESS.fullmatch(uri) or _NO_ADDRESS.intersection(uri):
        return False
    try:
        return bool(urlsplit(uri).hostname)
    except ValueError:
        return False


def _scopes(bare: Ask, text: str) -> frozenset[str]:
    asked = frozenset(text.split())
    wrong = asked - THREE_LEGGED - TWO_LEGGED
    granted = asked & THREE_LEGGED
    if wrong or not granted:
        told = f"Invalid scope: {' '.join(sorted(wrong))}" if wrong else "Invalid scope: none that a researcher grants"
        raise SentBackError(bare.back(error="invalid_scope", error_description=told))
    return granted
