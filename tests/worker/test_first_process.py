"""The first process of a container: Linux drops every signal that it does not handle."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from state.vault import new_key

UNSHARE = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child")


def _can_be_first() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not _can_be_first(), reason="no process may have a namespace of its own here")


def ended_by_signals(words: list[str], folder: Path) -> int:
    """Starts it as the first process of its namespace and tells it to end, again and again; how it ended."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "ORCID_SYNC_VAULT_KEYS": new_key(),
        "ORCID_SYNC_STATE_URL": f"sqlite:///{folder / 'state.db'}",
    }
    with subprocess.Popen([*UNSHARE, sys.executable, *words], env=environ, cwd=folder, stdin=subprocess.PIPE) as outer:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
        deadline = time.monotonic() + 20
        try:
            while outer.poll() is None and time.monotonic() < deadline:
                time.sleep(0.3)
                for child in children.read_text().split() if outer.poll() is None else ():
                    os.kill(int(child), signal.SIGTERM)
        finally:
            outer.kill()
    return outer.returncode


@needs_namespaces
def test_a_command_that_does_not_listen_yet_ends_when_it_is_told_to(tmp_path: Path) -> None:
    """Such as a daemon that is starting; this one reads from somebody who says nothing."""
    assert ended_by_signals(["-m", "worker", "permission", "import", "-"], tmp_path) == 128 + signal.SIGTERM


@needs_namespaces
def test_the_second_time_it_ends_at_once(tmp_path: Path) -> None:
    """Though its work does not come to ask whether it shall."""
    busy = "import time\nfrom worker.interrupts import Interrupts\nwith Interrupts().listening():\n    time.sleep(60)"

    assert ended_by_signals(["-c", busy], tmp_path) == 128 + signal.SIGTERM
