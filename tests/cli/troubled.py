"""Commands in trouble: a process that loads the command line, gets into the trouble, and runs each command in a fork.

Run as a program it reads a line of JSON, and prints the exit code and stderr of each command as another:

    {"trouble": ["full", FOLDER, FILE], "environ": {...}, "commands": [[...], ...], "afterwards": [[...], ...]}
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.cli.preloaded import _command, _load
from tests.leaks.watch import WATCH
from tests.small_disks import BALLAST, UNSHARED, can_mount, fill

NOBODY = 65_534
PATIENCE = 4.0
"""Seconds until a command that goes on (`run`, `web`) is told to stop."""


@dataclass(frozen=True)
class Told:
    """What a command said in the end."""

    words: str
    code: int
    complaints: tuple[str, ...]
    """Lines on stderr that are no log lines."""
    out: str


def run_troubled(
    trouble: Sequence[str],
    commands: Sequence[Sequence[str]],
    environ: Mapping[str, str],
    afterwards: Sequence[Sequence[str]] = (),
) -> list[Told]:
    """Runs the commands one after the other in a process that is in trouble, and some when the trouble is over.

    Skips the test where the trouble cannot be made.
    """
    alone = UNSHARED if trouble[0] in {"full", "read-only-disk"} else ()
    if alone and not can_mount():
        pytest.skip(f"{trouble[0]}: no disk can be mounted here (unshare --user --mount)")
    asked = {"trouble": trouble, "environ": dict(environ), "commands": commands, "afterwards": afterwards}
    ran = subprocess.run(
        [*alone, sys.executable, "-m", __name__], input=json.dumps(asked).encode(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    WATCH.put_out(f"commands with {trouble[0]}", ran.stdout)
    return [_told(one) for one in json.loads(ran.stdout)]


def _told(one: Mapping[str, Any]) -> Told:
    complaints = [line for line in one["err"].splitlines() if not line.startswith("{")]
    return Told(" ".join(one["words"]), one["code"], tuple(complaints), one["out"])


def main() -> None:
    """One line in, one line out."""
    asked = json.loads(sys.stdin.readline())
    _load()
    import_module("worker.daemon")  # another user may not be allowed to read what is loaded late
    name, *values = asked["trouble"]
    end = TROUBLES[name](*values)
    told = [_run(words, asked["environ"]) for words in asked["commands"]]
    end()
    told += [_run(words, asked["environ"]) for words in asked["afterwards"]]
    sys.stdout.write(json.dumps(told))


def _run(words: list[str], environ: dict[str, str]) -> dict[str, Any]:
    files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
    child = os.fork()
    if child == 0:
        names = [f"/proc/self/fd/{one}" for one in files]
        os._exit(_command({"words": words, "environ": environ, "files": names}))
    stop = threading.Timer(PATIENCE, os.kill, (child, signal.SIGTERM))
    stop.start()
    _, status = os.waitpid(child, 0)
    stop.cancel()
    _, out, err = (os.pread(one, 1_000_000, 0).decode() for one in files)
    for one in files:
        os.close(one)
    return {"words": words, "code": os.waitstatus_to_exitcode(status), "out": out, "err": err}


def _full(folder: str, source: str) -> Callable[[], None]:
    """The folder is a small disk with a copy of the state, and not a byte is free."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], check=True)
    shutil.copy(source, folder)
    fill(Path(folder))
    return (Path(folder) / BALLAST).unlink


def _read_only_disk(folder: str) -> Callable[[], None]:
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    return _nothing


def _other_user() -> Callable[[], None]:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return _nothing


def _impatient() -> Callable[[], None]:
    """Waits for another process's lock no longer than a moment."""
    from state.sqlite import engine as sqlite_engine

    sqlite_engine.BUSY_SECONDS = 0.3
    return _nothing


def _network(mountinfo: str) -> Callable[[], None]:
    from state.sqlite import engine as sqlite_engine

    sqlite_engine.MOUNTS = Path(mountinfo)
    return _nothing


def _nothing() -> None:
    """It is not over before the process is."""


TROUBLES: Mapping[str, Callable[..., Callable[[], None]]] = {
    "none": lambda: _nothing,
    "full": _full,
    "read-only-disk": _read_only_disk,
    "other-user": _other_user,
    "impatient": _impatient,
    "network": _network,
}

if __name__ == "__main__":
    main()
