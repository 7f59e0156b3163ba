"""Source formats: an institution's own messages become events by the mapping file, or dead letters that say why."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappers.events.faults import BadEvent, Rule
from mappers.events.messages import LogId, Message, Place
from mappers.events.record_event import RecordEvent
from mappers.events.source_formats import Skipped
from mappers.mapping_file import MappingFaults, parse_mapping
from mappers.parsing import parse
from mappers.wanted import SourceKey
from tests.mappers.builders import NOW, STRUCTURED, event, publication_data

ROWS = """
[formats.rows]
topics = ["rows.jsonl", "^db[.]"]
when = "after || op == 'd' || @ == null"
skip = "op == 'm'"
type = "op == 'd' && 'hr.affiliation.removed' || 'hr.affiliation.changed'"
source = "'/db'"
subject = "text((after || before || key()).id)"
time = "from_epoch_millis(ts_ms)"
sequence = "lsn"

[formats.rows.data]
kind = "'employment'"
role_title = "after.title"
start_date = "from_epoch_days(after.since)"

[formats.rows.data.person]
id = "text(after.person)"

[formats.rows.data.organization]
name = "after.org"
city = "after.city"
"""
FORMATS = parse_mapping(ROWS).source_formats
TOPIC = LogId("cluster", "topic-id", "db.hr.jobs", 0)


def row(**changes: Any) -> dict[str, Any]:
    """A right row."""
    after = {"id": 5, "person": 1024, "title": "Lecturer", "since": 18140, "org": None, "city": None}
    return {"op": "c", "before": None, "after": after, "ts_ms": 1_772_355_600_000, "lsn": 17} | changes


def line(content: Any, name: str = "rows.jsonl") -> Message:
    """A line of a log."""
    return Message(Place(name, 3), content if isinstance(content, bytes) else json.dumps(content).encode())


def taken(message: Message) -> RecordEvent:
    """The event that the message becomes; the test fails when it does not."""
    found = parse(message, NOW, FORMATS)
    assert isinstance(found, RecordEvent), found
    return found


def test_a_row_becomes_an_event() -> None:
    """Attributes and data as the expressions say; what comes to nothing is left out; its place is its id."""
    found = taken(line(row()))

    assert found.record == SourceKey("/db", "hr.affiliation", "5")
    assert (found.id, found.time, found.sequence) == ("rows.jsonl:3", "2026-03-01T09:00:00.000000000Z", "0217")
    assert found.data == {
        "person": {"id": "1024"},
        "kind": "employment",
        "role_title": "Lecturer",
        "start_date": "2019-09-01",
    }


@pytest.mark.parametrize(
    ("message", "sequence"),
    [
        pytest.param(line(row(op="d", before={"id": 5}, after=None)), "0217", id="delete"),
        pytest.param(Message(Place("p", 1, TOPIC), None, key=b'{"id": 5}'), None, id="tombstone"),
        pytest.param(Message(Place("p", 1, TOPIC), b"", key=b'{"id": 5}'), None, id="empty-value"),
    ],
)
def test_a_deleted_row_withdraws_its_record(message: Message, sequence: str | None) -> None:
    """By its operation, or by the tombstone that names it with the key alone; the data is not looked at."""
    found = taken(message)

    assert (found.record.subject, found.removed, found.data, found.sequence) == ("5", True, None, sequence)


def test_a_row_that_is_null_is_no_tombstone() -> None:
    """Only an empty value is one: nothing is withdrawn by what a broken producer may write."""
    found = parse(Message(Place("p", 1, TOPIC), b"null", key=b'{"id": 5}'), NOW, FORMATS)

    assert isinstance(found, BadEvent)
    assert found.field.startswith("formats.rows.data")


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(line(event()), id="structured-by-its-value"),
        pytest.param(Message(Place("p", 1, TOPIC), json.dumps(event()).encode(), STRUCTURED), id="by-content-type"),
        pytest.param(
            Message(
                Place("p", 1, TOPIC),
                json.dumps(event()["data"]).encode(),
                tuple((f"ce_{name}", str(value).encode()) for name, value in event().items() if name != "data"),
            ),
            id="binary",
        ),
    ],
)
def test_a_cloud_event_on_such_a_topic_is_one(message: Message) -> None:
    """Formats are for what is none."""
    assert taken(message).record == SourceKey("/hr", "hr.affiliation", "APPT-1")


def test_other_topics_have_no_format() -> None:
    """A row in a log that no format names is no event."""
    found = parse(line(row(), "other.jsonl"), NOW, FORMATS)

    assert isinstance(found, BadEvent)
    assert (found.rule, found.field) == (Rule.MISSING_FIELD, "specversion")


def test_what_is_skipped_on_purpose_is_no_dead_letter() -> None:
    """Only where the mapping file says so."""
    assert parse(line(row(op="m")), NOW, FORMATS) == Skipped(Place("rows.jsonl", 3), "rows")


def test_what_no_format_takes_is_a_dead_letter() -> None:
    """No event is lost without a word."""
    found = parse(line({"op": "t"}), NOW, FORMATS)

    assert isinstance(found, BadEvent)
    assert found.rule is Rule.FORMAT
    assert found.message == "the event is neither taken nor skipped by a format of its topic (formats.rows)"


@pytest.mark.parametrize(
    ("content", "rule", "field", "told"),
    [
        pytest.param(b"{", Rule.NOT_JSON, "", "is not JSON", id="no-json"),
        pytest.param(row(ts_ms="x"), Rule.FORMAT, "formats.rows.time", "does not take string", id="attribute"),
        pytest.param(row(lsn=-1), Rule.WRONG_FORM, "formats.rows.sequence", "-1 is not a sequence", id="sequence"),
        pytest.param(
            row(after=row()["after"] | {"since": "x"}),
            Rule.FORMAT,
            "formats.rows.data.start_date",
            "can't be made: from_epoch_days() does not take string",
            id="data",
        ),
        pytest.param(
            row(after=row()["after"] | {"title": 5}),
            Rule.WRONG_TYPE,
            "formats.rows.data.role_title",
            "5 is not a string",
            id="wrong-type",
        ),
        pytest.param(
            row(after=row()["after"] | {"person": None}),
            Rule.MISSING_FIELD,
            "formats.rows.data.person",
            "is missing",
            id="missing",
        ),
        pytest.param(row(after={"person": 1}), Rule.MISSING_FIELD, "formats.rows.subject", "is missing", id="subject"),
        pytest.param([1], Rule.FORMAT, "", "neither taken nor skipped", id="a-list"),
    ],
)
def test_a_dead_letter_names_the_format_and_the_field(content: Any, rule: Rule, field: str, told: str) -> None:
    """Where to look in the mapping file, and which field of the event it is about."""
    found = parse(line(content), NOW, FORMATS)

    assert isinstance(found, BadEvent)
    assert (found.rule, found.field) == (rule, field)
    assert told in found.message


def test_a_dead_letter_names_the_record_as_far_as_it_is_known() -> None:
    """So that `explain` finds it."""
    found = parse(line(row(ts_ms="x")), NOW, FORMATS)

    assert isinstance(found, BadEvent)
    assert (found.source, found.entity, found.subject) == ("/db", "hr.affiliation", "5")


def test_formats_of_one_topic_are_told_apart_by_their_conditions() -> None:
    """The first whose `when` is true takes the message."""
    other = ROWS.replace("formats.rows", "formats.other").replace("'/db'", "'/other'")
    formats = parse_mapping(ROWS.replace("after ||", "tenant == 'a' && after ||") + other).source_formats

    sources = [parse(line(row(tenant=tenant)), NOW, formats) for tenant in "ab"]

    assert [one.record.source for one in sources if isinstance(one, RecordEvent)] == ["/db", "/other"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param('["rows.jsonl", "^db[.]"]', "[]", "formats.rows.topics: a list is wrong", id="no-topics"),
        pytest.param('"^db[.]"', '"^("', "formats.rows.topics.1: ^( is not a pattern", id="pattern"),
        pytest.param('"^db[.]"', '" "', "formats.rows.topics.1:   is empty", id="blank-topic"),
        pytest.param("lsn", "lsn.", "formats.rows.sequence: lsn. is not JMESPath", id="form"),
        pytest.param("after.org", "upper(a)", "formats.rows.data.organization.name: upper(a) calls", id="function"),
        pytest.param('"after.title"', "5", "formats.rows.data.role_title: 5 is not a JMESPath", id="number"),
        pytest.param("source = \"'/db'\"\n", "", "formats.rows.source: is missing", id="missing"),
        pytest.param("skip =", "skipp =", "formats.rows.skipp: is not a setting", id="unknown"),
        pytest.param("start_date", "start", "formats.rows.data.start: is not a field of any event", id="no-field"),
        pytest.param(
            "op == 'd' && 'hr.affiliation.removed' || 'hr.affiliation.changed'",
            "hr.affiliation.changed",
            "formats.rows.type: hr.affiliation.changed is an expression",
            id="type-without-quotes",
        ),
        pytest.param(
            "op == 'd' && 'hr.affiliation.removed' || 'hr.affiliation.changed'",
            "'publication.changed'",
            "formats.rows.data.kind: is not a field of publication.changed",
            id="field-of-this-type",
        ),
    ],
)
def test_a_fault_of_a_format_is_told_at_the_start(old: str, new: str, fault: str) -> None:
    """Expressions are compiled when the mapping file is read; what is wrong names the key."""
    assert old in ROWS

    with pytest.raises(MappingFaults) as caught:
        parse_mapping(ROWS.replace(old, new))

    assert caught.value.faults[0].startswith(fault)


def test_lists_of_objects_are_made_by_expressions() -> None:
    """Contributors of an article, with our person where the message names one."""
    text = """
    [formats.articles]
    topics = ["articles"]
    type = "'publication.changed'"
    source = "'/articles'"
    subject = "DOI"
    time = "time"
    data.title = "title"
    data.type = "type"
    data.contributors = "author[].{person: us && {id: us}, name: name}"
    data.identifiers = "[[{type: 'doi', value: DOI}], (ISSN || `[]`)[].{type: 'issn', value: @}][]"
    """
    article = publication_data() | {
        "DOI": "10.1/a",
        "ISSN": ["1", "2"],
        "time": "2026-03-01T09:00:00Z",
        "author": [{"us": "E1", "name": "Kea, Tui"}, {"name": "Guest, Ann"}],
    }

    found = parse(line(article, "articles"), NOW, parse_mapping(text).source_formats)

    assert isinstance(found, RecordEvent), found
    assert found.data is not None
    assert found.data["contributors"] == [{"person": {"id": "E1"}, "name": "Kea, Tui"}, {"name": "Guest, Ann"}]
    assert [one["value"] for one in found.data["identifiers"]] == ["10.1/a", "1", "2"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "after", "before", "id", "person", "since", "ts_ms", "lsn"]), inner)
    ),
    max_leaves=20,
)


@given(JSON | st.fixed_dictionaries({"op": st.just("c"), "after": JSON, "ts_ms": JSON, "lsn": JSON}))
@settings(max_examples=200)
def test_no_message_breaks_a_format(content: Any) -> None:
    """Whatever it holds, it is an event, skipped, or a dead letter of one line."""
    found = parse(line(content), NOW, FORMATS)

    assert isinstance(found, RecordEvent | Skipped | BadEvent)
    if isinstance(found, BadEvent):
        assert found.message.isprintable()
