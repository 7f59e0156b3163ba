"""What benchmarks run on: the stand-in without its limit, and commands that are timed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import monotonic, sleep

from state.vault import new_key
from tests.benchmarks.institution import person_id
from tests.benchmarks.usage import peak_memory
from tests.cli.preloaded import Preloaded
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID

COMMAND = Path(sys.executable).parent / "orcid-sync"
STOP_SECONDS = 30
LOOK_SECONDS = 0.02

UNHINDERED = {"ORCID_SYNC_REQUESTS_PER_SECOND": "10000", "ORCID_SYNC_BURST": "10000"}
"""ORCID's limit out of the way, so that what is measured is us."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended: what it printed, how long it took, its processor seconds, and its peak memory (MB)."""

    out: bytes
    code: int
    seconds: float
    processor: float
    memory: float


@dataclass
class Stage:
    """A stand-in, and an institution whose people get iDs that nobody had before."""

    folder: Path
    base_url: str
    control: SandboxControl
    preloaded: Preloaded
    stand_in: int
    """The process id of the stand-in."""
    keys: str = field(default_factory=new_key)
    _first: int = 10_000

    def environ(self, state_url: str, **more: str) -> dict[str, str]:
        """The settings as environment variables."""
        return {
            "PATH": os.environ["PATH"],
            "ORCID_SYNC_API_URL": self.base_url,
            "ORCID_SYNC_AUTH_URL": self.base_url,
            "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
            "ORCID_SYNC_STATE_URL": state_url,
            "ORCID_SYNC_VAULT_KEYS": self.keys,
            "ORCID_SYNC_LOG_LEVEL": "error",
            "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
            **UNHINDERED,
            **more,
        }

    def command(self, environ: Mapping[str, str], *words: str | Path, codes: Sequence[int] = (0,)) -> Ran:
        """Runs `orcid-sync` to its end; raises AssertionError for another exit code."""
        began, memory = monotonic(), 0.0
        with TemporaryFile() as printed:
            process = subprocess.Popen([COMMAND, *words], env=environ, stdout=printed)
            while True:  # looked at while it runs: what `wait4` tells is at least the memory of who started it
                memory = max(memory, peak_memory(process.pid))
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
                if ended:
                    break
                sleep(LOOK_SECONDS)
            printed.seek(0)
            out = printed.read()
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode in codes, f"{words[0]} ended with {process.returncode}: {out.decode()}"
        return Ran(out, process.returncode, monotonic() - began, usage.ru_utime + usage.ru_stime, memory)

    def arrange(self, environ: Mapping[str, str], *words: str) -> None:
        """Runs `orcid-sync` to its end where that is not what is measured."""
        ran = self.preloaded.run(words, environ, self.folder, None)
        assert ran.returncode == 0, ran.stderr.decode()

    def permit(self, environ: Mapping[str, str], people: int) -> None:
        """Everybody gives permission, on iDs that are new to the stand-in, and it is imported."""
        first, self._first = self._first, self._first + people
        grants = self.folder / f"grants-{first}.jsonl"
        with grants.open("w") as out:
            for person in range(people):
                response = self.control.grant(orcid_id(first + person))
                out.write(json.dumps({"person_id": person_id(person), **response}) + "\n")
        self.arrange(environ, "permission", "import", str(grants))


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage with nothing on it; nothing is left of it."""
    with TemporaryDirectory(prefix="orcid-sync-bench-") as folder:
        process = subprocess.Popen([COMMAND, "sandbox", "--port", "0", "--no-limit"], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().split()[3].rstrip(",;")
            with SandboxControl(base_url) as control, Preloaded() as preloaded:
                yield Stage(Path(folder), base_url, control, preloaded, process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, as deploy/README.md has it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
