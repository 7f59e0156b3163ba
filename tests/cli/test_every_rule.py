"""Every broken rule at once through the real command: no call, and it says what is wrong with which record."""

import json
from collections import Counter
from copy import deepcopy
from typing import Any

from tests.cli.conftest import Institution
from tests.mappers.broken_events import BROKEN_EVENTS
from tests.mappers.builders import Json, event
from tests.rules.narrow_events import NARROW_EVENTS

NO_CALL = {"POST": 0, "POST_BULK": 0, "PUT": 0, "DELETE": 0, "GET": 0}


def _permit(institution: Institution, *persons: str) -> None:
    """These people, named as in the events, give permission."""
    lines = [
        {"person_id": one, **institution.control.grant(institution.orcid(place))} for place, one in enumerate(persons)
    ]
    file = institution.inputs / "grants.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    imported = institution.run("permission", "import", str(file))
    assert imported.returncode == 0, imported.stderr


def _alone(data: Json, person: str) -> Json:
    """The event's data with this person in place of all of the institution's people."""
    found = deepcopy(data)
    for holder in (found, *found.get("contributors", ()), *found.get("holders", ())):
        if "person" in holder:
            holder["person"] = {"id": person}
    return found


def test_what_breaks_a_rule_is_refused_without_a_call_and_says_why(institution: Institution) -> None:
    """Each row of the list tells section, source record, field, rule and ORCID's code; `explain` tells it again."""
    _permit(institution, "E1024")
    log = institution.log(
        "broken.jsonl", *(event(_alone(one.data, "E1024"), type=one.type, subject=one.name) for one in BROKEN_EVENTS)
    )

    told = institution.json("replay", log, code=3)
    rows: dict[str, dict[str, Any]] = {
        row["subject"]: row for row in institution.json("status", "--person", "E1024")["list"]
    }

    assert told["calls"] == NO_CALL
    assert told["items"]["refused"] == len(rows) == len(BROKEN_EVENTS)
    for one in BROKEN_EVENTS:
        row = rows[one.name]
        assert row["state"] == "refused"
        assert row["entity"] == one.type.removesuffix(".changed")
        assert row["reason"].startswith(f"{one.field}: ")
        assert one.says in row["reason"]
        assert (f"ORCID {one.code})" in row["reason"]) == (one.code is not None)
    story = institution.run("explain", "/hr", "publication-blank-title").stdout.decode()
    assert "work" in story
    assert "title: is missing (ORCID 9022)" in " ".join(story.split())
    assert institution.control.record(institution.orcid(0)).items == ()


def test_what_v2_1_lacks_waits_without_a_call_and_says_what(institution: Institution) -> None:
    """What it only leaves out is sent without that, and says so."""
    institution.settings["ORCID_SYNC_API_VERSION"] = "v2.1"
    people = _one_of_a_type_each()
    _permit(institution, *sorted(set(people.values())))
    log = institution.log(
        "narrow.jsonl",
        *(event(_alone(one.data, people[one.name]), type=one.type, subject=one.name) for one in NARROW_EVENTS),
    )

    told = institution.json("replay", log, code=3)

    waiting = [one for one in NARROW_EVENTS if one.lacks]
    assert told["items"]["waiting"] == len(waiting)
    assert told["items"]["in_sync"] == len(NARROW_EVENTS) - len(waiting)
    rows: dict[str, dict[str, Any]] = {}
    for person in set(people.values()):
        rows |= {row["subject"]: row for row in institution.json("status", "--person", person)["list"]}
    for one in NARROW_EVENTS:
        assert rows[one.name]["state"] == ("waiting" if one.lacks else "in_sync")
        assert (one.lacks or one.drops) in rows[one.name]["reason"]
        assert (rows[one.name]["put_code"] is None) == bool(one.lacks)


def _one_of_a_type_each() -> dict[str, str]:
    """People for the events by name: nobody has two of a type, which could be one item to ORCID."""
    seen: Counter[str] = Counter()
    people: dict[str, str] = {}
    for one in NARROW_EVENTS:
        seen[one.type] += 1
        people[one.name] = f"E{seen[one.type]}"
    return people
