"""What ORCID answers about permission notifications, and what is made of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.permission.notification_replies import (
    NOT_ALLOWED,
    NotPosted,
    NotSeen,
    Posted,
    PostInDoubt,
    Seen,
    read_posted,
    read_seen,
)
from worker.ports import Answer, NoAnswer, NoToken, Reply

NOW = 1_800_000_000.0
AT = "https://api.orcid.org/v3.0/0000-0002-1825-0097/notification-permission/42"
NOTHING = NoAnswer("no connection", sent=False, late=False)
LOST = NoAnswer("no reply in time", sent=True, late=True)


def refusal(status: int, code: int, message: str = "") -> Answer:
    """ORCID's error body."""
    body = {"response-code": status, "developer-message": message, "error-code": code}
    return Answer(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(Answer(201, {"Location": AT}, b""), Posted(42), id="201"),
        pytest.param(
            refusal(400, 9006, "400 Bad Request: Put code must be null"),
            NotPosted("ORCID does not understand the request (400 9006: 400 Bad Request: Put code must be null)"),
            id="9006-put-code",
        ),
        pytest.param(
            refusal(400, 9020, "Bad authorization uri"),
            NotPosted(
                "ORCID does not take the link to our page as an authorization-url: check ORCID_SYNC_REDIRECT_URI"
                " (400 9020: Bad authorization uri)"
            ),
            id="9020-link",
        ),
        pytest.param(
            refusal(400, 9023),
            NotPosted("ORCID does not take an identifier of an item (400 9023)"),
            id="9023-external-id",
        ),
        pytest.param(
            refusal(409, 9032),
            NotPosted(
                "the researcher takes no notifications: send the link that `orcid-sync permission invite` prints"
                " (409 9032)"
            ),
            id="9032-opted-out",
        ),
        pytest.param(refusal(403, 9004), NotPosted(NOT_ALLOWED), id="9004-not-allowed"),
        pytest.param(refusal(403, 9038), NotPosted(NOT_ALLOWED), id="9038-scope"),
        pytest.param(
            NoToken("invalid_scope", "Invalid scope: /premium-notification"), NotPosted(NOT_ALLOWED), id="scope"
        ),
        pytest.param(
            NoToken("invalid_client", ""),
            NotPosted(
                "ORCID gives our client no token (invalid_client):"
                " check ORCID_SYNC_CLIENT_ID and ORCID_SYNC_CLIENT_SECRET"
            ),
            id="no-token",
        ),
        pytest.param(
            refusal(404, 9016), NotPosted("the record is unknown: ORCID does not know this iD"), id="no-record"
        ),
        pytest.param(refusal(409, 9018, "locked"), NotPosted("the record is locked: locked"), id="locked"),
        pytest.param(Answer(503, {}, b"<html>"), NotPosted("ORCID is busy: try again in 60 s"), id="busy"),
        pytest.param(
            Answer(429, {"Retry-After": "7"}, b""), NotPosted("ORCID is busy: try again in 7 s"), id="busy-until"
        ),
        pytest.param(NOTHING, NotPosted("no connection"), id="no-connection"),
        pytest.param(LOST, PostInDoubt("no reply in time"), id="timeout"),
        pytest.param(
            Answer(201, {}, b""), PostInDoubt("a 201 without a put-code in its Location"), id="201-without-location"
        ),
        pytest.param(Answer(504, {}, b"<html>"), PostInDoubt("a proxy answered 504"), id="proxy"),
        pytest.param(refusal(500, 9008, "oops"), PostInDoubt("500 9008: oops"), id="500"),
        pytest.param(Answer(200, {}, b"{}"), PostInDoubt("status 200 does not answer a POST"), id="200"),
    ],
)
def test_a_post(reply: Reply, expected: object) -> None:
    """Every row of API_FACTS.md section 10, and what any call may meet."""
    assert read_posted(reply, NOW) == expected


def found(**dates: Any) -> Answer:
    """A notification as it is read, with these dates."""
    keys = ("created", "sent", "read", "actioned", "archived")
    return Answer(200, {}, json.dumps({f"{key}-date": dates.get(key) for key in keys}).encode())


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(found(created={"value": 1}), Seen(None, None, None, None), id="nothing-yet"),
        pytest.param(
            found(sent={"value": 1_000}, read={"value": 2_500}, actioned={"value": 3_000}, archived={"value": 4_000}),
            Seen(1.0, 2.5, 3.0, 4.0),
            id="objects",
        ),
        pytest.param(found(read=2_000, actioned=3_000), Seen(None, 2.0, 3.0, None), id="numbers"),
        pytest.param(
            found(
                read="1970-01-01T00:00:02Z",
                actioned="1970-01-01T00:00:03.5",
                sent={"value": "1970-01-01T01:00:01+01:00"},
            ),
            Seen(1.0, 2.0, 3.5, None),
            id="texts",
        ),
        pytest.param(
            found(read="soon", sent=[], actioned=True, archived={"value": 10**30}),
            Seen(None, None, None, None),
            id="nonsense",
        ),
        pytest.param(refusal(404, 9029), NotSeen("ORCID does not know the request any more"), id="9029-gone"),
        pytest.param(refusal(403, 9004), NotSeen("the request belongs to another client"), id="9004-another-client"),
        pytest.param(refusal(403, 9038), NotSeen(NOT_ALLOWED), id="9038-scope"),
        pytest.param(NoToken("invalid_scope", ""), NotSeen(NOT_ALLOWED), id="no-token"),
        pytest.param(LOST, NotSeen("no reply in time"), id="timeout"),
        pytest.param(
            Answer(200, {}, b"[]"), NotSeen("a GET was answered with something that is no JSON object"), id="no-object"
        ),
    ],
)
def test_a_look(reply: Reply, expected: object) -> None:
    """Dates however ORCID's JSON writes them, and why there are none."""
    assert read_seen(reply, NOW) == expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=60)
    | st.dictionaries(st.sampled_from(["read-date", "sent-date", "error-code"]), _JSON).map(
        lambda one: json.dumps(one).encode()
    ),
)
def test_any_answer_is_read(status: int, body: bytes) -> None:
    """Whatever comes back, it is one of the cases, and a date is one that can be shown."""
    reply = Answer(status, {}, body)

    assert isinstance(read_posted(reply, NOW), Posted | NotPosted | PostInDoubt)
    seen = read_seen(reply, NOW)
    if isinstance(seen, Seen):
        assert all(at is None or 0 < at < 1e12 for at in (seen.sent_at, seen.read_at, seen.acted_at, seen.archived_at))
