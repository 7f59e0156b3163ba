"""`state backup` and `state restore`: a consistent copy, and back again without what was revoked or forgotten since."""

import sqlite3
import stat
from pathlib import Path

import pytest

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
    from state.vault import new_key

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


def _hold_a_lease(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO leases (orcid, holder, epoch, free_at) VALUES ('x', 'somebody', 1, 9e9)")
    connection.commit()
    connection.close()
