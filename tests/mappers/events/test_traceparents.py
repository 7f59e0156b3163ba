"""Trace contexts of events: taken where they are sound, never a reason to refuse the event."""

import json
from typing import Any

import pytest

from mappers.events.messages import Message, Place
from mappers.events.record_event import RecordEvent
from mappers.parsing import parse
from tests.benchmarks.institution import affiliation_event

EVENTS_OWN = f"00-{1:032x}-{2:016x}-01"
HEADERS = f"00-{3:032x}-{4:016x}-00"
NONE = ""


def parsed(*headers: tuple[str, bytes], **attributes: Any) -> RecordEvent:
    """An event with these attributes and headers of its message, read."""
    value = json.dumps(affiliation_event(1) | attributes).encode()
    event = parse(Message(Place("log", 1), value, headers), 2e9)
    assert isinstance(event, RecordEvent)
    return event


@pytest.mark.parametrize(
    ("header", "attribute", "expected"),
    [
        pytest.param(None, EVENTS_OWN, EVENTS_OWN, id="the event's"),
        pytest.param(HEADERS, None, HEADERS, id="the message's"),
        pytest.param(HEADERS, EVENTS_OWN, EVENTS_OWN, id="the event's goes first"),
        pytest.param(HEADERS, "nonsense", HEADERS, id="the event's is not sound"),
        pytest.param(None, None, NONE, id="none"),
        pytest.param(None, 7, NONE, id="a number"),
        pytest.param(None, EVENTS_OWN.upper().replace("0", "A"), NONE, id="capitals"),
        pytest.param(None, f"ff{EVENTS_OWN[2:]}", NONE, id="version ff"),
        pytest.param(None, f"00-{0:032x}-{2:016x}-01", NONE, id="trace zero"),
        pytest.param(None, f"00-{1:032x}-{0:016x}-01", NONE, id="span zero"),
        pytest.param(None, EVENTS_OWN + "\n", NONE, id="more after it"),
        pytest.param("\xe9" * 55, None, NONE, id="bytes that are no letters"),
    ],
)
def test_a_sound_traceparent_is_kept(header: str | None, attribute: Any, expected: str) -> None:
    """By W3C Trace Context; the CloudEvents extension before the transport's header."""
    headers = () if header is None else (("traceparent", header.encode("latin-1")),)
    attributes = {} if attribute is None else {"traceparent": attribute}

    assert parsed(*headers, **attributes).traceparent == expected


def test_binary_mode_has_it_too() -> None:
    """As `ce_traceparent`."""
    event = affiliation_event(1)
    data = json.dumps(event.pop("data")).encode()
    headers = [(f"ce_{name}", str(value).encode()) for name, value in (event | {"traceparent": EVENTS_OWN}).items()]

    taken = parse(Message(Place("log", 1), data, (*headers, ("content-type", b"application/json"))), 2e9)

    assert isinstance(taken, RecordEvent)
    assert taken.traceparent == EVENTS_OWN
