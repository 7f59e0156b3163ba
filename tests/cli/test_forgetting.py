"""Being forgotten, merged and shown, by the real command against the stand-in."""

import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

SOFIA, TUI = person_id(1), person_id(2)
UNIQUE = ("Sofia Margarita Garcia-Unica", "Quaternary zeolites of Sofia alone", "zeolitology")


def says(*contributors: dict[str, Any], doi: str = "10.5555/shared", **data: Any) -> events.Event:
    """A paper of several."""
    return events.publication(SOFIA, "W-shared", doi, contributors=list(contributors), **data)


def standing(institution: Institution, person: int) -> list[tuple[str, int]]:
    """What stands on the person's record, by section and put-code."""
    return sorted(
        (str(item.section), item.put_code) for item in institution.control.record(institution.orcid(person)).items
    )


def logs(institution: Institution) -> list[str]:
    """What the institution ever said: of Sofia alone, of Tui alone, and of a paper of both."""
    both = says(
        {"person": {"id": SOFIA}, "name": "One, A.", "role": "author", "sequence": "first"},
        {"person": {"id": TUI}, "name": "Two, B.", "role": "author", "sequence": "additional"},
    )
    about = {"person": {"id": SOFIA}, "name": UNIQUE[0], "keywords": [UNIQUE[2]]}
    return [
        institution.log(
            "hr.jsonl",
            events.event("hr.person.changed", f"P-{SOFIA}", about),
            events.affiliation(SOFIA, "A-1"),
            events.affiliation(TUI, "A-2"),
        ),
        institution.log(
            "works.jsonl",
            events.publication(SOFIA, "W-1", "10.5555/sofia", title=UNIQUE[1]),
            both,
            events.publication(SOFIA, "W-bad", "10.5555/bad", title=7),
        ),
    ]


def traces(institution: Institution, *ran: CompletedProcess[bytes]) -> list[str]:
    """Where any word about Sofia stands: in every byte of the state and its side files, and in what was printed."""
    words = [SOFIA, institution.orcid(1), *UNIQUE, *_tokens(institution)]
    files = {path.name: path.read_bytes() for path in institution.folder.glob("state.db*")}
    files |= {f"output {number}": one.stdout + one.stderr for number, one in enumerate(ran)}
    return [f"{word} in {name}" for name, content in files.items() for word in words if word.encode() in content]


def _tokens(institution: Institution) -> list[str]:
    text = "".join(path.read_text() for path in institution.inputs.glob("*.jsonl"))
    return re.findall(r'"(?:access|refresh)_token": "([^"]+)"', text)


def began(institution: Institution) -> list[str]:
    """Both have everything on their records."""
    institution.permit(1, 2)
    said = logs(institution)
    institution.json("replay", *said, code=3)  # one of the events is a dead letter
    assert len(standing(institution, 1)) == 4
    return said


def test_forgotten_replayed_restored_and_replayed_nothing_is_held_or_sent(institution: Institution) -> None:
    """The whole story: what is on the records stays there, and nobody else notices."""
    said = began(institution)
    backup = institution.folder / "backups" / "yesterday.db"
    backup.parent.mkdir()
    institution.run("state", "backup", str(backup))
    before = standing(institution, 1), institution.control.record(institution.orcid(2)).items
    assert traces(institution)

    assert institution.json("forget", SOFIA) == {"person": SOFIA, "state": "forgotten", "left": []}

    assert traces(institution) == []
    first = institution.json("replay", *said)
    assert first["calls"] == dict.fromkeys(first["calls"], 0)
    restored = institution.run("state", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert traces(institution, restored) == []
    again = institution.run("replay", *said, "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    calls = json.loads(again.stdout)["calls"]
    assert sum(number for kind, number in calls.items() if kind != "GET") == 0
    assert traces(institution, again) == []
    assert (standing(institution, 1), institution.control.record(institution.orcid(2)).items) == before
    assert institution.run("status", "--person", SOFIA).returncode == 1
    held = json.loads(institution.run("export", SOFIA).stdout)
    assert held["held"].startswith("nothing")


def test_items_are_removed_first_when_asked_for(institution: Institution) -> None:
    """And what the two share stays with the other."""
    began(institution)

    institution.json("forget", SOFIA, "--remove-items")

    assert standing(institution, 1) == []
    assert len(standing(institution, 2)) == 2
    assert traces(institution) == []


def test_undone_they_come_back_with_what_is_said(institution: Institution) -> None:
    """After a new permission; nothing comes back by itself."""
    said = began(institution)
    institution.json("forget", SOFIA, "--remove-items")
    assert institution.run("forget", "--undo-block", SOFIA).returncode == 0
    assert institution.run("forget", "--undo-block", SOFIA).returncode == 1

    institution.json("replay", *said, code=3)
    assert standing(institution, 1) == []
    institution.permit(1)
    institution.json("sync", code=3)
    assert len(standing(institution, 1)) == 4


def test_what_can_t_be_done_now_is_gone_on_with(institution: Institution) -> None:
    """Without the client secret no token is revoked: it is under way, nothing is taken or sent, and `sync` ends it."""
    said = began(institution)
    institution.settings["ORCID_SYNC_CLIENT_SECRET"] = ""

    told = institution.json("forget", SOFIA, "--wait", "0", code=3)

    assert told["state"] == "under_way"
    assert any("tokens" in line for line in told["left"])
    assert any("ORCID_SYNC_CLIENT_SECRET" in line for line in told["left"])
    assert institution.json("status")["persons"]["being_forgotten"] == 1
    institution.json("replay", *said, code=3)
    assert institution.run("export", SOFIA).returncode == 0
    del institution.settings["ORCID_SYNC_CLIENT_SECRET"]
    assert institution.json("sync", code=0)["calls"]["POST"] == 0
    assert traces(institution) == []


def test_who_is_unknown_can_be_forgotten(institution: Institution) -> None:
    """Then nothing about them is ever taken."""
    institution.json("forget", SOFIA)
    told = institution.json("replay", institution.log("one.jsonl", events.affiliation(SOFIA, "A-1")))

    assert told["items"] == dict.fromkeys(told["items"], 0)
    assert traces(institution) == []


def test_two_people_become_one_without_a_call(institution: Institution) -> None:
    """Put-codes stay; events that name the old id change nothing."""
    institution.permit(1)
    said = institution.log("one.jsonl", events.affiliation(SOFIA, "A-1"), events.person(SOFIA, "P-1"))
    institution.json("replay", said)
    before = institution.control.record(institution.orcid(1)).items

    told = institution.json("person", "merge", SOFIA, TUI)

    assert told["merged"]["published"] == len(before)
    for _ in range(2):
        ran = institution.json("replay", said)
        assert ran["calls"] == dict.fromkeys(ran["calls"], 0)
    assert institution.control.record(institution.orcid(1)).items == before
    listed = institution.json("status", "--person", TUI)["list"]
    assert {one["state"] for one in listed} == {"in_sync"}
    assert institution.json("person", "merge", SOFIA, TUI)["merged"] is None


def test_a_merge_may_come_as_an_event(institution: Institution) -> None:
    """Of two permissions the newer stays; the other record's items are held, to be removed there."""
    institution.permit(1)
    institution.json("replay", institution.log("one.jsonl", events.affiliation(SOFIA, "A-1")))
    institution.permit(2)
    merge = events.event("hr.person.merged", "M-1", {"from": SOFIA, "into": TUI}, source="/hr")
    log = institution.log("merge.jsonl", merge)

    institution.json("replay", log, code=3)

    assert len(standing(institution, 2)) == len(standing(institution, 1)) == 1
    (move,) = [one for one in institution.json("held", "list")["held"] if one["id"].startswith("move-")]
    assert institution.run("approve", move["id"]).returncode == 0
    institution.json("sync")
    assert standing(institution, 1) == []
    again = institution.json("replay", log)
    assert again["calls"] == dict.fromkeys(again["calls"], 0)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("person", "merge", "nobody", TUI), id="merge"),
        pytest.param(("export", "nobody"), id="export"),
        pytest.param(("forget", "--undo-block", "nobody"), id="undo-block"),
    ],
)
def test_nobody_is_told_in_one_line(institution: Institution, words: tuple[str, ...]) -> None:
    """With exit code 1."""
    ran = institution.run(*words)

    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.decode().count("\n") == 1
    assert "nobody" in ran.stderr.decode()


def test_an_export_is_everything_but_tokens(institution: Institution) -> None:
    """One JSON object, alone on stdout."""
    began(institution)

    ran = institution.run("export", SOFIA)
    told = json.loads(ran.stdout)

    assert told["name"] == UNIQUE[0]
    assert [one["orcid"] for one in told["permissions"]] == [institution.orcid(1)]
    assert len(told["on_records"]) == 4
    assert len(told["dead_letters"]) == 1
    assert not [token for token in _tokens(institution) if token.encode() in ran.stdout]


def test_no_file_is_left_behind(institution: Institution) -> None:
    """Neither of a backup nor of a restoring."""
    began(institution)
    institution.run("state", "backup", str(institution.folder / "b.db"))
    institution.run("state", "restore", str(institution.folder / "b.db"))

    assert sorted(path.name for path in Path(institution.folder).glob("*.db*") if "-" not in path.name) == [
        "b.db",
        "state.db",
    ]
