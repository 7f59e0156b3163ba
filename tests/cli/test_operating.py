"""What an operator does and sees: settings that change, people who move, commands that refuse in one line."""

import json
import os
import stat
import subprocess
from typing import Any

import pytest

from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.cli.conftest import COMMAND, Institution


def test_what_waited_because_sending_was_off_goes_out_when_it_is_on(institution: Institution) -> None:
    """Nobody has to send an event again."""
    institution.permit(1)
    institution.settings["ORCID_SYNC_SEND"] = "off"
    held = institution.json("replay", institution.log("a.jsonl", affiliation_event(1)), code=3)
    institution.settings["ORCID_SYNC_SEND"] = "all"

    synced = institution.json("sync")

    assert (held["items"]["waiting"], sum(held["calls"].values())) == (1, 0)
    assert synced["items"]["in_sync"] == 1


def test_another_precedence_changes_who_wins_a_slot(institution: Institution) -> None:
    """Two sources with one DOI are one work, by the mapping file."""
    institution.permit(1)
    mapping = institution.folder / "mapping.toml"
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    mapping.write_text('[sources."/repository"]\nprecedence = 2\n[sources."/library"]\nprecedence = 1\n')
    other = work_event(1, 0, title="As the library says") | {"source": "/library"}
    institution.json("replay", institution.log("a.jsonl", work_event(1, 0), other))
    before = institution.titles(1)

    mapping.write_text('[sources."/repository"]\nprecedence = 1\n[sources."/library"]\nprecedence = 2\n')
    synced = institution.json("sync")

    assert before == ["On the 0-th question of person 1"]
    assert (institution.titles(1), synced["calls"]["PUT"]) == (["As the library says"], 1)
    assert synced["items"]["merged"] == 1


def test_items_on_a_former_record_are_told_as_held(institution: Institution) -> None:
    """A person's new iD gets everything; what stands on the old one waits for an operator's word."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", affiliation_event(1), work_event(1, 0)))
    path = institution.inputs / "moved.jsonl"
    path.write_text(json.dumps({"person_id": person_id(1), **institution.control.grant(institution.orcid(7))}))
    assert institution.run("permission", "import", str(path)).returncode == 0

    synced = institution.json("sync", code=3)

    assert (synced["items"]["in_sync"], synced["items"]["held"]) == (2, 2)
    assert institution.titles(7) == institution.titles(1)


def test_the_researchers_removal_is_respected_after_updates_and_a_new_key(institution: Institution) -> None:
    """The tombstone follows what is wanted, so a re-keyed record is known again."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", affiliation_event(1)))
    (item,) = institution.control.record(institution.orcid(1)).items
    institution.control.remove_as_researcher(institution.orcid(1), item.put_code)
    changed = affiliation_event(1, sequence=2, title="Reader")
    told = institution.json("replay", institution.log("b.jsonl", changed))
    gone = affiliation_event(1, sequence=3) | {"type": "hr.affiliation.removed", "data": {}}
    rekeyed = affiliation_event(1, sequence=1, title="Reader") | {"subject": "APPT-NEW", "id": "new"}

    again = institution.json("replay", institution.log("c.jsonl", gone, rekeyed))

    assert told["items"]["removed_by_researcher"] == 1
    assert sum(again["calls"].values()) == 0
    assert institution.titles(1) == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("sync",), id="sync"),
        pytest.param(("plan",), id="plan"),
        pytest.param(("dead-letters", "retry"), id="dead-letters retry"),
        pytest.param(("permission", "import", "/dev/null"), id="permission import"),
    ],
)
def test_a_state_serves_no_other_orcid_than_its_own(institution: Institution, words: tuple[str, ...]) -> None:
    """Put-codes and tokens of one mean nothing to another: exit 2, naming `state rebind`."""
    institution.json("sync")
    institution.settings["ORCID_SYNC_API_URL"] = "https://api.sandbox.orcid.org"

    ran = institution.run(*words)

    assert ran.returncode == 2
    assert b"state rebind" in ran.stderr
    assert institution.run("state", "rebind").returncode == 0


def test_a_dead_letter_that_may_hold_a_token_is_not_shown(institution: Institution) -> None:
    """However its type is spelled."""
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": " Permission.granted", "subject": "x"}
    event_with_token: dict[str, Any] = event | {"data": {"person_id": "E1", "access_token": "SECRET-TOKEN-123"}}
    institution.json("replay", institution.log("a.jsonl", event_with_token), code=3)
    letter = institution.json("dead-letters", "list")["dead_letters"][0]

    shown = institution.run("dead-letters", "show", letter["id"])

    assert shown.returncode == 0
    assert b"SECRET-TOKEN-123" not in shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("status", "--person", "nobody"), 1, id="an unknown person"),
        pytest.param(("plan", "--person", "nobody"), 1, id="an unknown person's plan"),
        pytest.param(("explain", "/hr", "nothing"), 1, id="an unknown source record"),
        pytest.param(("dead-letters", "show", "ffff"), 1, id="an unknown dead letter"),
        pytest.param(("gap", "close", "7"), 1, id="an unknown gap"),
        pytest.param(("replay", "missing.jsonl"), 1, id="a missing log"),
        pytest.param(("replay", "--wait", "nan", "-"), 2, id="a wait that is no number"),
        pytest.param(("replay",), 2, id="no log"),
        pytest.param(("sync", "--nonsense"), 2, id="an unknown option"),
    ],
)
def test_what_cannot_be_done_is_a_clear_line_and_the_right_code(
    institution: Institution, words: tuple[str, ...], code: int
) -> None:
    """1 for an error to read, in one line; 2 for wrong usage; never a traceback."""
    ran = institution.run(*words)

    assert ran.returncode == code
    assert b"Traceback" not in ran.stderr
    if code == 1:
        assert ran.stderr.count(b"\n") == 1


def test_all_wrong_settings_are_named_at_once(institution: Institution) -> None:
    """Store, mapping file and numbers together: exit 2."""
    mapping = institution.folder / "mapping.toml"
    mapping.write_text("[work_types]\npoem = 'haiku'\n")
    institution.settings |= {
        "ORCID_SYNC_STATE_URL": "postgresql://localhost/x?colour=red",
        "ORCID_SYNC_MAPPING_FILE": str(mapping),
    }
    supported = institution.run("sync")
    institution.settings |= {
        "ORCID_SYNC_API_VERSION": "v2",
        "ORCID_SYNC_BURST": "-1",
        "ORCID_SYNC_VAULT_KEYS": "short",
        "ORCID_SYNC_CALL_SECONDS": "x",
    }
    formed = institution.run("sync")

    assert (supported.returncode, formed.returncode) == (2, 2)
    for name in (b"STATE_URL", b"poem"):
        assert name in supported.stderr
    for name in (b"API_VERSION", b"BURST", b"VAULT_KEYS", b"CALL_SECONDS"):
        assert name in formed.stderr


def test_a_state_is_its_owners_alone(institution: Institution) -> None:
    """It holds data about people."""
    institution.json("status")

    assert stat.S_IMODE((institution.folder / "state.db").stat().st_mode) == 0o600


def test_a_reader_that_leaves_early_is_no_failure_to_speak_of(institution: Institution) -> None:
    """`status | head -0`: no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen([COMMAND, "status"], env=institution.environ(), stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, errors = process.communicate(timeout=60)

    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors
