"""Replies of the authorization server, row by row of API_FACTS.md 7.2 to 7.4, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from tests.worker.builders import NOW
from worker.calling.token_replies import (
    Refusal,
    Revoked,
    TokenGranted,
    TokenRefused,
    TokenUnavailable,
    read_revoke_reply,
    read_token_reply,
    without_tokens,
)
from worker.ports import Answer, NoAnswer, NoToken

TOKEN = "f5af9f51-07e6-4332-8f1a-c0c11c1e3728"
GRANTED: dict[str, Any] = {
    "access_token": TOKEN,
    "token_type": "bearer",
    "refresh_token": "f725f747-3a65-49f6-a231-3e8944ce464d",
    "expires_in": 631138518,
    "scope": "/activities/update /read-limited",
    "name": "Sofia Garcia",
    "orcid": "0000-0001-2345-6789",
}


def answered(status: int, body: object) -> Answer:
    """A reply in JSON."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())


def error(status: int, word: str, description: str = "") -> Answer:
    """An error of the token endpoint."""
    return answered(status, {"error": word, "error_description": description})


def test_a_grant_is_read_whole() -> None:
    """ORCID's own example (API_FACTS.md 7.2)."""
    assert read_token_reply(answered(200, GRANTED), NOW) == TokenGranted(
        access_token=Secret(TOKEN),
        refresh_token=Secret("f725f747-3a65-49f6-a231-3e8944ce464d"),
        expires_in=631138518.0,
        scopes=frozenset({"/activities/update", "/read-limited"}),
        name="Sofia Garcia",
        orcid=OrcidId("0000-0001-2345-6789"),
    )


@pytest.mark.parametrize(
    ("changed", "name", "value"),
    [
        pytest.param({"expires_in": 3599}, "expires_in", 3599.0, id="short-lived"),
        pytest.param({"expires_in": "3599"}, "expires_in", 3599.0, id="a-number-as-text"),
        pytest.param({"name": None}, "name", "", id="no-public-name"),
        pytest.param({"name": "Sofia\n\x1b[31mGarcia\u202e"}, "name", "Sofia [31mGarcia", id="controls-in-the-name"),
        pytest.param({"name": "é" * 9999}, "name", "é" * 500, id="a-long-name"),
        pytest.param({"orcid": None}, "orcid", None, id="a-client's-own"),
        pytest.param({"orcid": "https://orcid.org/0000-0001-2345-6789"}, "orcid", GRANTED["orcid"], id="iD-as-URL"),
        pytest.param({"refresh_token": None}, "refresh_token", None, id="no-refresh-token"),
        pytest.param({"refresh_token": "a b"}, "refresh_token", None, id="no-token-at-all"),
        pytest.param({"scope": None}, "scopes", frozenset(), id="no-scope"),
        pytest.param({"scope": "/a \ud800 /b\0 é /c"}, "scopes", frozenset({"/a", "/c"}), id="what-is-no-scope"),
        pytest.param({"scope": "/b  /a /b"}, "scopes", frozenset({"/a", "/b"}), id="scopes-in-any-order"),
        pytest.param({"id_token": "x.y.z"}, "name", "Sofia Garcia", id="with-openid"),
    ],
)
def test_a_grant_may_differ(changed: dict[str, Any], name: str, value: object) -> None:
    """Lifetimes are read, not assumed."""
    told = read_token_reply(answered(200, GRANTED | changed), NOW)

    assert isinstance(told, TokenGranted)
    assert getattr(told, name) == value


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"access_token": None}, id="none"),
        pytest.param({"access_token": ""}, id="empty"),
        pytest.param({"access_token": 7}, id="a-number"),
        pytest.param({"access_token": "a\r\nb"}, id="a-line-break"),
        pytest.param({"access_token": "é"}, id="not-ASCII"),
        pytest.param({"access_token": "a" * 5000}, id="far-too-long"),
        pytest.param({"expires_in": None}, id="no-lifetime"),
        pytest.param({"expires_in": True}, id="a-truth"),
        pytest.param({"expires_in": -1}, id="a-negative-lifetime"),
        pytest.param({"expires_in": float("nan")}, id="not-a-number"),
        pytest.param({"expires_in": float("inf")}, id="for-ever"),
        pytest.param({"expires_in": 10**400}, id="a-number-without-end"),
        pytest.param({"orcid": "0000-0001-2345-6780"}, id="a-wrong-checksum"),
        pytest.param({"orcid": {}}, id="an-object-for-an-iD"),
    ],
)
def test_what_is_no_grant_is_no_clear_answer(changed: dict[str, Any]) -> None:
    """A code is spent by it all the same."""
    told = read_token_reply(answered(200, GRANTED | changed), NOW)

    assert told == TokenUnavailable("ORCID answered with something that is no token", sent=True)


ROWS = [
    ("no-grant-type", 400, "unsupported_grant_type", "grant_type is missing", Refusal.OTHER, True),
    ("unknown-code", 400, "invalid_grant", "Invalid authorization code: X1y2Z3", Refusal.OTHER, False),
    ("reused-code", 400, "invalid_grant", "Reused authorization code: X1y2Z3", Refusal.CODE_REUSED, False),
    ("expired-code", 400, "invalid_request", "Authorization code has expired", Refusal.CODE_EXPIRED, False),
    ("redirect-400", 400, "invalid_grant", "Redirect URI mismatch.", Refusal.REDIRECT_MISMATCH, True),
    ("redirect-401", 401, "invalid_grant", "Redirect URI mismatch.", Refusal.REDIRECT_MISMATCH, True),
    (
        "scope-not-granted",
        400,
        "invalid_scope",
        "Invalid scopes: /orcid-works/update available scopes for this code are: [/orcid-works/create]",
        Refusal.OTHER,
        True,
    ),
    (
        "foreign-refresh-token",
        400,
        "invalid_request",
        "This token does not belong to the given client",
        Refusal.OTHER,
        False,
    ),
    (
        "no-credentials",
        401,
        "unauthorized",
        "An Authentication object was not found in the SecurityContext",
        Refusal.CLIENT,
        True,
    ),
    ("wrong-secret", 401, "invalid_client", "Bad client credentials", Refusal.CLIENT, True),
    ("unknown-client", 401, "invalid_client", "Client not found: APP-1", Refusal.CLIENT, True),
    ("bad-scope-name", 401, "invalid_scope", "One of the provided scopes is not allowed.", Refusal.OTHER, True),
    ("scope-not-ours", 400, "invalid_scope", "Invalid scope: /webhook", Refusal.OTHER, True),
    ("bad-refresh-token", 400, "unauthorized_client", "Unable to find refresh token", Refusal.CLIENT, False),
    ("disabled-parent", 400, "unauthorized_client", "Parent token is disabled", Refusal.CLIENT, False),
    ("expired-parent", 400, "unauthorized_client", f"Access token expired: {TOKEN}", Refusal.CLIENT, False),
    ("bad-refresh-token-otherwise", 400, "invalid_grant", "Invalid refresh token: x-1", Refusal.OTHER, False),
    ("client-locked", 400, "unauthorized_client", "Client is locked: APP-1", Refusal.CLIENT, False),
]


@pytest.mark.parametrize(
    ("status", "word", "text", "about", "is_ours"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_each_error_of_the_token_endpoint(status: int, word: str, text: str, about: Refusal, *, is_ours: bool) -> None:
    """A row of API_FACTS.md 7.3 each; ORCID's text is told without tokens and codes."""
    told = read_token_reply(error(status, word, text), NOW)

    assert isinstance(told, TokenRefused)
    assert (told.word, told.about, told.is_ours) == (word, about, is_ours)
    assert all(secret not in told.why for secret in ("X1y2Z3", TOKEN, "x-1"))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(error(401, "server_error"), ("status 401 server_error", True, None), id="forwarder-401"),
        pytest.param(error(401, "invalid_request"), ("status 401 invalid_request", True, None), id="forwarder-request"),
        pytest.param(error(500, "invalid_grant"), ("status 500 invalid_grant", True, None), id="a-word-with-500"),
        pytest.param(Answer(503, {"retry-after": "7"}, b""), ("status 503", False, 7.0), id="throttled"),
        pytest.param(Answer(429, {}, b"<html>"), ("status 429", False, None), id="too-many"),
        pytest.param(Answer(502, {}, b"<html>"), ("status 502", True, None), id="a-proxy's-page"),
        pytest.param(Answer(404, {}, b"<html>"), ("status 404", True, None), id="nothing-there"),
        pytest.param(Answer(302, {"location": "/signin"}, b""), ("status 302", True, None), id="a-redirect"),
    ],
)
def test_what_passes_is_no_refusal(reply: Answer, expected: tuple[str, bool, float | None]) -> None:
    """Neither of the permission nor of our client."""
    why, sent, after = expected

    assert read_token_reply(reply, NOW) == TokenUnavailable(f"ORCID answered with {why}", sent, after)
    assert read_revoke_reply(reply, NOW) == TokenUnavailable(f"ORCID answered with {why}", sent, after)


def test_no_reply_says_whether_anything_was_sent() -> None:
    """A code that surely never left is not spent."""
    cut = NoAnswer("the connection was cut", sent=True, late=False)
    none = NoAnswer("no connection", sent=False, late=False)

    assert read_token_reply(cut, NOW) == TokenUnavailable("the connection was cut", sent=True)
    assert read_revoke_reply(none) == TokenUnavailable("no connection", sent=False)


def test_no_secret_of_ours_is_about_us() -> None:
    """Nothing was sent."""
    told = read_token_reply(NoToken("invalid_client", "no client secret is set"), NOW)

    assert told == TokenRefused("invalid_client", "no client secret is set", is_ours=True, about=Refusal.CLIENT)


def test_a_revocation_is_answered_with_200() -> None:
    """Whatever the token was (API_FACTS.md 7.4); a page of a proxy is no answer of ORCID's."""
    assert read_revoke_reply(Answer(200, {}, b"")) == Revoked()
    assert isinstance(read_revoke_reply(Answer(200, {}, b" <html>sign in")), TokenUnavailable)
    assert read_revoke_reply(error(401, "invalid_client", "Bad client credentials")) == TokenRefused(
        "invalid_client", "Bad client credentials", is_ours=True, about=Refusal.CLIENT
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["access_token", "expires_in", "scope", "name", "orcid", "error", "error_description"])
BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(FIELDS, JSON).map(lambda one: json.dumps(one).encode()),
    JSON.map(lambda one: json.dumps(one).encode()),
    st.just(b"[" * 60_000),
    st.just(b"1" * 5000),
)


@given(st.sampled_from([200, 204, 302, 400, 401, 403, 429, 500, 503]), BODIES)
def test_nothing_that_comes_raises(status: int, body: bytes) -> None:
    """Outside data is hostile."""
    read_token_reply(Answer(status, {}, body), NOW)
    read_revoke_reply(Answer(status, {}, body), NOW)


@given(st.uuids(), st.sampled_from(["{}", "x {} y", "token={}", "Access token expired: {}.", "a\n{}"]))
def test_no_message_shows_a_token(token: object, message: str) -> None:
    """ORCID echoes them."""
    assert str(token) not in without_tokens(message.format(token))


def test_a_reply_shows_no_token_in_its_repr() -> None:
    """It may come into a log."""
    assert TOKEN not in repr(read_token_reply(answered(200, GRANTED), NOW))
