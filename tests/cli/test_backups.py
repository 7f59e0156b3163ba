"""`state backup` and `state restore`: a consistent copy, and back again without what was revoked or forgotten since."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from state.vault import new_key
from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution


def test_a_backup_is_its_owner_s_alone_and_never_written_over(institution: Institution) -> None:
    """Unless it is said so."""
    institution.json("replay", institution.log("one.jsonl", events.affiliation(person_id(1), "A-1")), code=3)
    file = institution.folder / "backup.db"

    told = institution.json("state", "backup", str(file))

    assert told["bytes"] == file.stat().st_size > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(institution.folder.glob("backup.db?*"))
    ran = institution.run("state", "backup", str(file))
    assert (ran.returncode, ran.stderr.decode().count("\n")) == (1, 1)
    assert "--force" in ran.stderr.decode()
    assert institution.run("state", "backup", "--force", str(file)).returncode == 0


def test_a_restored_state_is_as_it_was_and_adds_nothing_twice(institution: Institution) -> None:
    """What went out since the backup is found on the record."""
    institution.permit(1)
    person = person_id(1)
    first = institution.log("one.jsonl", events.affiliation(person, "A-1"))
    second = institution.log("two.jsonl", events.publication(person, "W-1", "10.5555/restored"))
    institution.json("replay", first)
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    institution.json("replay", second)
    before = institution.titles(1)

    told = institution.json("state", "restore", str(institution.folder / "backup.db"))
    assert (told["erased"], told["revoked"]) == (0, 0)
    assert institution.json("status")["items"]["in_sync"] == 1

    ran = institution.json("replay", first, second)
    assert institution.titles(1) == before
    assert ran["calls"].get("DELETE", 0) == 0
    assert institution.json("status")["items"]["in_sync"] == 2


def test_what_was_revoked_since_stays_revoked(institution: Institution) -> None:
    """No token of the backup serves any more."""
    institution.permit(1)
    institution.json("replay", institution.log("one.jsonl", events.affiliation(person_id(1), "A-1")))
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    revoked = events.event("permission.revoked", "R-1", {"person": {"id": person_id(1)}}, source="/hr")
    revoked.pop("sequence")
    institution.run("replay", institution.log("revoked.jsonl", revoked | {"time": "2099-01-01T00:00:00Z"}))
    state = institution.run("permission", "revoke", person_id(1), "--json")
    if state.returncode == 2:
        pytest.skip("there is no `permission revoke`")

    institution.run("state", "restore", str(institution.folder / "backup.db"))

    states = {one["state"] for one in institution.json("permission", "list")["permissions"]}
    assert "active" not in states


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"no database at all, but long enough to be looked at" * 40, "not a state", id="no-database"),
        pytest.param(b"", "not a state", id="empty"),
    ],
)
def test_what_is_no_state_is_refused(institution: Institution, content: bytes, told: str) -> None:
    """In one line, and the state stays as it is."""
    institution.json("replay", institution.log("one.jsonl", events.affiliation(person_id(1), "A-1")), code=3)
    file = institution.folder / "other.db"
    file.write_bytes(content)

    ran = institution.run("state", "restore", str(file))

    assert ran.returncode == 1
    assert told in ran.stderr.decode()
    assert ran.stderr.decode().count("\n") == 1
    assert institution.json("status")["items"]["waiting"] == 1
    assert not list(institution.folder.glob("*.restoring*"))


def test_another_s_keys_or_program_or_orcid_are_refused(institution: Institution) -> None:
    """A backup is of one state, under its keys, bound to one ORCID."""
    institution.permit(1)
    file = institution.folder / "backup.db"
    institution.run("state", "backup", str(file))
    key = institution.settings["ORCID_SYNC_VAULT_KEYS"]
    state = institution.folder / "state.db"
    refusals = {}

    institution.settings["ORCID_SYNC_STATE_URL"] = f"sqlite:///{institution.folder / 'new.db'}"
    institution.settings["ORCID_SYNC_VAULT_KEYS"] = new_key()
    refusals["keys"] = institution.run("state", "restore", str(file))
    institution.settings["ORCID_SYNC_VAULT_KEYS"] = key
    institution.settings["ORCID_SYNC_STATE_URL"] = f"sqlite:///{institution.folder / 'newer.db'}"
    institution.settings["ORCID_SYNC_CLIENT_ID"] = "APP-OTHER"
    refusals["belongs"] = institution.run("state", "restore", str(file))
    del institution.settings["ORCID_SYNC_CLIENT_ID"]
    del institution.settings["ORCID_SYNC_STATE_URL"]
    newer = sqlite3.connect(file)
    newer.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('orcid-sync', '9999', '')")
    newer.commit()
    newer.close()
    refusals["newer"] = institution.run("state", "restore", str(file))
    refusals["itself"] = institution.run("state", "restore", str(state))

    for word, ran in refusals.items():
        assert ran.returncode == 1, word
        assert word in ran.stderr.decode()
        assert ran.stderr.decode().count("\n") == 1, ran.stderr


def test_it_waits_for_nobody_who_sends(institution: Institution) -> None:
    """It is refused while a process seems to be sending, unless it is said so."""
    institution.permit(1)
    file = institution.folder / "backup.db"
    institution.run("state", "backup", str(file))
    _hold_a_lease(institution.folder / "state.db")

    ran = institution.run("state", "restore", str(file))
    assert ran.returncode == 1
    assert "stop it first" in ran.stderr.decode()
    assert institution.run("state", "restore", "--force", str(file)).returncode == 0


def test_a_backup_under_an_older_key_is_sealed_anew(institution: Institution) -> None:
    """What `permission rekey` said of the older keys stays true."""
    institution.permit(1)
    older, newer = institution.settings["ORCID_SYNC_VAULT_KEYS"], new_key()
    file = institution.folder / "backup.db"
    institution.run("state", "backup", str(file))
    institution.settings["ORCID_SYNC_VAULT_KEYS"] = f"{newer},{older}"
    institution.run("permission", "rekey")

    assert institution.run("state", "restore", str(file)).returncode == 0

    institution.settings["ORCID_SYNC_VAULT_KEYS"] = newer
    assert len(institution.json("permission", "list")["permissions"]) == 1


def test_a_connection_that_was_mended_since_stays_mended(institution: Institution) -> None:
    """A person had a colleague's iD, and has their own since: nothing goes to the colleague's record again."""
    first, second = person_id(1), person_id(2)
    _grant(institution, first, 2)
    said = institution.log("one.jsonl", events.affiliation(first, "A-1", role_title="Reader"))
    institution.json("replay", said)
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    _grant(institution, first, 1)
    _grant(institution, second, 2)
    institution.json("sync", code=3)

    institution.run("state", "restore", str(institution.folder / "backup.db"))
    later = events.affiliation(first, "A-1", role_title="Professor") | {"sequence": "2", "id": "later"}
    institution.json("replay", institution.log("two.jsonl", later), code=3)

    active = {
        one["person"]: one["orcid"]
        for one in institution.json("permission", "list")["permissions"]
        if one["state"] == "active"
    }
    assert active == {first: institution.orcid(1), second: institution.orcid(2)}
    assert (institution.titles(1), institution.titles(2)) == (["Professor"], ["Reader"])


def test_our_own_removal_since_is_not_taken_for_the_researcher_s(institution: Institution) -> None:
    """What we removed and added again after the backup is found under its new put-code, and kept right."""
    institution.permit(1)
    said = [events.affiliation(person_id(1), "A-1"), events.publication(person_id(1), "W-1", "10.5555/again")]
    institution.json("replay", institution.log("one.jsonl", *said))
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    removals = [events.removal(one, sequence=2) for one in said]
    institution.json("replay", institution.log("two.jsonl", *removals))
    again = [
        events.changed(said[0], sequence=3, role_title="Reader"),
        events.changed(said[1], sequence=3, title="Said again"),
    ]
    log = institution.log("three.jsonl", *again)
    institution.json("replay", log)
    before = institution.control.record(institution.orcid(1)).items

    institution.run("state", "restore", str(institution.folder / "backup.db"))
    ran = institution.json("replay", log)

    assert (ran["items"]["in_sync"], ran["items"]["removed_by_researcher"]) == (2, 0)
    assert institution.control.record(institution.orcid(1)).items == before


def _grant(institution: Institution, person: str, record: int) -> None:
    path = institution.inputs / "grant.jsonl"
    path.write_text(json.dumps({"person_id": person, **institution.control.grant(institution.orcid(record))}) + "\n")
    assert institution.run("permission", "import", str(path)).returncode == 0


def _hold_a_lease(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO leases (orcid, holder, epoch, free_at) VALUES ('x', 'somebody', 1, 9e9)")
    connection.commit()
    connection.close()
