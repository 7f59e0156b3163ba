"""What people see of an event that could not be taken: all where no token can be, and never a token."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.events.messages import Message, Place
from mappers.events.packed_messages import HIDDEN, shown_value
from tests.benchmarks.institution import affiliation_event, work_event
from tests.leaks.scanner import Scanner

UUIDS = st.uuids(version=4).map(str)


def _shown(value: bytes | dict[str, Any], **rest: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return shown_value(Message(Place("a.jsonl", 1), raw, **rest))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(affiliation_event(1), id="affiliation"),
        pytest.param(affiliation_event(1, title="Übersetzer \u202e"), id="escaped"),
        pytest.param(
            work_event(1, 0, title="Secret tokens: authorization, permission and trust"), id="words-in-a-title"
        ),
        pytest.param(affiliation_event(1) | {"type": "weather"}, id="unknown-type"),
        pytest.param({}, id="empty"),
    ],
)
def test_what_holds_no_token_is_shown_as_it_came(event: dict[str, Any]) -> None:
    """Byte for byte."""
    assert _shown(event) == json.dumps(event)


def test_bytes_that_are_no_event_are_shown() -> None:
    """When they speak of no token."""
    assert _shown(b"nonsense \xff") == "nonsense \ufffd"
    assert shown_value(Message(Place("a", 1), None)) == ""


SHORT = "s3cret-1"

ODD = [
    pytest.param({"type": "permission.granted", "data": {"x": SHORT}}, id="type"),
    pytest.param({"type": " Permission.Granted ", "data": [SHORT]}, id="type-spelled-otherwise"),
    pytest.param({"type": "\uff50ermission.granted", "data": [SHORT]}, id="type-full-width"),
    pytest.param({"type": "per\u200bmission.granted", "data": [SHORT]}, id="type-with-what-cannot-be-seen"),
    pytest.param({"data": {"access_token": SHORT}}, id="key"),
    pytest.param({"data": {"Refresh-Token": SHORT}}, id="key-spelled-otherwise"),
    pytest.param({"data": [{"x": {"client_secret": [SHORT]}}]}, id="key-deep-within"),
    pytest.param({"data": {"name": "access_token", "value": SHORT}}, id="named-by-a-value"),
    pytest.param({"data": '{"access_token": "' + SHORT + '"}'}, id="JSON-in-JSON"),
    pytest.param({"data": "token=" + SHORT}, id="a-form"),
    pytest.param({"data": "Bearer " + SHORT}, id="a-header"),
    pytest.param({"data": {"code": SHORT}}, id="code"),
    pytest.param({"data_base64": "eyJh+" + SHORT}, id="base64"),
    pytest.param(b'{"type": "permission.granted", "data": "' + SHORT.encode(), id="cut"),
    pytest.param(b'{"type": "permi\\u0073sion.granted", "data": "' + SHORT.encode(), id="cut-and-escaped"),
    pytest.param(b'{"type": "permission.granted", "type": "x", "data": "' + SHORT.encode() + b'"}', id="type-twice"),
    pytest.param(b'{"token": "' + SHORT.encode() + b'", "token": ""}', id="key-twice"),
    pytest.param(b'{"type": "permi\\u0073sion.granted", "data": "' + SHORT.encode() + b'"}', id="escaped"),
    pytest.param(json.dumps({"token": SHORT}).encode("utf-16"), id="utf-16"),
    pytest.param(b"[" * 100_000 + b'{"token": "' + SHORT.encode(), id="too-deep"),
]


@pytest.mark.parametrize("value", ODD)
def test_what_may_hold_a_token_is_not_shown(value: bytes | dict[str, Any]) -> None:
    """However it is spelled, and wherever it stands."""
    assert _shown(value) == HIDDEN


def test_a_token_that_was_cut_off_is_not_shown() -> None:
    """As in an event that was too large."""
    assert _shown(b'{"x": "f5af9f51-07e6-4332-8f1a') == '{"x": "…'


def test_an_event_whose_attributes_are_headers() -> None:
    """A permission by its type."""
    assert _shown({"x": SHORT}, headers=(("ce_type", b"permission.granted"),)) == HIDDEN


def _put(event: Any, path: list[int], token: str, *, as_key: bool) -> Any:
    """The event with the token in place of one of its names or values, or beside one."""
    match event:
        case dict() if event:
            name = list(event)[path[0] % len(event)] if path else next(iter(event))
            if as_key and len(path) < 2:
                return event | {token: "x"}
            return event | {name: _put(event[name], path[1:], token, as_key=as_key)}
        case list() if event:
            return [_put(event[0], path[1:], token, as_key=as_key), *event[1:]]
        case str():
            return f"{event}{token}" if path and path[0] % 2 else token
        case _:
            return token


@given(
    token=UUIDS,
    event=st.sampled_from([affiliation_event(1), work_event(1, 0)]),
    path=st.lists(st.integers(0, 9), max_size=5),
    as_key=st.booleans(),
    form=st.sampled_from(["plain", "upper", "hyphenless", "escaped", "cut", "utf-16", "reversed-escape"]),
)
def test_no_token_is_shown_wherever_it_stands(
    token: str, event: dict[str, Any], path: list[int], *, as_key: bool, form: str
) -> None:
    """In any name or value, in any spelling that can be read."""
    said = {"upper": token.upper(), "hyphenless": token.replace("-", "")}.get(form, token)
    text = json.dumps(_put(event, path, said, as_key=as_key))
    match form:
        case "escaped":
            text = text.replace(token, "".join(f"\\u{ord(one):04x}" for one in token))
        case "reversed-escape":
            text = text.replace(token, token[:-1] + f"\\u{ord(token[-1]):04x}")
        case "cut":
            text = text[: text.index(token) + len(token)]
        case _:
            pass
    raw = text.encode("utf-16" if form == "utf-16" else "utf-8")

    shown = _shown(raw).replace("\0", "")

    scanner = Scanner({said: "a token", token: "a token"})
    assert scanner.leaks("shown", shown.encode()) == []
    if shown != HIDDEN and form in {"escaped", "reversed-escape"}:
        assert scanner.leaks("shown", json.dumps(json.loads(shown)).encode()) == []
