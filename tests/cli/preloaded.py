"""The command line, loaded once: each command is a fork of it, a process of its own as if started from a shell.

What a start costs is loading the program, most of a second; hundreds of commands would spend minutes on it.
"""

import gc
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.leaks.watch import WATCH

TIMEOUT = 120.0
CALLED = (
    "anyio._core._synchronization",
    "encodings.idna",
    "rich._emoji_codes",
    "state.moving.backup",
    "state.postgres.store",
    "worker.failures",
    "worker.replaying",
    "worker.reports.verified",
    "worker.sandbox.faults",
    "worker.serving",
    "worker.tracing.telemetry",
    "worker.verifying.verifying",
    "worker.watching.logs",
    "worker.web.server",
)
"""What commands load only when they are called."""


class Preloaded:
    """Starts the loaded command line, and runs commands in forks of it; usable as a context manager."""

    def __init__(self) -> None:
        """Loads the program."""
        self._server = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it; commands are over by then."""
        self._server.communicate(timeout=TIMEOUT)

    def run(
        self, words: Sequence[str], environ: Mapping[str, str], folder: Path, stdin: bytes | None
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a command to its end. What it reads and writes goes through files in `folder`."""
        return self.measured(words, environ, folder, stdin)[0]

    def measured(
        self, words: Sequence[str], environ: Mapping[str, str], folder: Path, stdin: bytes | None = None
    ) -> tuple[subprocess.CompletedProcess[bytes], float]:
        """The same, with the most memory that it had resident, in megabytes."""
        files = [folder / f".{name}-{time.monotonic_ns()}" for name in ("stdin", "stdout", "stderr")]
        files[0].write_bytes(stdin or b"")
        asked = {"words": list(words), "environ": dict(environ), "files": [str(one) for one in files]}
        with self._lock:
            _pipe(self._server.stdin).write(json.dumps(asked).encode() + b"\n")
            _pipe(self._server.stdin).flush()
            code, kilobytes = map(int, _pipe(self._server.stdout).readline().split())
        _, out, err = (one.read_bytes() for one in files)
        for one in files:
            one.unlink()
        WATCH.environment(environ)
        WATCH.put_out(f"stdout of {' '.join(words)}", out)
        WATCH.put_out(f"stderr of {' '.join(words)}", err)
        return subprocess.CompletedProcess(list(words), code, out, err), kilobytes / 1024


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def serve() -> None:
    """Reads commands, a line of JSON each, and answers with their exit codes and peaks of memory."""
    _load()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_command(asked))
        code, kilobytes = _ended(child)
        sys.stdout.write(f"{code} {kilobytes}\n")
        sys.stdout.flush()


def _load() -> None:
    """All that commands load when they are called; it stays where it is in memory, so that forks share it."""
    from importlib import import_module

    from sqlite_utils.plugins import ensure_plugins_loaded

    from mappers.vocabularies.languages import language_code
    from worker.cli.app import COMMANDS

    for module in COMMANDS.values():
        import_module(f"worker.cli.{module}")
    for module in CALLED:
        import_module(module)
    ensure_plugins_loaded()  # it looks through all that is installed
    language_code("eng", {})  # reads the table of languages
    gc.collect()
    gc.freeze()


def _command(asked: Mapping[str, Any]) -> int:
    """In the child: the streams and the environment are the command's own; returns its exit code."""
    from worker.cli.app import main

    flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for stream, (name, flag) in enumerate(zip(asked["files"], flags, strict=True)):
        os.dup2(os.open(name, flag, 0o600), stream)
    os.environ.clear()
    os.environ.update(asked["environ"])
    sys.argv = ["orcid-sync", *asked["words"]]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 - a traceback on stderr and code 1, as the interpreter does
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _ended(child: int) -> tuple[int, int]:
    """The exit code of a child, and its peak of memory in kilobytes; one that takes too long is killed."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss
        time.sleep(0.002)
    os.kill(child, 9)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss


if __name__ == "__main__":
    serve()
