"""`state backup -`: a backup that leaves nothing behind where there is no shell to delete it."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import COMMAND, Institution


@pytest.fixture(params=["sqlite", "postgresql"])
def at_work(institution: Institution, request: pytest.FixtureRequest) -> Institution:
    """An institution with one item that waits, on each kind of state in turn; what is temporary is in a folder."""
    if request.param == "postgresql":
        institution.settings["ORCID_SYNC_STATE_URL"] = request.getfixturevalue("postgres_url")
        institution.settings["TMPDIR"] = str(institution.folder / "tmp")
        (institution.folder / "tmp").mkdir()
    institution.json("replay", institution.log("one.jsonl", events.affiliation(person_id(1), "A-1")), code=3)
    return institution


def there(folder: Path) -> list[str]:
    """All that is in a folder and below."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if "state.db-" not in path.name)


def test_a_backup_on_stdout_can_be_restored_and_nothing_stays(at_work: Institution) -> None:
    """It is the same as a backup in a file."""
    before = there(at_work.folder)

    ran = at_work.run("state", "backup", "-")

    assert ran.returncode == 0, ran.stderr
    assert there(at_work.folder) == before
    assert ran.stderr.decode() == f"{len(ran.stdout)} bytes\n"
    backup = at_work.folder / "backup.db"
    backup.write_bytes(ran.stdout)
    at_work.settings["ORCID_SYNC_STATE_URL"] = f"sqlite:///{at_work.folder / 'other.db'}"
    assert at_work.run("state", "restore", str(backup)).returncode == 0
    assert at_work.json("status")["items"]["waiting"] == 1


def test_a_backup_goes_neither_to_a_terminal_nor_among_json(institution: Institution) -> None:
    """It is bytes, and all that is on standard output."""
    reading, terminal = pty.openpty()
    try:
        shown = subprocess.run(
            [COMMAND, "state", "backup", "-"],
            env=institution.environ(),
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(reading)
    mixed = institution.run("state", "backup", "-", "--json")

    assert (shown.returncode, mixed.returncode, mixed.stdout) == (2, 2, b"")
    assert b"standard output is a terminal" in shown.stderr
    assert b"standard output is the backup" in mixed.stderr


def test_who_reads_no_further_leaves_nothing_behind(at_work: Institution) -> None:
    """As when the connection to the cluster is lost."""
    before = there(at_work.folder)
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [COMMAND, "state", "backup", "-"],
        env=at_work.environ(),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert ran.returncode == 1
    assert b"Traceback" not in ran.stderr
    assert there(at_work.folder) == before
