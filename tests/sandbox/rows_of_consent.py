"""The rows of API_FACTS section 7.1: GET /oauth/authorize."""

import re

import httpx

from tests.sandbox.oauth_rows import is_page, refusal, row
from tests.sandbox.oauth_stage import REDIRECT_URI, Stage, told


@row("7.1 client_id")
def _client_id(stage: Stage) -> None:
    """An unknown or missing one is a page, since nobody can be sent anywhere."""
    for client_id in ("APP-X", None):
        assert "Client not found" in is_page(stage.visit(client_id=client_id), 400).text


@row("7.1 response_type")
def _response_type(stage: Stage) -> None:
    """Only `code` is played; the implicit one is told so."""
    for kind in ("token", "id_token", None):
        assert told(stage.visit(response_type=kind))["error"] == "unsupported_response_type"


@row("7.1 scope")
def _scope(stage: Stage) -> None:
    """Separated by blanks; those of a client's own are silently dropped."""
    page = is_page(stage.sign_in(scope="/read-limited /webhook /activities/update"))
    offered = [value for name, value in page.form("approve").fields if name == "scope"]
    assert sorted(offered) == ["/activities/update", "/read-limited"]


@row("7.1 redirect_uri")
@row("7.1 unregistered redirect_uri")
def _redirect_uri(stage: Stage) -> None:
    """It must be a registered one to the letter."""
    stage.own_client(redirect_uris=["https://example.org/callback", REDIRECT_URI])
    for uri in (None, "https://example.org/callback/", "https://evil.example/callback", "http://127.0.0.1:8/callback"):
        page = is_page(stage.visit(redirect_uri=uri), 400)
        assert "Redirect URI doesn't match your registered redirect URIs" in page.text.replace("&#39;", "'")
    is_page(stage.visit(redirect_uri="https://example.org/callback"))


@row("7.1 state")
def _state(stage: Stage) -> None:
    """It comes back unchanged whatever is in it, and not at all when none was sent."""
    for state in ("a b&c=d#e%20+ü\r\n", ""):
        page = stage.sign_in(state=state)
        answer = httpx.URL(stage.press(page, "deny").headers["location"])
        assert answer.params["state"] == state
    assert "state" not in told(stage.press(stage.sign_in(state=None), "deny"))


@row("7.1 parameters that change nothing here")
def _ignored(stage: Stage) -> None:
    """`nonce`, `max_age` and `show_login` are about OpenID and registration."""
    assert stage.approve(nonce="n", max_age="5", show_login="false")


@row("7.1 prompt=login")
def _prompt_login(stage: Stage) -> None:
    """Whoever is signed in signs in again."""
    stage.sign_in()
    assert "sign-in" in is_page(stage.visit(prompt="login")).ids


@row("7.1 prompt=confirm")
def _prompt_confirm(stage: Stage) -> None:
    """The consent page is shown although it was approved before."""
    stage.token(code=stage.approve())
    assert "approve" in is_page(stage.visit(prompt="confirm")).ids


@row("7.1 prompt=none")
def _prompt_none(stage: Stage) -> None:
    """No page is shown: with an earlier approval there is a code."""
    stage.token(code=stage.approve())
    assert set(told(stage.visit(prompt="none"))) == {"code", "state"}


@row("7.1 lang")
def _lang(stage: Stage) -> None:
    """The page speaks it; English where it cannot."""
    for asked, spoken in {"en": "en", "es": "es", "fr_CA": "fr", "xx": "en"}.items():
        assert is_page(stage.visit(lang=asked)).language == spoken


@row("7.1 orcid")
def _orcid(stage: Stage) -> None:
    """It stands in the field already."""
    stage.http.cookies.clear()
    assert is_page(stage.visit(orcid=stage.orcid)).ids["orcid"]["value"] == stage.orcid


@row("7.1 email")
def _email(stage: Stage) -> None:
    """The same; the record that has it can be signed in with."""
    stage.control.create_record(stage.orcid, email=f"{stage.orcid}@example.org")
    stage.http.cookies.clear()
    page = stage.visit(email=f"{stage.orcid}@example.org")
    there = stage.http.get(stage.press(page, "sign-in").headers["location"])
    assert stage.orcid in is_page(there).text


@row("7.1 given_names and family_names")
def _names(stage: Stage) -> None:
    """A new record is registered under them."""
    stage.sign_in(given_names="Sofia", family_names="Garcia")
    assert stage.control.record(stage.orcid).name == "Sofia Garcia"


@row("7.1 already approved")
def _already(stage: Stage) -> None:
    """A live token with the same scopes and a sign-in: a code at once. Other scopes, or no living token: the page."""
    stage.token(code=stage.approve())
    assert "code" in told(stage.visit())
    is_page(stage.visit(scope="/read-limited"))
    stage.control.revoke_as_researcher(stage.orcid)
    is_page(stage.visit())


@row("7.1 success")
def _success(stage: Stage) -> None:
    """302 with a code of six characters, and the state."""
    answer = told(stage.press(stage.sign_in(), "approve"))
    assert re.fullmatch("[A-Za-z0-9]{6}", answer.pop("code"))
    assert answer == {"state": "s-1"}


@row("7.1 denied")
def _denied(stage: Stage) -> None:
    """302 with the error and its description."""
    expected = {"error": "access_denied", "error_description": "User denied access", "state": "s-1"}
    assert told(stage.press(stage.sign_in(), "deny")) == expected


@row("7.1 invalid_scope")
def _invalid_scope(stage: Stage) -> None:
    """A scope that does not exist, and none that a researcher could grant."""
    for scope in ("/everything", "/webhook", "", None):
        answer = told(stage.visit(scope=scope))
        assert (answer["error"], set(answer)) == ("invalid_scope", {"error", "error_description", "state"})


@row("7.1 client_locked")
def _client_locked(stage: Stage) -> None:
    """Told to the client, not to the researcher."""
    stage.own_client(locked=True)
    assert told(stage.visit()) == {"error": "client_locked", "state": "s-1"}


@row("7.1 client_deactivated")
def _client_deactivated(stage: Stage) -> None:
    """The same."""
    stage.own_client(deactivated=True)
    assert told(stage.visit()) == {"error": "client_deactivated", "state": "s-1"}


@row("7.1 login_required")
def _login_required(stage: Stage) -> None:
    """`prompt=none` and nobody is signed in."""
    stage.http.cookies.clear()
    assert told(stage.visit(prompt="none")) == {"error": "login_required", "state": "s-1"}


@row("7.1 interaction_required")
def _interaction_required(stage: Stage) -> None:
    """`prompt=none` and nothing is approved yet: told in the fragment."""
    stage.sign_in()
    answer = told(stage.visit(prompt="none"), in_fragment=True)
    assert answer == {"error": "interaction_required", "state": "s-1"}


@row("7.1 code lifetime")
def _code_lifetime(stage: Stage) -> None:
    """A day by default, or as long as it is told to be."""
    assert stage.token(code=stage.approve()).status_code == 200
    stage.control.revoke_as_researcher(stage.orcid)
    stage.control.permission_rules(code_seconds=0)
    try:
        code = stage.approve()
    finally:
        stage.control.permission_rules(code_seconds=86_400)
    assert refusal(stage.token(code=code))[2] == "Authorization code has expired"
