"""Details of replies: bulk slots, Retry-After, scrubbed messages; and that no reply whatever can do harm."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from state.facts import Method
from tests.worker.builders import NOW
from worker.calling.error_bodies import read_fault, scrubbed
from worker.calling.replies import (
    Created,
    Duplicate,
    Found,
    InDoubt,
    Refused,
    Slots,
    Stop,
    Throttled,
    Verdict,
    read_reply,
)
from worker.ports import Answer

TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
ADDED = {"work": {"put-code": 101, "title": {"title": {"value": "Moa"}}}}
KNOWN = {"error": {"response-code": 409, "developer-message": "see element with put-code 77.", "error-code": 9021}}
WRONG = {"error": {"response-code": 400, "developer-message": "a title is required", "error-code": 9022}}


def of_bulk(body: Any, sent: int) -> Verdict:
    """What the reply to a bulk POST means."""
    return read_reply(Method.POST, Answer(200, {}, json.dumps(body).encode()), NOW, bulk=sent)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rb'{"a\u0000b": [{"c": "d\ud800e"}, 1, null]}', id="escaped"),
        pytest.param(b'{"a\\u0000b": [{"c": "d\xffe"}, 1, null]}', id="bytes"),
    ],
)
def test_what_no_text_may_hold_is_replaced(body: bytes) -> None:
    """Else it could neither be kept nor hashed, and every reply that came with it would be lost."""
    assert read_reply(None, Answer(200, {}, body), NOW) == Found({"a\ufffdb": [{"c": "d\ufffde"}, 1, None]})


def test_each_slot_of_a_bulk_has_its_own_verdict() -> None:
    """Slots are matched by index; a work in each, or an error."""
    verdict = of_bulk({"bulk": [ADDED, KNOWN, WRONG]}, 3)

    assert verdict == Slots((Created(101), Duplicate(77), Refused(400, 9022, "a title is required")))


def test_a_slot_of_v2_1_means_the_same() -> None:
    """There each work is checked against the schema: its slot tells, and the others stand (API_FACTS.md 1.4)."""
    added = {"work": {"put-code": 102, "type": "JOURNAL_ARTICLE", "visibility": "PUBLIC", "path": None}}
    message = "400 Bad Request: There is an issue with your data or the API endpoint."
    wrong = {"error": {"response-code": 400, "developer-message": message, "error-code": 9001, "more-info": None}}

    assert of_bulk({"bulk": [added, wrong]}, 2) == Slots((Created(102), Refused(400, 9001, message)))


def test_a_keyword_that_reads_like_a_put_code_is_none() -> None:
    """The message of 9030 tells the content, and never a put-code."""
    told = {"error-code": 9030, "developer-message": "The element 'put-code 77' of type 'keyword' is duplicated. "}

    assert read_reply(Method.POST, Answer(409, {}, json.dumps(told).encode()), NOW) == Duplicate(None)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        pytest.param({"bulk": [ADDED]}, 2, id="too few slots"),
        pytest.param({"bulk": [ADDED, ADDED]}, 1, id="too many slots"),
        pytest.param({"bulk": []}, 1, id="no slots"),
        pytest.param({"bulk": None}, 1, id="null"),
        pytest.param({"bulk": ADDED}, 1, id="one slot that is no list"),
        pytest.param({}, 1, id="no bulk"),
        pytest.param([ADDED], 1, id="a list"),
        pytest.param({"bulk": [{}]}, 1, id="an empty slot"),
        pytest.param({"bulk": [None]}, 1, id="a slot that is null"),
        pytest.param({"bulk": ["work"]}, 1, id="a slot that is a text"),
        pytest.param({"bulk": [{"work": {}}]}, 1, id="a work without put-code"),
        pytest.param({"bulk": [{"work": {"put-code": "101"}}]}, 1, id="a put-code that is a text"),
        pytest.param({"bulk": [{"work": {"put-code": True}}]}, 1, id="a put-code that is true"),
        pytest.param({"bulk": [{"work": {"put-code": 0}}]}, 1, id="a put-code that is zero"),
        pytest.param({"bulk": [{"work": {"put-code": 10**40}}]}, 1, id="a put-code that no store can keep"),
        pytest.param({"bulk": [ADDED, {"neither": 1}]}, 2, id="one good slot and an odd one"),
    ],
)
def test_an_odd_bulk_is_in_doubt_as_a_whole(body: Any, sent: int) -> None:
    """Slots that can't be matched to what was sent tell nothing."""
    assert isinstance(of_bulk(body, sent), InDoubt)


def test_a_slot_with_both_is_a_work() -> None:
    """A put-code is a put-code."""
    assert of_bulk({"bulk": [{**ADDED, "error": None}]}, 1) == Slots((Created(101),))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param(" 5 ", 5.0, id="seconds with space around"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("999999999", 3600.0, id="at most an hour is believed"),
        pytest.param("Mon, 24 Nov 2025 16:01:40 GMT", 100.0, id="a date"),
        pytest.param("Mon, 24 Nov 2025 15:00:00 GMT", 0.0, id="a date that is past"),
        pytest.param("Mon, 24 Nov 2031 16:00:00 GMT", 3600.0, id="a date far ahead"),
        pytest.param("Mon, 24 Nov 2025 16:01:40", 100.0, id="a date without a zone"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("", None, id="empty"),
        pytest.param("٣", None, id="digits that are not ASCII"),
        pytest.param("Thu, 32 Jan 2026 00:00:00 GMT", None, id="a day that does not exist"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -2359", 3600.0, id="the end of all time"),
        pytest.param("Mon, 24 Nov 2025 16:01:40 +99999999999999999999", None, id="a zone that does not exist"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(status: int, text: str, after: float | None) -> None:
    """Retry-After is obeyed in seconds and as a date; nonsense is as good as nothing."""
    assert read_reply(Method.PUT, Answer(status, {"retry-after": text}, b""), NOW) == Throttled(after)


def test_without_retry_after_orcid_leaves_it_to_us() -> None:
    """No header, no time."""
    assert read_reply(Method.PUT, Answer(429, {}, b""), NOW) == Throttled(None)


METHODS = st.sampled_from([*Method, None])
STATUSES = st.one_of(st.integers(-1, 1100), st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([9007, 9021, 9016])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["bulk", "work", "error", "error-code", "put-code", "response-code", "developer-message", "x"]
            ),
            inner,
        ),
    ),
    max_leaves=12,
)
BODIES = st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode()))
HEADERS = st.dictionaries(st.sampled_from(["Location", "Retry-After", "content-type", "X"]), st.text())


@given(METHODS, STATUSES, HEADERS, BODIES, st.integers(0, 3))
@example(Method.POST, 409, {}, b"[" * 100_000, 0)
@example(Method.POST, 200, {}, b'{"bulk":' + b"[" * 100_000, 1)
@example(Method.POST, 409, {}, b'{"error-code": ' + b"9" * 10_000 + b"}", 0)
@example(Method.POST, 503, {"Retry-After": "Mon, 24 Nov 2025 16:01:40 +9999999999999999999999"}, b"", 0)
def test_no_reply_can_do_harm(
    method: Method | None, status: int, headers: dict[str, str], body: bytes, bulk: int
) -> None:
    """Whatever comes over the wire gives a verdict, whose numbers any store can keep."""
    verdict = read_reply(method, Answer(status, headers, body), NOW, bulk=bulk)
    fault = read_fault(body)

    assert isinstance(verdict, Verdict)
    assert fault.code is None or 0 < fault.code < 10_000
    for one in verdict.verdicts if isinstance(verdict, Slots) else (verdict,):
        assert not isinstance(one, Created) or 0 < one.put_code < 2**63
        assert not isinstance(one, Duplicate) or one.put_code is None or 0 < one.put_code < 2**63
    repr(verdict).encode()


@given(st.text(), st.uuids().flatmap(lambda one: st.sampled_from([str(one), str(one).upper()])), st.text())
@example("Invalid access token: ", TOKEN, "")
@example("Access token expired: ", TOKEN.upper(), "")
@example("Access Denied: ", TOKEN, "")
@example("Bearer ", TOKEN, "")
@example('{"access_token":"', TOKEN, '"}')
@example("token=", TOKEN, "&x")
@example("a" * 490, TOKEN, "")
def test_no_token_gets_through(before: str, token: str, after: str) -> None:
    """Wherever in a message ORCID echoes a token, it is taken out."""
    assert token not in scrubbed(f"{before}{token}{after}")


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":"invalid_token","error_description":"Invalid access token: 4bed1e13-7792-4129-9f07-aaf7b88ba88f"}',
        b'{"response-code":401,"developer-message":"Invalid access token: 4bed1e13-7792-4129-9f07-aaf7b88ba88f"}',
        b'{"error":"4bed1e13-7792-4129-9f07-aaf7b88ba88f"}',
        b"<error><developer-message>Invalid access token: 4bed1e13-7792-4129-9f07-aaf7b88ba88f</developer-message>",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_the_token_that_orcid_echoes_is_in_no_verdict(status: int, body: bytes) -> None:
    """ORCID's error bodies echo the token; verdicts, which reach logs and the store, don't."""
    assert "4bed1e13" not in repr(read_reply(Method.POST, Answer(status, {}, body), NOW))
    assert "4bed1e13" not in repr(read_fault(body))


@given(st.text())
def test_a_scrubbed_message_is_one_short_line(message: str) -> None:
    """Whatever ORCID says fits into one printable line of a log."""
    line = scrubbed(message)

    assert len(line) <= 500
    assert line.isprintable()


def test_a_web_page_is_not_quoted() -> None:
    """A proxy's page has nothing to tell."""
    verdict = read_reply(Method.POST, Answer(404, {}, b"<html><script>alert(1)</script></html>"), NOW)

    assert isinstance(verdict, Stop)
    assert "script" not in verdict.why
