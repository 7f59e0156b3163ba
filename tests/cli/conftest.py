"""An institution at work: the real command, a state of its own, and a stand-in over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from state.vault import new_key
from tests.benchmarks.institution import person_id
from tests.cli.preloaded import Preloaded
from tests.leaks.scanner import INPUTS
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, SandboxSettings
from worker.sandbox.server import RunningSandbox, start_sandbox

COMMAND = Path(sys.executable).parent / "orcid-sync"


@dataclass
class Institution:
    """Runs `orcid-sync` as an operator would."""

    folder: Path
    control: SandboxControl
    base_url: str
    preloaded: Preloaded
    settings: dict[str, str] = field(default_factory=dict)
    first_orcid: int = 0

    def environ(self) -> dict[str, str]:
        """The settings as environment variables."""
        return {
            "PATH": os.environ["PATH"],
            "ORCID_SYNC_API_URL": self.base_url,
            "ORCID_SYNC_AUTH_URL": self.base_url,
            "ORCID_SYNC_CLIENT_ID": CLIENT_ID,
            "ORCID_SYNC_CLIENT_SECRET": CLIENT_SECRET,
            "ORCID_SYNC_STATE_URL": f"sqlite:///{self.folder / 'state.db'}",
            "ORCID_SYNC_REQUESTS_PER_SECOND": "1000",
            "ORCID_SYNC_RETRY_BASE_SECONDS": "0.05",
            "ORCID_SYNC_RETRY_MAX_SECONDS": "0.5",
            **self.settings,
        }

    def run(self, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Runs a command to its end."""
        return self.preloaded.run(words, self.environ(), self.folder, stdin)

    def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        """Runs a command with --json, checks its exit code, and returns what it printed."""
        ran = self.run(*words, "--json")
        assert ran.returncode == code, ran.stdout.decode() + ran.stderr.decode()
        told: dict[str, Any] = json.loads(ran.stdout)
        return told

    def log(self, name: str, *events: dict[str, Any] | bytes) -> str:
        """Writes an event log; returns its path."""
        path = self.folder / name
        lines = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return str(path)

    @property
    def inputs(self) -> Path:
        """Where a test writes what has tokens in it: the one folder that is not scanned for leaks."""
        path = self.folder / INPUTS
        path.mkdir(exist_ok=True)
        return path

    def orcid(self, person: int) -> str:
        """The iD of the n-th person."""
        return orcid_id(self.first_orcid + person)

    def permit(self, *persons: int) -> None:
        """These people give permission, and it is imported."""
        path = self.inputs / "grants.jsonl"
        lines = [{"person_id": person_id(one), **self.control.grant(self.orcid(one))} for one in persons]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        imported = self.run("permission", "import", str(path))
        assert imported.returncode == 0, imported.stderr

    def titles(self, person: int) -> list[str]:
        """What stands on the person's record: works by title, employments by role."""
        found = []
        for item in self.control.record(self.orcid(person)).items:
            document = item.document
            found.append(
                str(document["role-title"] if "role-title" in document else document["title"]["title"]["value"])
            )
        return sorted(found)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[RunningSandbox]:
    """One stand-in for all; each test has records of its own."""
    with start_sandbox(settings=SandboxSettings(rate_limit=False)) as running:
        yield running


@pytest.fixture
def institution(
    tmp_path: Path, stand_in: RunningSandbox, preloaded: Preloaded, request: pytest.FixtureRequest
) -> Iterator[Institution]:
    """An institution with an empty state."""
    number = abs(hash(request.node.nodeid)) % 10**9
    with SandboxControl(stand_in.base_url) as control:
        control.reset_statistics()
        settings = {"ORCID_SYNC_VAULT_KEYS": new_key()}
        yield Institution(tmp_path, control, stand_in.base_url, preloaded, settings, first_orcid=number * 1000)
        control.clear_faults()
