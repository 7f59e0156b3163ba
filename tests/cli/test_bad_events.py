"""A log with all kinds of bad lines: each is told apart, none stops the others."""

import json
import time
from typing import Any

import pytest

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution


def _with(event: dict[str, Any], **data: Any) -> dict[str, Any]:
    return event | {"data": event["data"] | data}


def _without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in names}


def _ahead(event: dict[str, Any]) -> dict[str, Any]:
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    return _without(event, "sequence") | {"source": "/by-time", "time": later}


BAD = [
    pytest.param(b'{"specversion":"1.0",', "not-json", "", id="broken-json"),
    pytest.param(_with(work_event(9, 0), title=7), "wrong-type", "data.title", id="wrong-type"),
    pytest.param(work_event(9, 0) | {"type": "weather.changed"}, "unknown-type", "weather.changed", id="unknown-type"),
    pytest.param(_without(work_event(9, 0), "subject"), "missing-field", "subject", id="missing-attribute"),
    pytest.param(work_event(9, 0) | {"data": {"title": "T"}}, "missing-field", "data.type", id="missing-data-field"),
    pytest.param(json.dumps(_with(work_event(9, 0), abstract="x" * 5_000_000)).encode(), "too-large", "", id="5-mb"),
    pytest.param(b'{"specversion":"1.0","id":"a\x00b"}', "not-json", "", id="nul-byte"),
    pytest.param(_without(work_event(9, 0), "sequence", "time"), "no-order", "", id="no-order"),
    pytest.param(_ahead(work_event(9, 0)), "time-ahead", "time", id="time-far-ahead"),
    pytest.param(_with(affiliation_event(9), start_date="1 May"), "wrong-form", "data.start_date", id="no-date"),
]

REFUSED = [
    pytest.param(_with(affiliation_event(8), start_date="2024-02-31"), "start_date", "2024-02-31", id="31-february"),
    pytest.param(
        _with(work_event(8, 0), type="interpretive-dance"), "type", "interpretive-dance", id="unknown-work-type"
    ),
    pytest.param(
        _with(affiliation_event(8), start_date="2020", end_date="2019"), "end_date", "2019", id="end-before-start"
    ),
]


@pytest.mark.parametrize(("line", "rule", "told"), BAD)
def test_a_bad_line_is_a_dead_letter_that_names_field_and_rule(
    institution: Institution, line: dict[str, Any] | bytes, rule: str, told: str
) -> None:
    """It is kept with its place; the lines around it are taken."""
    log = institution.log("bad.jsonl", affiliation_event(1), line, work_event(1, 0))

    first = institution.json("replay", log, code=3)
    second = institution.json("replay", log, code=3)
    letters = institution.json("dead-letters", "list")["dead_letters"]

    assert (first["events"], first["dead_letters"], first["items"]["waiting"]) == (3, 1, 2)
    assert _counts(second) == _counts(first)
    assert [letter["rule"] for letter in letters] == [rule]
    assert letters[0]["place"] == "bad.jsonl:2"
    assert told in letters[0]["message"]


@pytest.mark.parametrize(("event", "field", "value"), REFUSED)
def test_what_breaks_orcids_rules_is_a_refused_item_that_names_field_value_and_rule(
    institution: Institution, event: dict[str, Any], field: str, value: str
) -> None:
    """It has the right shape, so it is no dead letter; nothing of it is sent."""
    institution.permit(1, 8)
    log = institution.log("refused.jsonl", affiliation_event(1), event)

    first = institution.json("replay", log, code=3)
    second = institution.json("replay", log, code=3)
    rows = institution.json("status", "--person", "E00008")["list"]

    assert (first["dead_letters"], first["items"]["refused"], first["items"]["in_sync"]) == (0, 1, 1)
    assert second["items"] == first["items"]
    assert rows[0]["state"] == "refused"
    assert field in rows[0]["reason"]
    assert value in rows[0]["reason"]
    assert institution.titles(8) == []


def test_a_log_with_every_kind_of_bad_line_is_read_to_its_end(institution: Institution) -> None:
    """All of them at once, twice: the same counts, exit code 3."""
    institution.permit(1)
    bad = [one.values[0] for one in BAD]
    events = [affiliation_event(1), *bad, *(one.values[0] for one in REFUSED), work_event(1, 0)]
    log = institution.log("all.jsonl", *events)  # type: ignore[arg-type]  # pytest types its values as object

    first = institution.json("replay", log, code=3)
    second = institution.json("replay", log, code=3)

    assert first["dead_letters"] == len(BAD)
    assert first["items"]["refused"] == 2  # two of the three are one appointment: its newest event counts
    assert institution.titles(1) == ["Lecturer", "On the 0-th question of person 1"]
    assert _counts(second) == _counts(first)
    assert sum(second["calls"].values()) == 0


def _counts(summary: dict[str, Any]) -> tuple[Any, ...]:
    return summary["events"], summary["dead_letters"], summary["items"], summary["persons"]


def test_a_dead_letter_can_be_discarded_and_stays_so(institution: Institution) -> None:
    """An operator's decision outlives a replay."""
    log = institution.log("bad.jsonl", b"nonsense", affiliation_event(1))
    institution.json("replay", log, code=3)
    letter = institution.json("dead-letters", "list")["dead_letters"][0]

    assert institution.run("dead-letters", "discard", letter["id"][:10]).returncode == 0
    again = institution.json("replay", log, code=3)

    assert again["dead_letters"] == 0
    assert institution.json("dead-letters", "list")["dead_letters"] == []


def test_a_dead_letter_is_taken_when_its_cause_is_gone(institution: Institution) -> None:
    """`retry` feeds the kept bytes through the same path."""
    mapping = institution.folder / "mapping.toml"
    event = _with(work_event(1, 0))
    ordered_by_time = _without(event, "sequence")
    mapping.write_text('[sources."/repository"]\norder = "sequence"\n')
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    institution.json("replay", institution.log("a.jsonl", ordered_by_time), code=3)

    mapping.write_text('[sources."/repository"]\norder = "time"\n')
    tried = institution.json("dead-letters", "retry")

    assert tried == {"tried": 1, "taken": 1, "open": 0}
    assert institution.json("status")["items"]["pending"] == 1
