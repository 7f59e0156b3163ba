"""deploy/examples: what an operator copies works as it stands."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mappers.mapping_file import parse_mapping
from state.vault import new_key
from tests.docs import readme
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.server import RunningSandbox, start_sandbox
from worker.settings.settings import load_settings

COMMAND = Path(sys.executable).parent / "orcid-sync"
TOOLS = ("bash", "curl", "openssl", "sed", "tr")

needs_tools = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
SETTINGS = readme.EXAMPLES / "settings.toml"
LOG = readme.EXAMPLES / "events.jsonl"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder to work in that looks like the repository, and is none."""
    (tmp_path / "deploy").symlink_to(readme.ROOT / "deploy")
    return tmp_path


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """The stand-in, as it comes."""
    with start_sandbox() as running:
        yield running


def test_the_mapping_file_parses() -> None:
    """It names an organization, units and sources."""
    mapping = parse_mapping((readme.EXAMPLES / "mapping.toml").read_text("utf-8"))

    assert mapping.organization is not None
    assert set(mapping.units) == {"PHYS", "COAST"}
    assert set(mapping.sources) == {json.loads(line)["source"] for line in LOG.read_text("utf-8").splitlines()}


def test_the_settings_file_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong with it, it sends nothing as it stands, and it is ORCID's sandbox that it names."""
    monkeypatch.chdir(readme.ROOT)

    settings = load_settings({}, SETTINGS, ("client_id",))

    assert settings.send == "off"
    assert not settings.is_production
    assert settings.mapping_file is not None


def test_the_log_replays_without_sending(place: Path) -> None:
    """Every event is taken, and no item of it is refused."""
    environ = {"PATH": os.environ["PATH"], "ORCID_SYNC_VAULT_KEYS": new_key()}
    ran = subprocess.run(
        [COMMAND, "--config", SETTINGS, "replay", "--no-send", "--json", LOG],
        env=environ,
        cwd=place,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr.decode()
    told = json.loads(ran.stdout)
    assert (told["events"], told["dead_letters"], told["items"]["refused"], told["items"]["waiting"]) == (8, 0, 0, 6)


@needs_tools
def test_the_rehearsal_of_the_readme_works(place: Path, sandbox: RunningSandbox) -> None:
    """Its lines, typed one after the other, bring the sample events onto a record; then nothing is left to send."""
    script = _script(sandbox.base_url)

    ran = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", script],
        env={"PATH": f"{COMMAND.parent}:{os.environ['PATH']}"},
        cwd=place,
        capture_output=True,
        timeout=120,
        check=False,
    )

    out = ran.stdout.decode()
    assert ran.stderr == b"", out
    assert re.findall(r"calls: (.*?);", out) == ["none", "2 POST, 1 POST_BULK", "none"]
    with SandboxControl(sandbox.base_url) as control:
        items = control.record("0000-0002-1825-0097").items
    assert sorted(item.section for item in items) == ["employment", "employment", "work", "work"]


def _script(base_url: str) -> str:
    """The second shell's lines up to where something is broken on purpose."""
    first, second = readme.blocks("sh", readme.section("Rehearse on your own machine"))[1:3]
    lines = [line for line in f"{first}\n{second}".splitlines() if not line.startswith("export PATH")]
    return "\n".join(lines).replace("http://127.0.0.1:8765", base_url)


@needs_tools
def test_what_the_readme_breaks_can_be_broken(sandbox: RunningSandbox) -> None:
    """The stand-in takes what README sends to its control API."""
    lines = readme.blocks("sh", readme.section("Rehearse on your own machine"))[-2].splitlines()
    with SandboxControl(sandbox.base_url) as control:
        control.create_record("0000-0002-1825-0097")
    calls = [line.replace("http://127.0.0.1:8765", sandbox.base_url).replace("curl -s", "curl -sf") for line in lines]

    codes = [subprocess.run(["bash", "-c", call], capture_output=True, check=False).returncode for call in calls]

    assert len(codes) == 4
    assert codes == [0] * 4
