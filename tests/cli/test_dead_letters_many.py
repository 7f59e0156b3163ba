"""Many dead letters: discarded together, listed in part, and shown without any token."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution

TOKEN = str(UUID(int=0x5AF9F5107E643328F1AC0C11C1E3728, version=4))


def _listed(institution: Institution, *words: str) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = institution.json("dead-letters", "list", *words)["dead_letters"]
    return letters


def _unknown(number: int) -> dict[str, Any]:
    return work_event(1, number) | {"type": "weather.changed"}


def test_many_are_discarded_by_reason_and_type(institution: Institution) -> None:
    """With the filters of `retry`; the others stay, and so does the decision when the log is replayed."""
    log = institution.log("bad.jsonl", b"nonsense", *map(_unknown, range(3)), b"more")
    institution.json("replay", log, code=3)

    none = institution.json("dead-letters", "discard", "--reason", "unreadable", "--type", "weather.changed")
    weather = institution.json("dead-letters", "discard", "--reason", "unknown-type", "--type", "weather.changed")
    told = institution.run("dead-letters", "discard", "--reason", "not-json")

    assert none == {"discarded": 0, "open": 5}
    assert weather == {"discarded": 3, "open": 2}
    assert told.stdout.decode() == "2 discarded, 0 dead letters left\n"
    assert institution.json("replay", log)["dead_letters"] == 0


def test_some_are_discarded_by_id(institution: Institution) -> None:
    """Named twice is once; an unknown one among them discards none."""
    institution.json("replay", institution.log("bad.jsonl", *map(_unknown, range(3))), code=3)
    first, second, _ = (one["id"] for one in _listed(institution))

    wrong = institution.run("dead-letters", "discard", first, "zzz")
    before = len(_listed(institution))
    done = institution.json("dead-letters", "discard", first[:12], first, second)

    assert (wrong.returncode, before) == (1, 3)
    assert done == {"discarded": 2, "open": 1}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing-named"),
        pytest.param(["--json"], id="json-alone"),
        pytest.param(["abcd", "--reason", "order"], id="ids-and-reason"),
    ],
)
def test_nothing_is_discarded_by_accident(institution: Institution, words: list[str]) -> None:
    """Wrong usage: all are never meant by saying nothing."""
    institution.json("replay", institution.log("bad.jsonl", b"nonsense"), code=3)

    ran = institution.run("dead-letters", "discard", *words)

    assert (ran.returncode, b"nothing is discarded" in ran.stderr) == (2, True)
    assert len(_listed(institution)) == 1


def test_the_list_for_people_is_bounded(institution: Institution) -> None:
    """It says how many more there are; JSON has all unless told otherwise; line 10 comes after line 9."""
    institution.json("replay", institution.log("bad.jsonl", *map(_unknown, range(99)), affiliation_event(1)), code=3)
    institution.json("replay", institution.log("more.jsonl", *map(_unknown, range(3))), code=3)

    told = institution.run("dead-letters", "list").stdout.decode()
    fewer = institution.run("dead-letters", "list", "--limit", "2").stdout.decode()
    places = [one["place"] for one in _listed(institution)]

    assert told.count("weather.changed") == 100
    assert "102 dead letters\n2 more are not shown" in told
    assert (fewer.count("weather.changed"), "100 more are not shown" in fewer) == (2, True)
    assert places == [f"bad.jsonl:{line}" for line in range(1, 100)] + [f"more.jsonl:{line}" for line in range(1, 4)]
    assert len(_listed(institution, "--limit", "2")) == 2
    assert institution.run("dead-letters", "list", "--limit", "0").returncode == 2


def test_the_bytes_of_an_event_without_a_token_are_shown(institution: Institution) -> None:
    """As they came, with what JSON escapes; what looks like a token is …, wherever it stands."""
    event = affiliation_event(1, title="Lecturer in authorization, Universität") | {"sequence": "x"}
    astray = affiliation_event(2, title=TOKEN) | {"sequence": "x"}
    institution.json("replay", institution.log("a.jsonl", event, astray), code=3)

    first, second = (institution.json("dead-letters", "show", one["id"])["value"] for one in _listed(institution))

    assert json.loads(first) == event
    assert json.loads(second) == affiliation_event(2, title="…") | {"sequence": "x"}
