"""A state that cannot be used: every command says so in one line, ends with exit code 1, and leaves it as it was."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from tests.cli.every_command import every_command, given_in
from tests.cli.troubled import Told, run_troubled

ASKING = [["status", "--json"], ["permission", "list", "--json"], ["export", person_id(1)]]
"""What a state holds, as far as it matters here."""

LOCKS = {
    "writes": "BEGIN IMMEDIATE",
    "keeps it to itself": "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM notes WHERE name = ''",
}
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2].split(";"):
    connection.execute(statement)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def shop(institution: Institution) -> Iterator[Institution]:
    """An institution with something in its state, in a folder that any user may enter."""
    with TemporaryDirectory(prefix="orcid-sync-trouble-") as name:
        institution.folder = Path(name)
        institution.folder.chmod(0o755)
        institution.settings |= {
            "ORCID_SYNC_REDIRECT_URI": "https://sync.example.edu/callback",
            "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
            "ORCID_SYNC_LOG_FORMAT": "json",
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        }
        institution.permit(1)
        institution.json("replay", institution.log("log.jsonl", events.affiliation(person_id(1), "A-1"), b"{}"), code=3)
        institution.log("more.jsonl", events.affiliation(person_id(1), "A-2", role_title="Reader"))
        institution.log("file", b"{}")
        shutil.rmtree(institution.inputs)
        yield institution


def use(shop: Institution, state: Path) -> None:
    """The settings name this state."""
    shop.settings["ORCID_SYNC_STATE_URL"] = f"sqlite:///{state}"


def moved(shop: Institution) -> Path:
    """The state in a folder of its own, which the settings name."""
    folder = shop.folder / "disk"
    folder.mkdir()
    state = (shop.folder / "state.db").rename(folder / "state.db")
    use(shop, state)
    return state


def commands(shop: Institution) -> list[list[str]]:
    """All that have to do with the state."""
    return every_command(given_in(shop.folder))


def refused(told: list[Told], state: Path, *words: str) -> list[Told]:
    """Those that did not end with one line about the state that has these words in it."""

    def is_right(one: Told) -> bool:
        (line, *more) = one.complaints or ("",)
        begins = line.startswith(f"orcid-sync: the state {state} ")
        return one.code == 1 and not more and not one.out and begins and all(word in line for word in words)

    return [one for one in told if not is_right(one)]


def test_a_full_disk(shop: Institution) -> None:
    """A real one, in memory. When there is room again, all is there."""
    state, disk = shop.folder / "state.db", shop.folder / "disk"
    disk.mkdir()
    before = [shop.run(*words).stdout.decode() for words in ASKING]
    use(shop, disk / "state.db")

    all_of_them = commands(shop)
    told = run_troubled(["full", str(disk), str(state)], all_of_them, shop.environ(), ASKING)

    assert refused(told[: len(all_of_them)], disk / "state.db", "full") == []
    assert [one.out for one in told[len(all_of_them) :]] == before


def test_a_full_disk_without_a_state(shop: Institution) -> None:
    """Nothing can be made there; with room again there is an empty state."""
    disk = shop.folder / "disk"
    disk.mkdir()
    use(shop, disk / "state.db")

    told = run_troubled(
        ["full", str(disk), str(shop.folder / "file")], [["status"], ["run"]], shop.environ(), [["status", "--json"]]
    )

    assert refused(told[:2], disk / "state.db", "full") == []
    assert json.loads(told[2].out)["dead_letters"] == 0


def test_a_disk_that_is_read_only(shop: Institution) -> None:
    """A real one; nothing is left beside the state."""
    state = moved(shop)
    before = state.read_bytes()

    told = run_troubled(["read-only-disk", str(state.parent)], commands(shop), shop.environ())

    assert refused(told, state, "allowed to write") == []
    assert list(state.parent.iterdir()) == [state]
    assert state.read_bytes() == before


def test_a_file_that_may_not_be_written(shop: Institution) -> None:
    """Who only looks is answered; who would write is told what to allow."""
    state = moved(shop)
    state.chmod(0o444)
    state.parent.chmod(0o777)
    before = state.read_bytes()

    told = run_troubled(["other-user"], ASKING, shop.environ())
    assert [(one.code, one.complaints) for one in told] == [(0, ())] * len(ASKING)
    writing = [["sync"], ["replay", str(shop.folder / "more.jsonl")], ["run"], ["permission", "rekey"], ["remap"]]
    told = run_troubled(["other-user"], writing, shop.environ())

    assert refused(told, state, "readonly", "allowed to write") == []
    assert state.read_bytes() == before


@pytest.mark.parametrize(
    ("file", "folder"), [pytest.param(0o666, 0o555, id="its folder"), pytest.param(0o600, 0o755, id="the file itself")]
)
def test_what_this_user_may_not_touch(shop: Institution, file: int, folder: int) -> None:
    """A state of somebody else, or in somebody else's folder."""
    if os.geteuid() != 0:
        pytest.skip("who is not root cannot make another user's files")
    state = moved(shop)
    state.chmod(file)
    state.parent.chmod(folder)

    told = run_troubled(["other-user"], [*ASKING, ["sync"], ["run"], ["web"]], shop.environ())

    assert refused(told, state, "allowed to write") == []
    assert list(state.parent.iterdir()) == [state]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_that_another_process_holds(shop: Institution, lock: str) -> None:
    """Longer than anybody waits. A state that is written to can be read meanwhile."""
    state = shop.folder / "state.db"
    words = [sys.executable, "-c", HOLDER, str(state), LOCKS[lock]]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            told = run_troubled(["impatient"], commands(shop), shop.environ())
        finally:
            holder.kill()

    answered = {one.words for one in told if one.code == 0}
    assert [one for one in told if one.code not in {0, 1} or len(one.complaints) != one.code] == []
    if lock == "writes":
        assert {"status", "held list", f"export {person_id(1)}"} <= answered
        assert not {"sync", "run", "remap", "permission rekey", f"forget {person_id(1)}"} & answered
    else:
        assert refused(told, state, "locked", "another process") == []
    assert shop.json("status")["items"]["in_sync"] == 1


def test_a_network_file_system(shop: Institution) -> None:
    """It is refused before anything is made there."""
    disk = shop.folder / "disk"
    disk.mkdir()
    mountinfo = shop.folder / "mountinfo"
    mountinfo.write_text(f"36 1 0:40 / {disk.resolve()} rw,relatime shared:1 - nfs4 server:/export rw,vers=4.2\n")
    use(shop, disk / "state.db")

    told = run_troubled(["network", str(mountinfo)], commands(shop), shop.environ())

    assert refused(told, disk / "state.db", "network file system", "nfs4") == []
    assert list(disk.iterdir()) == []


def no_database(state: Path) -> None:
    """Something else altogether."""
    state.write_text("Dear diary,\n" * 1000)


def half(state: Path) -> None:
    """What a copy that was broken off leaves."""
    os.truncate(state, state.stat().st_size // 2)


def another_program_s(state: Path) -> None:
    """A database, but not ours."""
    state.unlink()
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def newer(state: Path) -> None:
    """A later version migrated it."""
    step = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('orcid-sync', '9999_later', '')"
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute(step)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        pytest.param(no_database, "not a database", id="no database"),
        pytest.param(half, "malformed", id="cut short"),
        pytest.param(another_program_s, "another program's", id="another program's"),
        pytest.param(newer, "newer orcid-sync (9999_later)", id="newer"),
    ],
)
def test_a_file_that_is_no_state_of_ours(shop: Institution, spoil: Callable[[Path], None], word: str) -> None:
    """No command writes to it."""
    state = shop.folder / "state.db"
    spoil(state)
    before = state.read_bytes()

    told = run_troubled(["none"], commands(shop), shop.environ())

    assert refused(told, state, word) == []
    assert state.read_bytes() == before
