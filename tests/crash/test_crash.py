"""A process that dies anywhere is repaired by starting it again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.crash.scripts import SCRIPTS
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

SHARDS = 2
MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder is made in it
"""What is killed here is a process, not the machine: a file system in memory loses nothing by it, and is fast."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the states are kept."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY, prefix="orcid-sync-crash-") as name:
        yield Path(name)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("script", SCRIPTS)
def test_dying_before_or_after_any_port_call_leaves_each_item_there_exactly_once(
    script: str, folder: Path, told: list[str]
) -> None:
    """For every n of each script: killed before the n-th port call (so after the one before it), then started again."""
    with start_sandbox(settings=SandboxSettings(rate_limit=False)) as sandbox:
        command = [sys.executable, "-m", "tests.crash.scenario", script, sandbox.base_url, str(folder)]
        running = [
            subprocess.Popen(
                [*command, str(shard), str(SHARDS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for shard in range(SHARDS)
        ]
        outputs = [process.communicate() for process in running]
    for process, (_, errors) in zip(running, outputs, strict=True):
        assert process.returncode == 0, errors[-2000:]
    found = [json.loads(out) for out, _ in outputs]
    calls, deaths = found[0]["port_calls"], sum(one["deaths"] for one in found)
    told.append(f"{script}: died between any two of {calls} port calls: {deaths} deaths")
    assert [fault for one in found for fault in one["faults"]] == []
    assert max(one["overlaps"] for one in found) == 0
    assert deaths == calls + 1 > 200
