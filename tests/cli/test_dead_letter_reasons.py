"""Dead letters by class of reason: looked through, tried again, and released without being asked."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution


def _without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in names}


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


@pytest.fixture
def mapping(institution: Institution) -> Path:
    """An empty mapping file."""
    path = institution.folder / "mapping.toml"
    path.write_text("")
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(path)
    return path


def test_dead_letters_are_chosen_by_class_rule_and_type(institution: Institution) -> None:
    """For the list and for another try; one that fails again is there once."""
    log = institution.log(
        "bad.jsonl",
        b"nonsense",
        _without(work_event(1, 0), "sequence", "time"),
        _without(affiliation_event(1), "sequence", "time"),
        work_event(1, 1) | {"type": "weather.changed"},
    )
    institution.json("replay", log, code=3)

    letters = institution.json("dead-letters", "list")["dead_letters"]
    ordered = institution.json("dead-letters", "list", "--reason", "order")["dead_letters"]
    works = institution.json("dead-letters", "list", "--reason", "no-order", "--type", "publication.changed")
    weather = institution.json("dead-letters", "list", "--type", "weather.changed")["dead_letters"]
    tried = institution.json("dead-letters", "retry", "--reason", "order", code=3)

    assert [one["reason"] for one in letters] == ["unreadable", "order", "order", "unknown-type"]
    assert [one["type"] for one in ordered] == ["publication.changed", "hr.affiliation.changed"]
    assert [one["place"] for one in works["dead_letters"]] == ["bad.jsonl:2"]
    assert [one["rule"] for one in weather] == ["unknown-type"]
    assert tried == {"tried": 2, "taken": 0, "open": 4}
    assert institution.json("dead-letters", "list")["dead_letters"] == letters


def test_a_new_mapping_file_releases_what_it_can_take(institution: Institution, mapping: Path) -> None:
    """At the next start, unasked; what still can't be taken stays."""
    institution.permit(1)
    mapping.write_text('[sources."/repository"]\norder = "sequence"\n')
    ordered_by_time = _without(work_event(1, 0), "sequence")
    institution.json("replay", institution.log("a.jsonl", ordered_by_time, b"nonsense"), code=3)
    mapping.write_text('[sources."/repository"]\norder = "time"\n')

    synced = institution.json("sync", code=3)

    assert synced["items"]["in_sync"] == 1
    assert institution.titles(1) == ["On the 0-th question of person 1"]
    assert [one["rule"] for one in institution.json("dead-letters", "list")["dead_letters"]] == ["not-json"]


def test_what_came_too_early_is_released_when_its_time_has_come(institution: Institution) -> None:
    """Five minutes before its time, as any event may be."""
    institution.permit(1)
    early = _without(affiliation_event(1), "sequence") | {"time": _at(303)}
    institution.json("replay", institution.log("a.jsonl", early), code=3)
    (letter,) = institution.json("dead-letters", "list")["dead_letters"]
    assert letter["reason"] == "order"
    assert letter["again_at"]

    time.sleep(3.5)
    synced = institution.json("sync")

    assert (synced["items"]["in_sync"], institution.titles(1)) == (1, ["Lecturer"])
    assert institution.json("dead-letters", "list")["dead_letters"] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["list", "--reason", "weather"], "weather", id="no-reason"),
        pytest.param(["retry", "abcd", "--reason", "order"], "give ids, or", id="ids-and-reason"),
    ],
)
def test_a_wrong_choice_is_wrong_usage(institution: Institution, words: list[str], told: str) -> None:
    """Exit code 2, and what would be right."""
    ran = institution.run("dead-letters", *words)

    assert (ran.returncode, told in ran.stderr.decode()) == (2, True)
