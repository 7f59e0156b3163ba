"""The reply table, row by row (API_FACTS.md 7.5, 8 and 12)."""

import json
from typing import Any

import pytest

from state.facts import Method
from state.permission_facts import SuspensionKind
from tests.worker.builders import NOW
from worker.calling.replies import (
    Accepted,
    Created,
    Deleted,
    Duplicate,
    Found,
    InDoubt,
    Missing,
    NotOurs,
    Refused,
    Stop,
    Suspended,
    Throttled,
    TooLarge,
    Unpermitted,
    Unsent,
    read_reply,
)
from worker.ports import Answer, NoAnswer, NoToken, Reply

POST, PUT, DELETE = Method.POST, Method.PUT, Method.DELETE
HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
WRITES = (POST, PUT, DELETE)


def answer(status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> Answer:
    """A reply; headers as `retry_after`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(status, named, body if isinstance(body, bytes) else json.dumps(body).encode())


def error(status: int, code: int, message: str = "", **headers: str) -> Answer:
    """ORCID's error in JSON."""
    return answer(status, {"response-code": status, "developer-message": message, "error-code": code}, **headers)


def in_xml(status: int, code: int, message: str = "", prefix: str = "") -> Answer:
    """ORCID's error in XML."""
    named = f"xmlns:{prefix.rstrip(':')}" if prefix else "xmlns"
    body = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{prefix}error {named}="http://www.orcid.org/ns/error">'
        f"<{prefix}response-code>{status}</{prefix}response-code>"
        f"<{prefix}developer-message>{message}</{prefix}developer-message>"
        f"<{prefix}error-code>{code}</{prefix}error-code></{prefix}error>"
    )
    return answer(status, body.encode())


def oauth(status: int, word: str, description: str = "") -> Answer:
    """An error of the bearer filter: always JSON, never with an error-code."""
    return answer(status, {"error": word, "error_description": description})


REFUSALS = (
    *(9001, 9006, 9012, 9020, 9022, 9023, 9024, 9034, 9037, 9045, 9046, 9047, 9049, 9050, 9051, 9053, 9054, 9055),
    *(9058, 9060, 9061, 9062, 9019, 9026),
)
LOCATION = "https://api.orcid.org/v3.0/0000-0002-1825-0097/work/123"


@pytest.mark.parametrize(
    ("method", "reply", "kind"),
    [
        pytest.param(POST, answer(201, location=LOCATION), Created, id="201 with Location: created"),
        pytest.param(POST, answer(201), InDoubt, id="201 without Location: in doubt"),
        pytest.param(
            POST, answer(201, location="https://orcid.org/work/0"), InDoubt, id="201 with put-code 0: in doubt"
        ),
        pytest.param(POST, answer(200), InDoubt, id="200 to a single POST: in doubt"),
        pytest.param(POST, answer(202), InDoubt, id="202 to a POST: in doubt, not refused"),
        pytest.param(PUT, answer(200, b"{}"), Accepted, id="200 to a PUT: accepted"),
        pytest.param(PUT, answer(204), InDoubt, id="204 to a PUT: in doubt"),
        pytest.param(DELETE, answer(204), Deleted, id="204 to a DELETE: deleted"),
        pytest.param(None, answer(200, {"group": []}), Found, id="200 to a GET: found"),
        pytest.param(None, answer(200, HTML), Stop, id="200 with a web page to a GET: something is wrong with our URL"),
        pytest.param(None, answer(200, b"[]"), Stop, id="200 with a list to a GET: no reply of ORCID's"),
        *(pytest.param(POST, error(400, code), Refused, id=f"400/{code}: refused") for code in REFUSALS),
        pytest.param(POST, answer(400, HTML), Refused, id="400 with a web page: refused"),
        pytest.param(PUT, error(403, 9035), Refused, id="403/9035, visibility: refused"),
        pytest.param(None, error(403, 9013), Refused, id="403/9013 to a GET: refused"),
        pytest.param(POST, oauth(401, "invalid_token"), Unpermitted, id="401 invalid_token: a new permission"),
        pytest.param(POST, error(401, 9017), Unpermitted, id="401/9017, another iD's token: a new permission"),
        pytest.param(POST, error(401, 9002), Unpermitted, id="401 in ORCID's own form: a new permission"),
        pytest.param(POST, answer(401, HTML), Unpermitted, id="401 with a web page: a new permission"),
        pytest.param(POST, oauth(401, "invalid_client"), Stop, id="401 invalid_client: stop"),
        pytest.param(POST, oauth(401, "unauthorized"), Stop, id="401 unauthorized: stop"),
        *(
            pytest.param(POST, error(403, code), Unpermitted, id=f"403/{code}, scope too small: a new permission")
            for code in (9004, 9005, 9038)
        ),
        pytest.param(PUT, error(403, 9010), NotOurs, id="403/9010: not ours"),
        pytest.param(PUT, error(403, 9014), NotOurs, id="403/9014: not ours"),
        pytest.param(POST, oauth(403, "forbidden"), Stop, id="403 forbidden: no member client, stop"),
        pytest.param(PUT, error(404, 9016), Missing, id="404/9016 to a PUT: missing"),
        pytest.param(DELETE, error(404, 9016), Deleted, id="404/9016 to a DELETE: deleted"),
        pytest.param(POST, error(404, 9016), Suspended, id="404/9016 to a POST: unknown iD"),
        pytest.param(None, error(404, 9016), Suspended, id="404/9016 to a GET: unknown iD"),
        pytest.param(PUT, error(404, 9011), Suspended, id="404/9011 to a PUT: unknown iD"),
        pytest.param(PUT, answer(404, HTML), Stop, id="404 with a web page to a PUT: not ORCID, stop"),
        pytest.param(DELETE, answer(404), Stop, id="404 without a body to a DELETE: not ORCID, stop"),
        pytest.param(POST, error(409, 9021), Duplicate, id="409/9021: duplicate"),
        pytest.param(POST, error(409, 9030), Duplicate, id="409/9030: duplicate"),
        pytest.param(POST, error(409, 9048), Refused, id="409/9048, record full: refused"),
        pytest.param(POST, error(409, 9025), Duplicate, id="409/9025, group exists: duplicate"),
        pytest.param(PUT, error(409, 9030), Duplicate, id="409/9030 to a PUT: duplicate"),
        pytest.param(DELETE, error(409, 9040), Refused, id="409/9040, cannot be deleted: refused"),
        *(
            pytest.param(method, error(409, code), Suspended, id=f"409/{code} to {method}: suspended")
            for code in (9007, 9018, 9036, 9044)
            for method in WRITES
        ),
        pytest.param(None, error(301, 9007), Suspended, id="301/9007 to a GET: deprecated"),
        pytest.param(POST, error(409, 9057), Stop, id="409/9057, client locked: stop"),
        pytest.param(POST, error(405, 9001), Stop, id="405: our request is malformed, stop"),
        pytest.param(POST, error(406, 9001), Stop, id="406: our request is malformed, stop"),
        pytest.param(POST, error(415, 9001), Stop, id="415: our request is malformed, stop"),
        pytest.param(POST, error(404, 9001), Stop, id="404/9001, no such path: stop"),
        pytest.param(POST, answer(413, HTML), TooLarge, id="413: split it"),
        pytest.param(POST, answer(429), Throttled, id="429: slow down"),
        pytest.param(POST, answer(503, HTML), Throttled, id="503: slow down"),
        *(pytest.param(method, error(500, 9008), InDoubt, id=f"500/9008 to {method}: in doubt") for method in WRITES),
        *(
            pytest.param(POST, answer(status, HTML), InDoubt, id=f"{status}: in doubt")
            for status in (408, 500, 502, 504, 520, 521, 522, 523, 524)
        ),
        pytest.param(POST, error(308, 9056), Stop, id="308/9056, release candidate: stop"),
        pytest.param(POST, answer(302, location="https://login.example.edu/"), Stop, id="302 to a login page: stop"),
        pytest.param(POST, NoAnswer("timed out", sent=True, late=True), InDoubt, id="timeout: in doubt"),
        pytest.param(POST, NoAnswer("connection refused", sent=False, late=False), Unsent, id="no connection: unsent"),
        pytest.param(
            POST,
            NoToken("invalid_client", "Bad client credentials"),
            Stop,
            id="no token, wrong secret: stop",
        ),
        pytest.param(POST, NoToken("unauthorized_client", "Client is locked"), Stop, id="no token, locked: stop"),
        pytest.param(None, NoToken("invalid_scope", ""), Unpermitted, id="no token, scope not ours: unpermitted"),
    ],
)
def test_a_row_of_the_table(method: Method | None, reply: Reply, kind: type) -> None:
    """Each status and error-code means this."""
    assert type(read_reply(method, reply, NOW)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(9007, SuspensionKind.DEPRECATED, id="deprecated"),
        pytest.param(9018, SuspensionKind.LOCKED, id="locked"),
        pytest.param(9036, SuspensionKind.UNCLAIMED, id="unclaimed"),
        pytest.param(9044, SuspensionKind.DEACTIVATED, id="deactivated"),
    ],
)
def test_a_suspension_names_its_kind(code: int, kind: SuspensionKind) -> None:
    """The error-code says why a record takes no writes."""
    verdict = read_reply(POST, error(409, code), NOW)

    assert isinstance(verdict, Suspended)
    assert verdict.kind is kind


@pytest.mark.parametrize("status", [301, 409])
def test_a_deprecated_record_names_the_new_id(status: int) -> None:
    """The Location names the iD that the record was merged into."""
    location = "https://api.orcid.org/v3.0/0000-0001-5109-3700/works"
    verdict = read_reply(None if status == 301 else POST, error(status, 9007, location=location), NOW)

    assert verdict == Suspended(SuspensionKind.DEPRECATED, "0000-0001-5109-3700")


@pytest.mark.parametrize("prefix", ["", "error:", "ns2:"])
@pytest.mark.parametrize(
    ("method", "status", "code", "kind"),
    [
        pytest.param(POST, 409, 9021, Duplicate, id="duplicate"),
        pytest.param(DELETE, 404, 9016, Deleted, id="deleted"),
        pytest.param(PUT, 404, 9016, Missing, id="missing"),
        pytest.param(POST, 409, 9018, Suspended, id="locked"),
        pytest.param(PUT, 403, 9010, NotOurs, id="not ours"),
    ],
)
def test_an_error_in_xml_means_the_same(method: Method, status: int, code: int, kind: type, prefix: str) -> None:
    """Error bodies in XML are understood, whatever their prefix."""
    assert type(read_reply(method, in_xml(status, code, prefix=prefix), NOW)) is kind


SAID = "409 Conflict: You have already added this activity (matched by external identifiers), please see element with"


@pytest.mark.parametrize(
    ("message", "put_code"),
    [
        pytest.param(f"{SAID} put-code 12345. If you are trying to edit the item, use PUT", 12345, id="named"),
        pytest.param(f"{SAID} put-code ${{putCode}}.", None, id="the template was not filled in"),
        pytest.param(f"{SAID} put-code 0.", None, id="zero is no put-code"),
        pytest.param(f"{SAID} put-code {'9' * 30}.", None, id="too large to be one"),
        pytest.param("", None, id="no message"),
    ],
)
def test_a_duplicate_names_its_put_code(message: str, put_code: int | None) -> None:
    """9021 names what is there already, unless ORCID's template failed; in JSON and in XML."""
    assert read_reply(POST, error(409, 9021, message), NOW) == Duplicate(put_code)
    assert read_reply(POST, in_xml(409, 9021, message), NOW) == Duplicate(put_code)


@pytest.mark.parametrize(
    ("status", "late"),
    [
        pytest.param(500, False, id="ORCID's own 500: it is over"),
        pytest.param(502, True, id="a proxy's 502: it may still go on"),
        pytest.param(504, True, id="a proxy's 504: it may still go on"),
        pytest.param(524, True, id="the CDN's timeout: it may still go on"),
    ],
)
def test_only_a_proxy_leaves_a_call_running(status: int, *, late: bool) -> None:
    """After a proxy's error the call may still be carried out; after ORCID's own it is over."""
    verdict = read_reply(POST, answer(status, HTML), NOW)

    assert isinstance(verdict, InDoubt)
    assert verdict.late is late


@pytest.mark.parametrize(
    ("reply", "fails"),
    [
        pytest.param(error(500, 9008), True, id="ORCID's own failure"),
        pytest.param(answer(500, HTML), False, id="500 of who knows whom"),
        pytest.param(error(502, 9008), False, id="a proxy's"),
        pytest.param(error(503, 9008), False, id="out of service"),
        pytest.param(NoAnswer("reset", sent=True, late=False), False, id="a cut"),
    ],
)
def test_only_orcids_own_failure_may_be_the_documents_fault(reply: Reply, *, fails: bool) -> None:
    """500/9008 alone counts against a document."""
    verdict = read_reply(POST, reply, NOW)

    assert (isinstance(verdict, InDoubt) and verdict.fails) is fails


@pytest.mark.parametrize("late", [True, False])
def test_a_lost_reply_is_as_late_as_the_transport_says(*, late: bool) -> None:
    """A timeout may still be carried out, a cut connection not."""
    assert read_reply(PUT, NoAnswer("lost", sent=True, late=late), NOW) == InDoubt("lost", late)


def test_only_a_401_breaks_the_grant() -> None:
    """A scope that is too small does not make the token worthless."""
    lacking, broken = read_reply(POST, error(403, 9038), NOW), read_reply(POST, oauth(401, "invalid_token"), NOW)

    assert (isinstance(lacking, Unpermitted) and lacking.broken) is False
    assert (isinstance(broken, Unpermitted) and broken.broken) is True


def test_a_client_without_token_is_told_which_settings_to_look_at() -> None:
    """A wrong secret is ours to mend."""
    verdict = read_reply(POST, NoToken("invalid_client", "Bad client credentials"), NOW)

    assert isinstance(verdict, Stop)
    assert "ORCID_SYNC_CLIENT_SECRET" in verdict.why
    assert "invalid_client: Bad client credentials" in verdict.why


def test_a_scope_that_our_client_lacks_breaks_no_token() -> None:
    """ORCID grants it to the client or does not; nobody's permission is broken."""
    verdict = read_reply(POST, NoToken("invalid_scope", "Invalid scope: /group-id-record/update"), NOW)

    assert isinstance(verdict, Unpermitted)
    assert not verdict.broken


def test_a_refusal_says_what_orcid_said() -> None:
    """Status, error-code and message, in one line."""
    verdict = read_reply(POST, error(400, 9022, "400 Bad Request:\n a title is required."), NOW)

    assert verdict == Refused(400, 9022, "400 9022: 400 Bad Request: a title is required.")
