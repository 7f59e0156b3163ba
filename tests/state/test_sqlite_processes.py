"""Several processes on one SQLite state, and what a killed one leaves."""

import subprocess
import sys
import time
from pathlib import Path

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.whole import change_everything, whole
from tests.state.writer import ROUNDS

ROOT = Path(__file__).parents[2]
PROCESSES = 4


def start(what: str, path: Path, key: str) -> subprocess.Popen[str]:
    """A writer that does `what`."""
    command = [sys.executable, "-m", "tests.state.writer", what, str(path), key]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_processes_make_and_write_one_state_at_once(tmp_path: Path) -> None:
    """Without an error or a lost write, though the file is not even there when they start."""
    path, key = tmp_path / "state.db", new_key()

    writers = [start("count", path, key) for _ in range(PROCESSES)]
    ends = [(writer.communicate(timeout=120), writer.returncode) for writer in writers]

    assert ends == [(("", ""), 0)] * PROCESSES
    store = SqliteStore(path, Vault([key]), time.time)
    assert store.notes.get("count") == str(PROCESSES * ROUNDS)
    assert store.agenda.revision("p1") == PROCESSES * ROUNDS
    store.close()


def test_a_killed_process_leaves_nothing_half_written(tmp_path: Path) -> None:
    """`kill -9` in the middle of a transaction: the state is as it was, and can be written at once."""
    path, key = tmp_path / "state.db", new_key()
    store = SqliteStore(path, Vault([key]), lambda: 1_764_000_000.0)
    change_everything(store)
    before = whole(store)
    with start("hang", path, key) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        assert writer.stdout.readline() == "halfway\n", writer.stderr.read()
        assert whole(store) == before
        writer.kill()

    assert whole(store) == before
    assert store.notes.get("half 0") is None
    change_everything(store)
    store.close()

    again = SqliteStore(path, Vault([key]), lambda: 1_764_000_000.0)
    assert whole(again) != before
    assert again.notes.get("half 0") is None
    again.close()
