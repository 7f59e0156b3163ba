"""`state backup`, `state restore` and `state rebind` of a state on PostgreSQL: as of one in a file."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

URL = "ORCID_SYNC_STATE_URL"


@pytest.fixture
def on_postgresql(institution: Institution, postgres_url: str) -> Institution:
    """One person's employment stands."""
    institution.settings[URL] = postgres_url
    institution.permit(1)
    institution.json("replay", institution.log("one.jsonl", events.affiliation(person_id(1), "A-1")))
    return institution


def test_a_restored_state_is_as_it_was_and_adds_nothing_twice(on_postgresql: Institution) -> None:
    """What went out since the backup is found on the record."""
    backup = str(on_postgresql.folder / "backup.db")
    told = on_postgresql.json("state", "backup", backup)
    second = on_postgresql.log("two.jsonl", events.publication(person_id(1), "W-1", "10.5555/restored"))
    on_postgresql.json("replay", second)
    before = on_postgresql.titles(1)

    on_postgresql.json("state", "restore", backup)
    items = on_postgresql.json("status")["items"]["in_sync"]
    ran = on_postgresql.json("replay", str(on_postgresql.folder / "one.jsonl"), second)

    assert told["bytes"] > 0
    assert not list(on_postgresql.folder.glob("backup.db?*"))
    assert items == 1
    assert ran["items"]["in_sync"] == 2
    assert on_postgresql.titles(1) == before


def test_who_was_forgotten_since_stays_forgotten(on_postgresql: Institution) -> None:
    """And is not taken in again by a replay."""
    backup = str(on_postgresql.folder / "backup.db")
    on_postgresql.run("state", "backup", backup)
    on_postgresql.run("forget", person_id(1))

    told = on_postgresql.json("state", "restore", backup)
    on_postgresql.run("replay", str(on_postgresql.folder / "one.jsonl"))

    assert told["erased"] == 1
    assert on_postgresql.json("status")["persons"]["all"] == 0


def test_a_backup_is_good_for_either_kind_of_state(on_postgresql: Institution) -> None:
    """It is a SQLite file: in disaster it may be put in place of a state in a file, too."""
    backup = str(on_postgresql.folder / "backup.db")
    on_postgresql.run("state", "backup", backup)
    del on_postgresql.settings[URL]

    on_postgresql.json("state", "restore", backup)

    ran = on_postgresql.json("replay", str(on_postgresql.folder / "one.jsonl"))
    assert ran["calls"]["POST"] == 0
    assert ran["items"]["in_sync"] == 1
    assert on_postgresql.titles(1) == ["Lecturer"]


def test_it_waits_for_nobody_who_sends(on_postgresql: Institution) -> None:
    """It is refused while a process seems to be sending, unless it is said so."""
    backup = on_postgresql.folder / "backup.db"
    on_postgresql.run("state", "backup", str(backup))
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (1,)
    _hold_a_lease(on_postgresql)

    ran = on_postgresql.run("state", "restore", str(backup))
    assert (ran.returncode, b"stop it first" in ran.stderr) == (1, True)
    assert on_postgresql.run("state", "restore", "--force", str(backup)).returncode == 0


def _hold_a_lease(institution: Institution) -> None:
    with psycopg.connect(institution.settings[URL]) as connection:
        connection.execute("INSERT INTO leases (orcid, holder, epoch, free_at) VALUES ('x', 'somebody', 1, 9e9)")


def test_it_is_bound_to_another_client_by_word_alone(on_postgresql: Institution) -> None:
    """As a state in a file is."""
    on_postgresql.settings["ORCID_SYNC_CLIENT_ID"] = "APP-OTHER"

    assert on_postgresql.run("sync").returncode == 2
    assert on_postgresql.run("state", "rebind").returncode == 0
    assert on_postgresql.run("plan").returncode == 0
