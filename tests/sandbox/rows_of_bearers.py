"""The rows of API_FACTS sections 7.4 and 7.5: POST /oauth/revoke, and what the API answers to a token."""

from tests.sandbox.oauth_rows import OTHER, refusal, row
from tests.sandbox.oauth_stage import Stage
from tests.sandbox.people import a_work, fresh_orcid


@row("7.4 access token")
@row("7.4 refresh token")
@row("7.4 second revoke")
def _revoke(stage: Stage) -> None:
    """200 without a body, again and again; both tokens of the pair die."""
    for which in ("access_token", "refresh_token"):
        grant = stage.grant()
        for _ in range(2):
            answer = stage.revoke(grant[which])
            assert (answer.status_code, answer.content) == (200, b"")
        assert stage.works(grant["access_token"]).status_code == 401
        assert stage.token("refresh_token", refresh_token=grant["refresh_token"]).status_code == 400


@row("7.4 unknown token")
def _revoke_unknown(stage: Stage) -> None:
    """The same 200."""
    assert (stage.revoke("x").status_code, stage.revoke("").content) == (200, b"")


@row("7.4 foreign token")
def _revoke_foreign(stage: Stage) -> None:
    """200, and it lives on."""
    foreign = stage.control.grant(stage.orcid, client_id=OTHER)["access_token"]
    assert stage.revoke(foreign).status_code == 200
    assert stage.works(foreign).status_code == 200


@row("7.4 wrong client credentials")
def _revoke_wrongly(stage: Stage) -> None:
    """401, and the token lives on."""
    token = stage.grant()["access_token"]
    assert refusal(stage.revoke(token, client_secret="x")) == (401, "invalid_client", "Bad client credentials")
    assert refusal(stage.revoke(token, client_id=None))[:2] == (401, "unauthorized")
    assert stage.works(token).status_code == 200


@row("7.4 credentials as Basic")
def _revoke_basic(stage: Stage) -> None:
    """As for tokens."""
    token = stage.grant()["access_token"]
    auth = (stage.client_id, "sandbox-secret")
    assert stage.http.post("/oauth/revoke", data={"token": token}, auth=auth).status_code == 200
    assert stage.works(token).status_code == 401


@row("7.4 several tokens")
def _revoke_several(stage: Stage) -> None:
    """Each needs a call of its own."""
    first, second = stage.grant()["access_token"], stage.grant()["access_token"]
    stage.revoke(first)
    assert stage.works(second).status_code == 200


@row("7.5 no Authorization (and no access_token param)")
def _no_bearer(stage: Stage) -> None:
    """403, always JSON."""
    stage.grant()
    text = "Forbidden: The server understood the request but refuses to authorize it."
    assert refusal(stage.works(None)) == (403, "forbidden", text)


@row("7.5 access_token param")
def _parameter(stage: Stage) -> None:
    """It stands for the header."""
    token = stage.grant()["access_token"]
    assert stage.works(None, params={"access_token": token}).status_code == 200


@row("7.5 unknown/expired/revoked token")
def _bad_bearer(stage: Stage) -> None:
    """401 that echoes the token."""
    expired, refresh = stage.grant(expires_in=0)["access_token"], stage.grant()["refresh_token"]
    revoked = stage.grant()["access_token"]
    stage.control.revoke_as_researcher(stage.orcid)
    for token in ("x", refresh, revoked):
        answer = stage.works(token)
        assert refusal(answer) == (401, "invalid_token", f"Invalid access token: {token}")
        assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert refusal(stage.works(expired)) == (401, "invalid_token", f"Access token expired: {expired}")


@row("7.5 public-API client")
def _public(stage: Stage) -> None:
    """It has no business here."""
    stage.own_client(public=True)
    token = stage.grant()["access_token"]
    assert refusal(stage.works(token)) == (403, "forbidden", f"Access Denied: {token}")


@row("7.5 token for another iD")
def _other_record(stage: Stage) -> None:
    """401 in the form that the client wants, before the record is looked for."""
    token = stage.grant()["access_token"]
    stage.orcid = fresh_orcid()
    answer = stage.works(token)
    assert (answer.status_code, answer.json()["error-code"]) == (401, 9017)
    assert answer.json()["developer-message"] == (
        "401 Unauthorized: The client application is not authorized for this ORCID record. "
        "Full validation error: Access token is for a different record"
    )


@row("7.5 scope missing")
def _no_scope(stage: Stage) -> None:
    """403 with a code of its own."""
    answer = stage.works(stage.grant(scopes=["/read-limited"])["access_token"], "POST", "work", json=a_work())
    assert (answer.status_code, answer.json()["error-code"]) == (403, 9038)


@row("7.5 DELETE with a user-revoked token")
def _clean_up(stage: Stage) -> None:
    """204, so that a client can clean up; anything else is 401."""
    token = stage.grant()["access_token"]
    put_code = stage.works(token, "POST", "work", json=a_work()).headers["location"].rpartition("/")[2]
    stage.control.revoke_as_researcher(stage.orcid)
    assert stage.works(token, "PUT", f"work/{put_code}", json=a_work()).status_code == 401
    assert stage.works(token, "POST", "work", json=a_work("10.1/b")).status_code == 401
    assert stage.works(token, "DELETE", f"work/{put_code}").status_code == 204


@row("7.5 DELETE with a token revoked otherwise")
def _no_clean_up(stage: Stage) -> None:
    """401: revoked by the client, disabled by a refresh, run out."""
    grants = [stage.grant(), stage.grant()]
    put_code = stage.works(grants[0]["access_token"], "POST", "work", json=a_work()).headers["location"]
    stage.revoke(grants[0]["access_token"])
    stage.token("refresh_token", refresh_token=grants[1]["refresh_token"])
    for grant in (*grants, stage.grant(expires_in=0)):
        answer = stage.works(grant["access_token"], "DELETE", f"work/{put_code.rpartition('/')[2]}")
        assert refusal(answer)[:2] == (401, "invalid_token")
