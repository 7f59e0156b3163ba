"""Events: what is taken, what is a dead letter, and the line that says why."""

import json
from typing import Any

import pytest

from mappers.events.faults import Rule
from mappers.events.messages import Message, Place
from mappers.events.record_event import RecordEvent
from mappers.parsing import parse
from mappers.wanted import SourceKey
from tests.mappers.builders import (
    NOW,
    PLACE,
    STRUCTURED,
    affiliation_data,
    bad_event,
    event,
    line,
    record_event,
)

BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_type", b"hr.affiliation.changed"),
    ("ce_source", b"/hr"),
    ("ce_subject", b"APPT-1"),
    ("ce_id", b"8f1c"),
)


def binary(value: Any, *extra: tuple[str, bytes], without: str = "") -> Message:
    """A binary-mode message; a later header stands for an earlier one of the same name."""
    headers = {name: text for name, text in (*BINARY, *extra) if name != without}
    return Message(
        PLACE, value if isinstance(value, bytes | None) else json.dumps(value).encode(), tuple(headers.items())
    )


def test_the_contract_example_is_taken() -> None:
    """The example line of CONTRACT.md section 4 becomes an event with canonical time and sequence."""
    found = record_event()

    assert found.record == SourceKey("/hr", "hr.affiliation", "APPT-1")
    assert (found.id, found.type, found.removed, found.place) == ("8f1c", "hr.affiliation.changed", False, PLACE)
    assert (found.time, found.sequence) == ("2026-03-01T09:00:00.000000000Z", "0217")
    assert found.data == affiliation_data()


def test_structured_and_binary_mode_say_the_same() -> None:
    """One event gives one result in a log line, in a structured Kafka message and in a binary one."""
    whole = event(time=..., sequence=..., datacontenttype=...)
    modes = [
        Message(PLACE, json.dumps(whole).encode()),
        Message(PLACE, json.dumps(whole).encode(), (*STRUCTURED, ("ce_type", b"ignored"))),
        binary(affiliation_data(), ("content-type", b"application/json")),
        Message(PLACE, json.dumps(affiliation_data()).encode(), tuple((name.upper(), value) for name, value in BINARY)),
    ]

    first, *others = [parse(message, NOW) for message in modes]

    assert isinstance(first, RecordEvent)
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(line(event(type="hr.affiliation.removed", data=...)), id="removed-without-data"),
        pytest.param(line(event({}, type="hr.affiliation.removed")), id="removed-with-empty-data"),
        pytest.param(line(event(["anything"], type="hr.affiliation.removed")), id="removed-with-any-data"),
        pytest.param(binary(None), id="tombstone-null"),
        pytest.param(binary(b""), id="tombstone-empty"),
        pytest.param(binary(None, without="ce_id"), id="tombstone-without-id"),
        pytest.param(binary(None, without="ce_specversion"), id="tombstone-without-specversion"),
        pytest.param(binary(None, *STRUCTURED), id="tombstone-whatever-content-type"),
        pytest.param(binary(None, ("content-type", b"avro/binary")), id="tombstone-of-other-content"),
        pytest.param(binary(None, ("ce_type", b"hr.affiliation.removed")), id="tombstone-of-removed"),
    ],
)
def test_a_removal_in_any_form_withdraws_the_record(message: Message) -> None:
    """Removals have no data and no digest, whichever way they are said."""
    found = parse(message, NOW)

    assert isinstance(found, RecordEvent)
    assert found.record == SourceKey("/hr", "hr.affiliation", "APPT-1")
    assert (found.removed, found.data, found.digest) == (True, None, "")


NESTED = b'{"x":' + b"[" * 65 + b"]" * 65 + b"}"


@pytest.mark.parametrize(
    ("content", "rule", "field", "told"),
    [
        pytest.param(b"{", Rule.NOT_JSON, "", "the event is not JSON", id="cut-json"),
        pytest.param(b"{} {}", Rule.NOT_JSON, "", "Extra data", id="two-objects"),
        pytest.param(b"[]", Rule.NOT_AN_OBJECT, "", "the event is a list", id="list"),
        pytest.param(b'"hidden"', Rule.NOT_AN_OBJECT, "", "the event is a string", id="string"),
        pytest.param(b"null", Rule.NOT_AN_OBJECT, "", "the event is null", id="null"),
        pytest.param(b"\xff\xfe{}", Rule.NOT_UTF8, "", "byte 0", id="not-utf8"),
        pytest.param(b"", Rule.MISSING_FIELD, "ce_type", "an empty value needs", id="empty-without-headers"),
        pytest.param(b'{"id":1,"id":2}', Rule.DUPLICATE_KEY, "", "the key id twice", id="key-twice"),
        pytest.param(b'{"x":NaN}', Rule.BAD_NUMBER, "", "NaN", id="nan"),
        pytest.param(b'{"x":-Infinity}', Rule.BAD_NUMBER, "", "-Infinity", id="infinity"),
        pytest.param(b'{"x":' + b"9" * 5000 + b"}", Rule.BAD_NUMBER, "", "too many digits", id="huge-integer"),
        pytest.param(b'{"x":1e' + b"9" * 30 + b"}", Rule.BAD_NUMBER, "", "out of all bounds", id="huge-exponent"),
        pytest.param(b'{"x":"\\u0000"}', Rule.BAD_CHARACTER, "", "NUL", id="nul"),
        pytest.param(b'{"\\ud800":1}', Rule.BAD_CHARACTER, "", "surrogate", id="lone-surrogate-in-a-key"),
        pytest.param(b'{"x":"\x00"}', Rule.NOT_JSON, "", "control character", id="raw-nul"),
        pytest.param(NESTED, Rule.TOO_DEEP, "", "64 levels", id="nested-65-deep"),
        pytest.param(b"[" * 500_000, Rule.TOO_DEEP, "", "64 levels", id="nested-without-end"),
        pytest.param(b" " * 1024 * 1024 + b"{}", Rule.TOO_LARGE, "", "1048578 bytes", id="too-large"),
    ],
)
def test_bytes_that_are_no_event_are_told_in_one_line(content: bytes, rule: Rule, field: str, told: str) -> None:
    """Each way in which bytes fail to be an event has its rule and its words."""
    found = bad_event(content)

    assert (found.rule, found.field, found.place) == (rule, field, PLACE)
    assert told in found.message
    assert found.message.isprintable()


@pytest.mark.parametrize(
    ("changes", "rule", "field", "message"),
    [
        pytest.param({"specversion": ...}, Rule.MISSING_FIELD, "specversion", "is missing", id="no-specversion"),
        pytest.param({"specversion": "0.3"}, Rule.SPEC_VERSION, "specversion", "0.3 is not 1.0", id="old-specversion"),
        pytest.param({"specversion": 1.0}, Rule.SPEC_VERSION, "specversion", "1.0 is not 1.0", id="specversion-number"),
        pytest.param({"id": ...}, Rule.MISSING_FIELD, "id", "is missing", id="no-id"),
        pytest.param({"id": 5}, Rule.WRONG_TYPE, "id", "5 is not a string", id="id-number"),
        pytest.param({"source": ""}, Rule.WRONG_FORM, "source", '"" is empty', id="empty-source"),
        pytest.param({"source": None}, Rule.MISSING_FIELD, "source", "is missing", id="null-source"),
        pytest.param({"subject": ...}, Rule.MISSING_FIELD, "subject", "is missing", id="no-subject"),
        pytest.param({"subject": "A "}, Rule.WRONG_FORM, "subject", "space at its start or end", id="spaced-subject"),
        pytest.param({"subject": "A\nB"}, Rule.WRONG_FORM, "subject", "A\\nB holds", id="newline-in-subject"),
        pytest.param({"subject": "A" * 256}, Rule.TOO_LONG, "subject", "longer than 255", id="long-subject"),
        pytest.param({"type": ...}, Rule.MISSING_FIELD, "type", "is missing", id="no-type"),
        pytest.param({"type": "hr.affiliation"}, Rule.UNKNOWN_TYPE, "type", "unknown event type", id="no-suffix"),
        pytest.param({"type": "hr.salary.changed"}, Rule.UNKNOWN_TYPE, "type", "hr.salary.changed is an", id="other"),
        pytest.param({"type": "loan.removed"}, Rule.UNKNOWN_TYPE, "type", "loan.removed is an", id="other-removal"),
        pytest.param({"type": "permission.changed"}, Rule.UNKNOWN_TYPE, "type", "is an unknown", id="permission-other"),
        pytest.param({"time": "yesterday"}, Rule.WRONG_FORM, "time", "yesterday is not a time", id="time-words"),
        pytest.param({"time": 5}, Rule.WRONG_TYPE, "time", "5 is not a string", id="time-number"),
        pytest.param({"sequence": "-1"}, Rule.WRONG_FORM, "sequence", "-1 is not a sequence", id="negative-sequence"),
        pytest.param({"sequence": True}, Rule.WRONG_FORM, "sequence", "true is not a sequence", id="sequence-true"),
        pytest.param({"sequence": [1]}, Rule.WRONG_FORM, "sequence", "a list is not a sequence", id="sequence-list"),
        pytest.param({"datacontenttype": "text/xml"}, Rule.DATA_ENCODING, "datacontenttype", "is not JSON", id="xml"),
        pytest.param({"data_base64": "e30="}, Rule.DATA_ENCODING, "data_base64", "is not taken", id="base64"),
        pytest.param({"data": ...}, Rule.MISSING_FIELD, "data", "is missing", id="no-data"),
        pytest.param({"data": "x"}, Rule.WRONG_TYPE, "data", "data: is not an object", id="data-string"),
    ],
)
def test_a_wrong_attribute_is_named(changes: dict[str, Any], rule: Rule, field: str, message: str) -> None:
    """A fault names the attribute, its value and the rule."""
    found = bad_event(event(**changes))

    assert (found.rule, found.field) == (rule, field)
    assert message in found.message


def test_an_oversize_message_names_its_record() -> None:
    """In binary mode the record is known although the value is too large to be read."""
    headers = binary(None).headers

    found = bad_event(Message(PLACE, b"{", headers, oversize=5_000_000))

    assert (found.rule, found.source, found.subject) == (Rule.TOO_LARGE, "/hr", "APPT-1")
    assert "5000000 bytes" in found.message


def test_a_tombstone_without_its_headers_says_what_it_needs() -> None:
    """A tombstone has to name type, source and subject."""
    found = bad_event(binary(None, without="ce_subject"))

    assert (found.rule, found.field) == (Rule.MISSING_FIELD, "subject")
    assert "ce_type, ce_source and ce_subject" in found.message


def test_headers_have_to_be_utf8() -> None:
    """A header of other bytes is named."""
    found = bad_event(binary({}, ("ce_subject", b"\xff")))

    assert (found.rule, found.field) == (Rule.NOT_UTF8, "ce_subject")


def test_a_byte_order_mark_is_passed_over() -> None:
    """Windows programs begin their files with one."""
    assert isinstance(parse(line(b"\xef\xbb\xbf" + json.dumps(event()).encode()), NOW), RecordEvent)


def test_text_beyond_ascii_is_kept_however_it_is_escaped() -> None:
    """A name is the same written as it is and as escapes, pairs for one character included."""
    data = affiliation_data(role_title="Ärztin 🦤")

    plain = parse(line(json.dumps(event(data), ensure_ascii=False).encode()), NOW)

    assert plain == parse(line(event(data)), NOW)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param("x" * 300, "x" * 79 + "…", id="long"),
        pytest.param("a\x1b[31m", "a\\x1b[31m", id="terminal-codes"),
        pytest.param("a\u202eb", "a\\u202eb", id="turned-text"),
    ],
)
def test_a_hostile_value_is_shown_harmlessly(value: str, told: str) -> None:
    """Values are shortened, and what can't be printed is escaped."""
    assert bad_event(event(type=value)).value == told


def test_the_place_of_a_kafka_message_is_kept() -> None:
    """A dead letter says where it stood."""
    assert bad_event(Message(Place("x", 3), b"{")).place == Place("x", 3)
