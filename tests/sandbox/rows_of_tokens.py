"""The rows of API_FACTS sections 7.2 and 7.3: POST /oauth/token."""

import re
from typing import Any

from tests.sandbox.oauth_rows import OTHER, refusal, row
from tests.sandbox.oauth_stage import REDIRECT_URI, Stage, told
from tests.sandbox.people import fresh_orcid
from worker.sandbox.grants import LONG_LIVED


@row("7.2 authorization_code")
def _authorization_code(stage: Stage) -> None:
    """A code of the consent page becomes a token that works."""
    grant = stage.token(code=stage.approve()).json()
    assert stage.works(grant["access_token"]).status_code == 200


@row("7.2 refresh_token")
@row("7.2 a refresh")
def _refresh_token(stage: Stage) -> None:
    """Both tokens are new, the old pair is disabled, and no option of the form changes that."""
    old = stage.grant(scopes=["/read-limited", "/activities/update"], expires_in=1000)
    asked = {"scope": "/read-limited", "expires_in": "5", "revoke_old": "false"}
    new = stage.token("refresh_token", refresh_token=old["refresh_token"], **asked).json()
    assert {old["access_token"], old["refresh_token"]}.isdisjoint({new["access_token"], new["refresh_token"]})
    assert (new["scope"], 990 <= new["expires_in"] <= 1000) == ("/read-limited", True)
    assert stage.works(new["access_token"]).status_code == 200
    assert stage.works(old["access_token"]).status_code == 401


@row("7.2 client_credentials")
@row("7.2 a client's response")
def _client_credentials(stage: Stage) -> None:
    """No iD; scopes of a researcher are silently dropped; twenty years."""
    grant = stage.token("client_credentials", scope="/read-public /activities/update").json()
    assert (grant["orcid"], grant["name"], grant["scope"]) == (None, None, "/read-public")
    assert grant["refresh_token"]
    assert grant["expires_in"] == LONG_LIVED


@row("7.2 urn:ietf:params:oauth:grant-type:token-exchange")
def _token_exchange(stage: Stage) -> None:
    """No longer available."""
    kind = "urn:ietf:params:oauth:grant-type:token-exchange"
    assert refusal(stage.token(kind, subject_token="x"))[:2] == (400, "unsupported_grant_type")


@row("7.2 a researcher's response")
def _response(stage: Stage) -> None:
    """The keys of section 7.2 in their order; scopes are a set."""
    grant = stage.token(code=stage.code(name="Sofia Garcia", scopes=["/activities/update", "/read-limited"])).json()
    assert list(grant) == ["access_token", "token_type", "refresh_token", "expires_in", "scope", "name", "orcid"]
    assert (grant["token_type"], grant["name"], grant["orcid"]) == ("bearer", "Sofia Garcia", stage.orcid)
    assert set(grant["scope"].split()) == {"/activities/update", "/read-limited"}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", grant["access_token"])


@row("7.2 no name")
def _no_name(stage: Stage) -> None:
    """A researcher may show none."""
    assert stage.token(code=stage.approve()).json()["name"] is None


@row("7.2 persistent access")
def _persistent(stage: Stage) -> None:
    """About twenty years."""
    assert stage.token(code=stage.approve()).json()["expires_in"] == LONG_LIVED


@row("7.2 no persistent access")
def _not_persistent(stage: Stage) -> None:
    """An hour."""
    code = told(stage.press(stage.sign_in(), "approve", persistent=None))["code"]
    assert stage.token(code=code).json()["expires_in"] == 3600


@row("7.2 credentials as Basic")
def _basic(stage: Stage) -> None:
    """In the header instead of the form."""
    form = {"grant_type": "authorization_code", "code": stage.code(), "redirect_uri": REDIRECT_URI}
    assert stage.http.post("/oauth/token", data=form, auth=(stage.client_id, "sandbox-secret")).status_code == 200


def refuses(name: str, status: int, error: str, description: str, **form: Any) -> None:
    """The row of a code that is good and a form that is not: the code is still good afterwards."""

    @row(f"7.3 {name}")
    def _check(stage: Stage) -> None:
        code = stage.code(scopes=["/orcid-works/create"])
        assert refusal(stage.token(**{"code": code, **form})) == (status, error, description)
        assert stage.token(code=code).status_code == 200


refuses("no grant_type", 400, "unsupported_grant_type", "grant_type is missing", grant_type=None)
refuses("unknown code", 400, "invalid_grant", "Invalid authorization code: x", code="x")
refuses("redirect mismatch", 400, "invalid_grant", "Redirect URI mismatch.", redirect_uri="https://example.org/")
refuses(
    "scope not in the granted code",
    400,
    "invalid_scope",
    "Invalid scopes: /orcid-works/update available scopes for this code are: [/orcid-works/create]",
    scope="/orcid-works/update",
)
refuses(
    "no client credentials",
    401,
    "unauthorized",
    "An Authentication object was not found in the SecurityContext",
    client_id=None,
    client_secret=None,
)
refuses("wrong secret", 401, "invalid_client", "Bad client credentials", client_secret="x")
refuses(
    "unknown client (often: sandbox id on production)",
    401,
    "invalid_client",
    "Client not found: APP-X",
    client_id="APP-X",
)
refuses(
    "bad scope name",
    401,
    "invalid_scope",
    "One of the provided scopes is not allowed. Please refer to the list of allowed scopes.",
    scope="/everything",
)


@row("7.1 single use")
@row("7.3 reused code")
def _reused_code(stage: Stage) -> None:
    """Refused, and the token issued the first time is revoked."""
    code = stage.approve()
    first = stage.token(code=code).json()
    assert refusal(stage.token(code=code)) == (400, "invalid_grant", f"Reused authorization code: {code}")
    assert stage.works(first["access_token"]).status_code == 401


@row("7.3 expired code")
def _expired_code(stage: Stage) -> None:
    """It is the request that is invalid."""
    expected = (400, "invalid_request", "Authorization code has expired")
    assert refusal(stage.token(code=stage.code(expires_in=0))) == expected


@row("7.3 refresh token of another client")
def _foreign_refresh(stage: Stage) -> None:
    """It lives on."""
    foreign = stage.control.grant(stage.orcid, client_id=OTHER)
    answer = refusal(stage.token("refresh_token", refresh_token=foreign["refresh_token"]))
    assert answer == (400, "invalid_request", "This token does not belong to the given client")
    assert stage.works(foreign["access_token"]).status_code == 200


@row("7.3 scope not granted to the client")
def _scope_of_no_client(stage: Stage) -> None:
    """A client has the scopes of its own that ORCID gave it."""
    stage.own_client(scopes=["/read-public"])
    assert stage.token("client_credentials", scope="/read-public").status_code == 200
    answer = refusal(stage.token("client_credentials", scope="/read-public /webhook"))
    assert answer == (400, "invalid_scope", "Invalid scope: /webhook")


@row("7.3 bad refresh token")
def _bad_refresh(stage: Stage) -> None:
    """Unknown, of a disabled pair, of an expired one, of one that the researcher revoked."""

    def answer(token: str) -> tuple[int, str, str]:
        return refusal(stage.token("refresh_token", refresh_token=token))

    refreshed, expired = stage.grant(), stage.grant(expires_in=0)
    stage.token("refresh_token", refresh_token=refreshed["refresh_token"])
    assert answer("x") == (400, "unauthorized_client", "Unable to find refresh token")
    assert answer(refreshed["access_token"]) == (400, "unauthorized_client", "Unable to find refresh token")
    assert answer(refreshed["refresh_token"]) == (400, "unauthorized_client", "Parent token is disabled")
    assert answer(expired["refresh_token"])[2] == f"Access token expired: {expired['access_token']}"
    revoked = stage.grant()
    stage.control.revoke_as_researcher(stage.orcid)
    assert answer(revoked["refresh_token"]) == (400, "unauthorized_client", "Parent token is disabled")


@row("7.3 client locked / deactivated")
def _barred(stage: Stage) -> None:
    """Whatever it asks for."""
    for state in ("locked", "deactivated"):
        stage.own_client(**{state: True})
        for form in ({"grant_type": "client_credentials"}, {"code": stage.code()}):
            assert refusal(stage.token(**form))[:2] == (400, "unauthorized_client")


@row("7.3 user deactivated / deprecated")
def _gone(stage: Stage) -> None:
    """Neither a code nor a refresh token is good any more."""
    for state in ("deactivated", "deprecated"):
        stage.orcid = fresh_orcid()
        code, grant = stage.code(), stage.grant()
        stage.control.set_state(stage.orcid, state, primary="0000-0002-1825-0097")
        assert refusal(stage.token(code=code))[:2] == (400, "unauthorized_client")
        answer = stage.token("refresh_token", refresh_token=grant["refresh_token"])
        assert refusal(answer)[:2] == (400, "unauthorized_client")


@row("7.3 forwarder exception")
def _forwarder(stage: Stage) -> None:
    """401 with an error that is none of the client's; the exchange may have happened, or not."""
    for error in ("server_error", "invalid_request"):
        code = stage.code()
        number = stage.control.fault(f"forwarder:section=token,error={error},times=1")
        assert refusal(stage.token(code=code))[:2] == (401, error)
        assert stage.token(code=code).status_code == 200
        stage.control.clear_faults(number)
