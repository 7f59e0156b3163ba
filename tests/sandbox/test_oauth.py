"""The authorization server (API_FACTS sections 7.2 to 7.5)."""

from typing import Any

import httpx
import pytest

from tests.sandbox.people import Person, a_person, a_work, fresh_orcid
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.grants import LONG_LIVED
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET

REDIRECT_URI = "https://example.org/callback"


def ask(http: httpx.Client, path: str = "token", **form: Any) -> httpx.Response:
    """A form with our client's credentials, unless it says otherwise; None leaves a field out."""
    whole = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
    return http.post(f"/oauth/{path}", data={name: value for name, value in whole.items() if value is not None})


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """Status, error and description."""
    body = response.json()
    assert list(body) == ["error", "error_description"]
    return response.status_code, body["error"], body["error_description"]


def test_a_code_becomes_a_grant(http: httpx.Client, control: SandboxControl) -> None:
    """The token response has the keys of section 7.2, and its token works."""
    orcid = fresh_orcid()
    code = control.code(orcid, scopes=["/activities/update", "/read-limited"], name="Sofia Garcia")
    grant = ask(http, grant_type="authorization_code", code=code).json()
    assert list(grant) == ["access_token", "token_type", "refresh_token", "expires_in", "scope", "name", "orcid"]
    assert set(grant["scope"].split()) == {"/activities/update", "/read-limited"}
    assert (grant["token_type"], grant["orcid"], grant["name"]) == ("bearer", orcid, "Sofia Garcia")
    assert abs(grant["expires_in"] - LONG_LIVED) <= 1
    Person(orcid, grant["access_token"], http, control).has_added("work", a_work())


def test_the_credentials_may_come_as_basic(http: httpx.Client, control: SandboxControl) -> None:
    """Client id and secret in the header instead of the form."""
    form = {"grant_type": "authorization_code", "code": control.code(fresh_orcid())}
    assert http.post("/oauth/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)).status_code == 200


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param({"grant_type": None}, (400, "unsupported_grant_type", "grant_type is missing"), id="no type"),
        pytest.param(
            {"grant_type": "password"}, (400, "unsupported_grant_type", "Unsupported grant type: password"), id="a type"
        ),
        pytest.param(
            {"client_id": None},
            (401, "unauthorized", "An Authentication object was not found in the SecurityContext"),
            id="no client",
        ),
        pytest.param({"client_secret": "x"}, (401, "invalid_client", "Bad client credentials"), id="a wrong secret"),
        pytest.param(
            {"client_id": "APP-X"}, (401, "invalid_client", "Client not found: APP-X"), id="an unknown client"
        ),
        pytest.param({"code": "x"}, (400, "invalid_grant", "Invalid authorization code: x"), id="an unknown code"),
        pytest.param({"redirect_uri": "https://x"}, (400, "invalid_grant", "Redirect URI mismatch."), id="another uri"),
        pytest.param({"redirect_uri": None}, (400, "invalid_grant", "Redirect URI mismatch."), id="no uri"),
        pytest.param(
            {"scope": "/person/update"},
            (
                400,
                "invalid_scope",
                "Invalid scopes: /person/update available scopes for this code are: [/activities/update]",
            ),
            id="a scope that was not granted",
        ),
        pytest.param(
            {"scope": "/everything"},
            (
                401,
                "invalid_scope",
                "One of the provided scopes is not allowed. Please refer to the list of allowed scopes.",
            ),
            id="a scope that does not exist",
        ),
    ],
)
def test_an_exchange_that_is_refused(
    http: httpx.Client, control: SandboxControl, form: dict[str, str | None], expected: tuple[int, str, str]
) -> None:
    """The rows of section 7.3; the code is still good afterwards."""
    code = control.code(fresh_orcid(), scopes=["/activities/update"], redirect_uri=REDIRECT_URI)
    good: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    assert refusal(ask(http, **good | form)) == expected
    assert ask(http, **good).status_code == 200


def test_a_code_is_good_once(http: httpx.Client, control: SandboxControl) -> None:
    """A second exchange is refused and ends the token of the first."""
    orcid = fresh_orcid()
    code = control.code(orcid)
    first = ask(http, grant_type="authorization_code", code=code).json()
    again = ask(http, grant_type="authorization_code", code=code)
    assert refusal(again) == (400, "invalid_grant", f"Reused authorization code: {code}")
    assert Person(orcid, first["access_token"], http, control).get("works").status_code == 401


def test_a_code_expires(http: httpx.Client, control: SandboxControl) -> None:
    """An old code is an invalid request."""
    code = control.code(fresh_orcid(), expires_in=0)
    expected = (400, "invalid_request", "Authorization code has expired")
    assert refusal(ask(http, grant_type="authorization_code", code=code)) == expected


def test_a_code_of_another_client_is_unknown(http: httpx.Client, control: SandboxControl) -> None:
    """Only the client that was allowed may exchange it."""
    code = control.code(fresh_orcid(), client_id="APP-ANOTHERCLIENT001")
    assert refusal(ask(http, grant_type="authorization_code", code=code))[:2] == (400, "invalid_grant")


@pytest.mark.parametrize("state", ["deactivated", "deprecated"])
def test_no_token_for_a_record_that_is_gone(http: httpx.Client, control: SandboxControl, state: str) -> None:
    """The researcher's record decides (section 7.3)."""
    orcid = fresh_orcid()
    code = control.code(orcid)
    control.set_state(orcid, state, primary="0000-0002-1825-0097")
    assert refusal(ask(http, grant_type="authorization_code", code=code))[:2] == (400, "unauthorized_client")


def test_a_locked_client_gets_no_token(http: httpx.Client, control: SandboxControl) -> None:
    """400 unauthorized_client."""
    control.create_client("APP-LOCKEDCLIENT0002", locked=True)
    response = ask(http, grant_type="client_credentials", client_id="APP-LOCKEDCLIENT0002")
    assert refusal(response)[:2] == (400, "unauthorized_client")


def test_a_refresh_ends_the_old_pair(http: httpx.Client, control: SandboxControl) -> None:
    """Both tokens are new, and the old ones stop working."""
    person = a_person(http, control, scopes=["/activities/update"])
    old = control.grant(person.orcid, scopes=["/activities/update"])
    new = ask(http, grant_type="refresh_token", refresh_token=old["refresh_token"]).json()
    assert {new["access_token"], new["refresh_token"]}.isdisjoint({old["access_token"], old["refresh_token"]})
    assert Person(person.orcid, old["access_token"], http, control).get("works").status_code == 401
    assert Person(person.orcid, new["access_token"], http, control).get("works").status_code == 200
    again = ask(http, grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert refusal(again) == (400, "unauthorized_client", "Parent token is disabled")


def test_a_refresh_can_keep_the_old_pair(http: httpx.Client, control: SandboxControl) -> None:
    """`revoke_old=false` leaves it, and the new one may have less scope and time."""
    orcid = fresh_orcid()
    old = control.grant(orcid, scopes=["/activities/update", "/read-limited"])
    asked = {"revoke_old": "false", "scope": "/read-limited", "expires_in": "60"}
    new = ask(http, grant_type="refresh_token", refresh_token=old["refresh_token"], **asked).json()
    assert (new["scope"], new["expires_in"] <= 60) == ("/read-limited", True)
    assert Person(orcid, old["access_token"], http, control).get("works").status_code == 200


def test_refreshes_that_are_refused(http: httpx.Client, control: SandboxControl) -> None:
    """An unknown, a foreign, an expired and a revoked token, an access token in its place, and too much scope."""
    orcid = fresh_orcid()
    own = control.grant(orcid, scopes=["/read-limited"])
    foreign = control.grant(fresh_orcid(), client_id="APP-ANOTHERCLIENT001")
    expired = control.grant(fresh_orcid(), expires_in=0)

    def refresh(token: str, **more: str) -> tuple[int, str, str]:
        return refusal(ask(http, grant_type="refresh_token", refresh_token=token, **more))

    assert refresh("x") == (400, "unauthorized_client", "Unable to find refresh token")
    assert refresh(own["access_token"])[1] == "unauthorized_client"
    assert refresh(foreign["refresh_token"])[2] == "This token does not belong to the given client"
    assert refresh(expired["refresh_token"])[2] == f"Access token expired: {expired['access_token']}"
    assert refresh(own["refresh_token"], scope="/activities/update")[1] == "invalid_scope"
    control.revoke_as_researcher(orcid)
    assert refresh(own["refresh_token"])[2] == "Parent token is disabled"


def test_a_clients_own_token(http: httpx.Client) -> None:
    """client_credentials: no iD; scopes that only a researcher grants are silently dropped."""
    grant = ask(http, grant_type="client_credentials", scope="/read-public /activities/update").json()
    assert (grant["orcid"], grant["name"], grant["scope"]) == (None, None, "/read-public")


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_a_client_revokes(http: httpx.Client, control: SandboxControl, which: str) -> None:
    """Both tokens of the pair die, for DELETE too; a second time is 200 again."""
    orcid = fresh_orcid()
    grant = control.grant(orcid)
    person = Person(orcid, grant["access_token"], http, control)
    put_code = person.has_added("work", a_work())
    for _ in range(2):
        response = ask(http, "revoke", token=grant[which])
        assert (response.status_code, response.content) == (200, b"")
    assert person.delete("work", put_code).status_code == 401


def test_revoking_what_is_not_ours(http: httpx.Client, control: SandboxControl) -> None:
    """200 for an unknown and for a foreign token, which lives on; wrong credentials are 401."""
    orcid = fresh_orcid()
    foreign = control.grant(orcid, client_id="APP-ANOTHERCLIENT001")["access_token"]
    assert ask(http, "revoke", token="x").status_code == 200
    assert ask(http, "revoke", token=foreign).status_code == 200
    assert Person(orcid, foreign, http, control).get("works").status_code == 200
    assert refusal(ask(http, "revoke", token="x", client_secret="wrong"))[:2] == (401, "invalid_client")


def test_only_posts_are_answered(http: httpx.Client) -> None:
    """Another method is 405, another address 404."""
    assert http.get("/oauth/token").status_code == 405
    assert http.post("/oauth/nothing").status_code == 404
